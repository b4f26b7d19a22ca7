"""A trace as the rows of a call tree."""

from __future__ import annotations

import json
from decimal import Decimal

from agentops_eval.domain import Failure, Label
from agentops_eval.traces import (
    calls_json,
    derive,
    observe,
    price_of,
    view_rows,
    view_totals,
)
from agentops_eval.traces._cost import Price
from tests.traces._kit import Events, calls, chat_exchange, refund_run, reply, tool_answer

ASK = [{"role": "user", "content": "Hi"}]


def desk():
    events = Events()
    inner = events.handoff("billing", "go")
    events.chat(ASK, parent=inner)
    events.tool("pay", {"amount": 5}, Failure(kind="CardDeclined", module="shop", message=""))
    events.http(chat_exchange(ASK, "x")[0], reply({"choices": []}))
    return events.all


def test_rows_are_the_tree_depth_first():
    """Each call has its depth, kind, title and one line that tells it."""
    rows = view_rows(derive(desk(), agent="desk", case="c"))
    assert [(row.depth, row.kind, row.title) for row in rows] == [
        (0, "agent", "agent desk"),
        (1, "agent", "agent billing"),
        (2, "llm", "llm gpt-test"),
        (1, "tool", "tool pay"),
        (1, "llm", "llm gpt-test"),
    ]
    assert rows[3].detail == "tool pay(amount=5) -> error CardDeclined"
    assert (rows[3].failed, rows[3].note, rows[0].failed) == (True, "CardDeclined", False)


def test_tokens_stand_on_llm_calls_only_and_unknown_is_none():
    """A call whose usage is unknown shows none, not 0."""
    rows = view_rows(derive(desk(), agent="desk", case="c"))
    assert [row.input_tokens for row in rows] == [None, None, 10, None, None]


def test_totals_count_tokens_once():
    """Sums are over llm calls; those without usage are counted as missing."""
    totals = view_totals(derive(desk(), agent="desk", case="c"))
    assert (totals.llm_calls, totals.tool_calls, totals.failed_calls) == (2, 1, 1)
    assert (totals.input_tokens, totals.output_tokens, totals.without_usage) == (10, 5, 1)


def test_without_a_price_the_cost_is_unknown():
    """No price table, or an llm that it does not know: the cost is None, never 0."""
    trace = derive(refund_run(), agent="a", case="c")
    assert price_of(trace.spans[1]) is None
    assert view_totals(trace).cost is None
    assert view_totals(trace).without_cost == 3


def test_costs_are_summed_exactly():
    """A price function gives amounts as decimals."""
    trace = derive(refund_run(), agent="a", case="c")
    totals = view_totals(trace, price=lambda span: Price(amount=Decimal("0.1"), source="test"))
    assert (totals.cost, totals.without_cost) == (Decimal("0.3"), 0)


def test_durations_and_labels_come_from_a_recording():
    """A golden's clock is logical; durations are laid beside it by span id."""
    events = refund_run()
    trace = derive(events, agent="a", case="c")
    seen = observe(events, agent="a", case="c")
    durations = {span_id: one.duration_ms for span_id, one in seen.items()}
    rows = view_rows(trace, durations_ms=durations, labels={trace.spans[1].span_id: Label.REPLAYED})
    assert [row.duration_ms for row in rows] == [5000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0]
    assert (rows[1].note, rows[2].note) == ("replayed", "")
    assert view_rows(trace)[1].duration_ms is None


def test_the_view_is_json_for_scripts():
    """Every value is plain JSON, and the keys are these."""
    calls = json.loads(json.dumps(calls_json(derive(desk(), agent="desk", case="c"))))
    assert [call["call"] for call in calls] == list(range(len(calls)))
    assert sorted(calls[0]) == [
        "call",
        "content",
        "cost_usd",
        "depth",
        "detail",
        "duration_ms",
        "input_tokens",
        "kind",
        "label",
        "output_tokens",
        "span_id",
        "status",
        "title",
    ]


def test_details_tell_every_kind_of_call():
    """One line per call, for people."""
    events = Events()
    events.chat([*ASK, calls(("c", "get", {"id": 1})), tool_answer("c", "found")], [("d", "pay", {"sum": 5})])
    events.human("pay", {"sum": 5}, "approved")
    events.handoff("audit", "check it")
    rows = view_rows(derive(events.all, agent="desk", case="c"))
    assert [row.detail for row in rows] == [
        "agent desk",
        'llm gpt-test tool "found" -> calls pay(sum=5)',
        'human pay({"sum":5}) -> approved',
        'agent audit("check it")',
    ]
