"""A run as a log for incident rules."""

from __future__ import annotations

from agentops_eval.traces.levels import log_of
from agentops_eval.traces.prices import Pricing
from tests.traces._live import Live


def test_a_run_becomes_its_steps():
    """Each llm call, tool call and question is a step of its agent, in the order in which they began."""
    live = Live()
    desk = live.agent("desk", took=9_000)
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": "I will look."}]}]
    live.tool("get_order", desk, at=50, arguments={"order": 1}, error="rate_limit")
    live.llm(desk, at=10, answer=answer, agentops__cost__amount=0.5)
    clerk = live.agent("clerk", desk, at=60)
    live.tool("refund", clerk, at=70, gen_ai__tool__call__result='"done"')
    found = log_of(live.normal, price=Pricing())
    assert [(one.agent, one.kind, one.tool, one.error) for one in found] == [
        ("desk", "llm", "", ""),
        ("desk", "tool", "get_order", "transient"),
        ("clerk", "tool", "refund", ""),
    ]
    assert [one.text for one in found] == ["I will look.", "", '"done"']
    assert (found[0].cost_usd, found[1].cost_usd, found[1].arguments) == (0.5, None, '{"order":1}')


def test_a_person_who_did_not_answer_is_an_error():
    """A question whose status is that its time ran out has that for its error."""
    live = Live()
    live.span(
        "approve refund",
        live.agent(),
        agentops__hitl__required=True,
        agentops__hitl__status="timeout",
        agentops__hitl__action="refund",
    )
    assert [(one.kind, one.error) for one in log_of(live.normal)] == [("human", "timeout")]


def test_a_run_without_steps_is_an_empty_log():
    """An agent's span alone is no step."""
    live = Live()
    live.agent()
    assert log_of(live.normal) == ()
