"""A trace under another name: the same behaviour, with the ids that follow from the new one."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import Attribute, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import shown
from agentops_eval.traces._ids import restructure
from agentops_eval.traces._text import well_formed


def case_and_agent(trace: Trace) -> tuple[str, str]:
    """Which case a trace is of, and what its agent is called."""
    agent = shown(trace.spans[0], sc.AGENT_NAME) if trace.spans else ""
    return str(trace.resource.get(sc.AGENTOPS_CASE, "")), agent


def retitled_trace(trace: Trace, *, case: str, agent: str) -> Trace:
    """The trace as one of ``case`` and ``agent``."""
    agent = well_formed(agent)
    names: dict[str, Attribute] = {sc.SERVICE_NAME: agent, sc.AGENTOPS_CASE: well_formed(case)}
    root, *calls = trace.spans
    root = replace(
        root,
        name=f"{sc.INVOKE_AGENT} {agent}".rstrip(),
        attributes={**root.attributes, sc.AGENT_NAME: agent},
    )
    return restructure(replace(trace, spans=(root, *calls), resource={**trace.resource, **names}))
