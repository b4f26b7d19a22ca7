"""What operations count of one run, from its normalised trace."""

from __future__ import annotations

from agentops_eval.domain import RunFacts, Span, StepFacts
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, number_of, shown
from agentops_eval.traces._attribution import Attribution, told_by
from agentops_eval.traces._cost import Pricer, cost_of
from agentops_eval.traces._error_class import error_class
from agentops_eval.traces._money import total_money
from agentops_eval.traces._spans import LLM, step_type, took_ns
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.levels._degraded import degraded_of
from agentops_eval.traces.levels._ending import Ending, ending_of, root_of

_SUCCESS = {Ending.COMPLETED: True, Ending.FAILED: False}


def facts_of(
    run: NormalTrace,
    *,
    price: Pricer = cost_of,
    attribution: Attribution = Attribution(),  # noqa: B008  # frozen
    by: str = "agent",
    at_s: float | None = None,
) -> RunFacts | None:
    """The facts of a run; its cost is unknown where that of any llm call is, its group is its root's ``by``.

    None where nobody can say when it was: its clock is logical and ``at_s`` (seconds since 1970) does not
    say it either, or its own end is not in the trace. Raises what the pricer raises.
    """
    root = root_of(run)
    began_s = None if root is None else at_s if sc.is_logical(root.start_ns) else root.start_ns / 1e9
    if root is None or began_s is None:
        return None
    ending = ending_of(run)
    prices = [price(span) for span in run.trace.spans if step_type(span) == LLM]
    known = total_money(one.amount for one in prices if one is not None)
    group = told_by(run, attribution.of(by)).get(root.span_id)
    return RunFacts(
        at_s=began_s,
        succeeded=_SUCCESS.get(ending),
        infrastructure=ending is Ending.INFRASTRUCTURE,
        degraded=degraded_of(run),
        cost_usd=None if None in prices else float(known or 0),
        took_s=_seconds(took_ns(root)),
        steps=tuple(_step(span) for span in run.trace.spans),
        group="" if group is None else group.value or "",
        trace=run.trace.trace_id,
    )


def _step(span: Span) -> StepFacts:
    kind, took = step_type(span), _seconds(took_ns(span))
    if kind == "human" and sc.AGENTOPS_HITL_WAIT_MS in span.attributes:
        waited = number_of(span, sc.AGENTOPS_HITL_WAIT_MS)
        took = None if waited is None else float(waited) / 1e3
    name = shown(span, sc.TOOL_NAME) if kind == "tool" else ""
    error = error_class(span).value if failed(span) else ""
    return StepFacts(kind=kind, name=name, took_s=took, error=error)


def _seconds(ns: int | None) -> float | None:
    return None if ns is None else ns / 1e9
