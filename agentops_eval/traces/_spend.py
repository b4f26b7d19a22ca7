"""What a run spent, as its trace tells it; what it does not tell is unknown, and is no 0."""

from __future__ import annotations

from collections import Counter

from agentops_eval.domain import Spend, Trace
from agentops_eval.traces._answered import answered_calls
from agentops_eval.traces._attributes import failed
from agentops_eval.traces._cost import Pricer, cost_of
from agentops_eval.traces._plain_run import plain_repeats
from agentops_eval.traces._spans import LLM, step_type, took_ns
from agentops_eval.traces.dialects import normal_of
from agentops_eval.traces.levels._bill import Bill, bill_of
from agentops_eval.traces.levels._waste import waste_of

_TOOL, _HUMAN, _HTTP = "tool", "human", "http"


def spend_of(trace: Trace, *, price: Pricer | None = None) -> Spend:
    """What a run spent: money, tokens, time and steps.

    A call that several instrumentations tell of counts once. Tokens are None where those of any llm call
    are not told, and the cost where any call's price is not known (``price``; by default what the trace
    tells, else the public table). A run without llm calls spent no tokens, unless it has HTTP calls, any of
    which may be one. ``tool_calls`` counts calls that only messages tell of, too; ``steps`` are llm calls,
    tool calls and questions to people; ``retries`` are llm calls that repeat a conversation and tool calls
    that repeat a failed one.

    ``latency_s`` is from the start of the run's root to its end, in seconds; of several roots from the first
    start to the last end. It is None where the clock is logical, as in goldens and in the trace of a replay:
    a replay takes no time that says anything of the agent. Who runs an agent live measures it.
    """
    if not trace.spans:
        return Spend()
    # A price of the caller's may go by anything in a span, which is then in the conventions' words.
    repeats = plain_repeats(trace) if price is None else None
    if repeats is not None:
        return _spend(trace, cost_of, answered=0, retries=repeats)
    run = normal_of(trace)
    answered, retries = len(answered_calls(run.trace.spans)), len(waste_of(run).retried)
    return _spend(run.trace, price or cost_of, answered=answered, retries=retries)


def _spend(trace: Trace, price: Pricer, *, answered: int, retries: int) -> Spend:
    """What the spans of a run come to; ``answered`` are calls of tools that have none."""
    kinds = Counter(map(step_type, trace.spans))
    bills = (
        bill_of(span, price(span), failed=failed(span)) for span in trace.spans if step_type(span) == LLM
    )
    bill = sum(bills, Bill())
    nothing = not bill.llm_calls and not kinds[_HTTP]
    took = _took_ns(trace)
    tools = kinds[_TOOL] + answered
    return Spend(
        cost_usd=0.0 if nothing else None if bill.without_cost or bill.cost is None else float(bill.cost),
        input_tokens=0 if nothing else _whole(bill.input_tokens, bill),
        output_tokens=0 if nothing else _whole(bill.output_tokens, bill),
        latency_s=None if took is None else took / 1e9,
        llm_calls=bill.llm_calls,
        tool_calls=tools,
        steps=bill.llm_calls + tools + kinds[_HUMAN],
        retries=retries,
    )


def _took_ns(trace: Trace) -> int | None:
    """From the first start to the last end of what has no parent, where all of it has a real clock."""
    roots = [span for span in trace.spans if not span.parent_id]
    if not roots or any(took_ns(span) is None for span in roots):
        return None
    return max(span.end_ns for span in roots) - min(span.start_ns for span in roots)


def _whole(tokens: int | None, bill: Bill) -> int | None:
    """A sum in which nothing is missing."""
    return None if bill.without_usage else tokens
