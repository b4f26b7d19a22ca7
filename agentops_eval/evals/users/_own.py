"""What of a run is the agent's own: without what was asked on behalf of a simulated user."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import Trace
from agentops_eval.evals.users._talk import SIMULATED_USER
from agentops_eval.traces import semconv as sc


def without_user(trace: Trace) -> Trace:
    """The trace without the hand-offs to the simulated user and all that lies below them.

    Costs, calls and steps of the rest are the agent's own.
    """
    gone = {
        span.span_id
        for span in trace.spans
        if span.parent_id and span.attributes.get(sc.AGENT_NAME) == SIMULATED_USER
    }
    if not gone:
        return trace
    kept = []
    for span in trace.spans:  # depth first: a parent comes before its children
        if span.parent_id in gone or span.span_id in gone:
            gone.add(span.span_id)
        else:
            kept.append(span)
    return replace(trace, spans=tuple(kept))
