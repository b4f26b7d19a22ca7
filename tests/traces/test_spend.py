"""What a run spent, by its trace."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from agentops_eval.domain import Spend, Trace
from agentops_eval.traces import Price, spend_of
from tests.traces._live import Live


def penny(span):
    """Every call costs a cent."""
    return Price(amount=Decimal("0.01"), source="test")


def a_run() -> Live:
    live = Live()
    root = live.agent(took=2500)
    live.llm(root, at=0, took=100, asks="hi", tokens=(100, 10))
    live.span("execute_tool refund", root, at=200, took=5, gen_ai__operation__name="execute_tool",
              gen_ai__tool__name="refund", gen_ai__tool__call__arguments="{}", error="timeout")  # fmt: skip
    live.span("execute_tool refund", root, at=300, took=5, gen_ai__operation__name="execute_tool",
              gen_ai__tool__name="refund", gen_ai__tool__call__arguments="{}")  # fmt: skip
    live.llm(root, at=400, took=100, asks="done", tokens=(200, 20))
    return live


def test_everything_is_counted_once():
    """Money, tokens, the root's time, calls, steps, and the tool call that repeats a failed one."""
    assert spend_of(a_run().normal.trace, price=penny) == Spend(
        cost_usd=0.02,
        input_tokens=300,
        output_tokens=30,
        latency_s=2.5,
        llm_calls=2,
        tool_calls=2,
        steps=4,
        retries=1,
    )


def test_a_call_that_two_instrumentations_tell_of_counts_once():
    """The inner span of the same llm call adds no tokens."""
    live = Live()
    outer = live.llm(live.agent(), tokens=(100, 10), took=50)
    live.llm(outer, tokens=(100, 10), at=1, took=40)
    spent = spend_of(live.normal.trace, price=penny)
    assert (spent.llm_calls, spent.input_tokens, spent.cost_usd) == (1, 100, 0.01)


@pytest.mark.parametrize(
    ("tokens", "found"),
    [
        pytest.param((100, 10), (200, 20), id="told"),
        pytest.param((None, 10), (None, None), id="input-untold"),
        pytest.param((None, None), (None, None), id="untold"),
    ],
)
def test_tokens_that_a_call_does_not_tell_make_the_sum_unknown(tokens, found):
    """A sum in which something is missing is no sum."""
    live = Live()
    root = live.agent()
    live.llm(root, tokens=(100, 10), asks="a")
    live.llm(root, tokens=tokens, asks="b", at=10)
    spent = spend_of(live.normal.trace)
    assert (spent.input_tokens, spent.output_tokens) == found


def test_a_price_that_is_not_known_makes_the_cost_unknown():
    """One call without a price is enough."""
    live = Live()
    root = live.agent()
    live.llm(root, asks="a", llm="acme-1")
    live.llm(root, asks="b", llm="acme-2", at=10)
    known = spend_of(
        live.normal.trace,
        price=lambda span: penny(span) if span.attributes["gen_ai.request.model"] == "acme-1" else None,
    )
    assert known.cost_usd is None


def test_a_logical_clock_tells_no_latency():
    """In goldens and replays times count steps."""
    trace = a_run().normal.trace
    first = trace.spans[0].start_ns
    logical = Trace(
        spans=tuple(
            replace(span, start_ns=span.start_ns - first, end_ns=span.end_ns - first) for span in trace.spans
        )
    )
    assert spend_of(logical, price=penny) == replace(spend_of(trace, price=penny), latency_s=None)


def test_several_roots_are_one_run():
    """Without a span around it, a run lasts from its first start to its last end."""
    live = Live()
    live.llm(at=0, took=100)
    live.llm(at=1900, took=100)
    assert spend_of(live.normal.trace).latency_s == 2.0


def test_an_empty_trace_tells_nothing():
    """Unknown is not zero."""
    assert spend_of(Trace()) == Spend()


def test_a_run_without_llm_calls_spent_no_tokens_unless_it_has_http_calls():
    """An HTTP call may have been one to an llm that we cannot read."""
    live = Live()
    root = live.agent()
    alone = spend_of(live.normal.trace)
    assert (alone.cost_usd, alone.input_tokens, alone.llm_calls) == (0.0, 0, 0)
    live.span("POST", root, http__request__method="POST")
    called = spend_of(live.normal.trace)
    assert (called.cost_usd, called.input_tokens, called.llm_calls) == (None, None, 0)


def test_tool_calls_that_only_messages_tell_of_count():
    """An export of a plain SDK client has no spans of tools."""
    asked = {"type": "tool_call", "id": "c1", "name": "refund", "arguments": {}}
    answered = {"type": "tool_call_response", "id": "c1", "response": "ok"}
    live = Live()
    root = live.agent()
    live.llm(root, gen_ai__output__messages=json.dumps([{"role": "assistant", "parts": [asked]}]))
    messages = [{"role": "assistant", "parts": [asked]}, {"role": "tool", "parts": [answered]}]
    live.llm(root, at=20, gen_ai__input__messages=json.dumps(messages))
    spent = spend_of(live.normal.trace)
    assert (spent.tool_calls, spent.steps) == (1, 3)
