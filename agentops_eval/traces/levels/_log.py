"""A run as the log that rules for incidents read: one step for each llm call, tool call and question."""

from __future__ import annotations

from agentops_eval.domain import LogStep, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, shown, text_of
from agentops_eval.traces._attribution import Attribution, told_by
from agentops_eval.traces._cost import Pricer, cost_of
from agentops_eval.traces._draft_scenario import said_in
from agentops_eval.traces._error_class import error_class
from agentops_eval.traces._spans import LLM, step_type
from agentops_eval.traces.dialects import NormalTrace

_STEPS = (LLM, "tool", "human", "http")
_NO_ANSWER = ("timeout", "expired")


def log_of(
    run: NormalTrace,
    *,
    price: Pricer = cost_of,
    attribution: Attribution = Attribution(),  # noqa: B008  # frozen
) -> tuple[LogStep, ...]:
    """The steps of a run in the order in which they began, each with the agent that it belongs to.

    A step's text is what the llm said, or what the tool gave. What the trace does not hold is empty. Harms
    are for others to show. Raises what the pricer raises.
    """
    agents = told_by(run, attribution.of("agent"))
    spans = sorted(
        run.trace.spans, key=lambda span: span.start_ns
    )  # stable: a parent stays before its children
    steps = []
    for span in spans:
        kind = step_type(span)
        if kind in _STEPS:
            agent = agents.get(span.span_id)
            cost = price(span) if kind == LLM else None
            steps.append(
                LogStep(
                    agent="" if agent is None else agent.value,
                    kind=kind,
                    text=said_in(span) if kind == LLM else shown(span, sc.TOOL_CALL_RESULT),
                    tool=shown(span, sc.TOOL_NAME),
                    arguments=shown(span, sc.TOOL_CALL_ARGUMENTS),
                    error=_error(span),
                    cost_usd=None if cost is None else float(cost.amount),
                )
            )
    return tuple(steps)


def _error(span: Span) -> str:
    """The class of its error; of a question that nobody answered in time, its status."""
    if text_of(span, sc.AGENTOPS_HITL_STATUS) in _NO_ANSWER:
        return text_of(span, sc.AGENTOPS_HITL_STATUS)
    return error_class(span).value if failed(span) else ""
