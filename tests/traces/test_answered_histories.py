"""Histories of every shape: each tool call that they tell of was executed once, and is found once."""

from __future__ import annotations

from typing import Any

import pytest

from agentops_eval.domain import Seam, ToolRequest, ValueReply
from agentops_eval.traces import answered_calls, synthesise
from agentops_eval.traces.audit import audit
from tests.traces._live import Live
from tests.traces.test_answered import USER, answer, ask, chat

OTHER = {"role": "user", "parts": [{"type": "text", "content": "Order 8, too."}]}


def pair(call_id: str | None, order: int, response: str) -> list[Any]:
    return [ask(call_id, order=order), answer(call_id, response)]


def both(*asked: dict[str, Any]) -> dict[str, Any]:
    """One message that asks for several tools."""
    return {"role": "assistant", "parts": [one["parts"][1] for one in asked]}


def in_full() -> Live:
    live, history = Live(), [USER]
    for number in (1, 2, 3):
        chat(live, 100 * number, history, ask("c1", order=number))
        history = [*history, *pair("c1", number, f"r{number}")]
    chat(live, 900, history)
    chat(live, 950, history)
    return live


def in_a_window() -> Live:
    live = Live()
    chat(live, 0, [USER], ask("c1", order=1))
    chat(live, 100, [USER, *pair("c1", 1, "r1")], ask("c1", order=2))
    chat(live, 200, [USER, *pair("c1", 2, "r2")], ask("c1", order=3))
    chat(live, 300, [*pair("c1", 2, "r2"), *pair("c1", 3, "r3")])
    return live


def in_a_window_without_ids() -> Live:
    live = Live()
    chat(live, 0, [USER], ask(None, order=1))
    chat(live, 100, [USER, *pair(None, 1, "r1")], ask(None, order=2))
    chat(live, 200, [*pair(None, 1, "r1"), *pair(None, 2, "r2")], ask(None, order=3))
    chat(live, 300, [answer(None, "r1"), *pair(None, 2, "r2"), *pair(None, 3, "r3")])
    return live


def cut_off_before_the_calls() -> Live:
    live = Live()
    chat(live, 0, [USER], ask("c1", order=1))
    chat(live, 100, [answer("c1", "r1")], ask("c1", order=2))
    chat(live, 200, [answer("c1", "r2")], ask("c1", order=3))
    chat(live, 300, [answer("c1", "r3")])
    return live


def of_two_conversations() -> Live:
    live = Live()
    chat(live, 0, [USER], ask("c1", order=1))
    chat(live, 10, [OTHER], ask("c1", order=2))
    chat(live, 100, [OTHER, *pair("c1", 2, "r2")], ask("c2", order=3))
    chat(live, 110, [USER, *pair("c1", 1, "r1")])
    chat(live, 200, [OTHER, *pair("c1", 2, "r2"), *pair("c2", 3, "r3")])
    return live


def that_branch() -> Live:
    live, shared = Live(), [USER, *pair("c1", 1, "r1")]
    chat(live, 0, [USER], ask("c1", order=1))
    chat(live, 100, shared, ask("c2", order=2))
    chat(live, 110, shared, ask("c3", order=3))
    chat(live, 200, [*shared, *pair("c2", 2, "r2")])
    chat(live, 210, [*shared, *pair("c3", 3, "r3")])
    return live


def answered_out_of_order() -> Live:
    live = Live()
    asked = both(ask("a", order=1), ask("b", order=2), ask("c", order=3))
    told = [answer("c", "r3"), answer("a", "r1"), answer("b", "r2")]
    chat(live, 0, [USER], asked)
    chat(live, 100, [USER, asked, *told])
    chat(live, 200, [USER, asked, *told, *told])
    return live


RUNS = [
    in_full,
    in_a_window,
    in_a_window_without_ids,
    cut_off_before_the_calls,
    of_two_conversations,
    that_branch,
    answered_out_of_order,
]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_every_call_is_found_once(run: Any) -> None:
    """By who answers for it, and by an import, which replays what was answered."""
    normal = run().normal
    calls = answered_calls(normal.trace.spans)
    told = [(call.arguments, call.answer.get("response")) for call in calls]
    assert sorted(told, key=repr) == [({"order": number}, f"r{number}") for number in (1, 2, 3)]
    assert all(call.asked_by for call in calls)
    assert len(audit(normal, effects=("refund",)).records) == 3
    events = [event for event in synthesise(normal).events if event.seam is Seam.TOOL]
    replayed = [
        (dict(event.request.arguments), event.outcome.value)
        for event in events
        if isinstance(event.request, ToolRequest) and isinstance(event.outcome, ValueReply)
    ]
    assert sorted(replayed, key=repr) == sorted(told, key=repr)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
@pytest.mark.parametrize("named", [True, False], ids=["id", "no id"])
def test_a_call_that_a_span_tells_of_is_not_told_twice(run: Any, named: bool) -> None:
    """Of calls that share an id a span tells of the one with its arguments."""
    live = run()
    call = next(one for one in answered_calls(live.normal.trace.spans) if one.arguments == {"order": 2})
    told = {"gen_ai__tool__call__arguments": '{"order": 2}', "gen_ai__tool__call__result": '"r2"'}
    live.tool("refund", at=150, gen_ai__tool__call__id=(call.call_id or "x") if named else None, **told)
    left = answered_calls(live.normal.trace.spans)
    assert sorted(repr(one.arguments) for one in left) == ["{'order': 1}", "{'order': 3}"]
    tools = [event for event in synthesise(live.normal).events if event.seam is Seam.TOOL]
    assert len(tools) == 3


def test_a_span_without_a_result_is_completed_by_the_answer() -> None:
    """An import knows the result from what the llm was told, and misses nothing."""
    live = Live()
    chat(live, 0, [USER], ask("c1", order=1))
    live.tool("refund", at=50, gen_ai__tool__call__id="c1", gen_ai__tool__call__arguments='{"order": 1}')
    chat(live, 100, [USER, *pair("c1", 1, "r1")])
    made = synthesise(live.normal)
    assert [event.boundary for event in made.events] == ["llm", "refund", "llm"]
    assert made.gaps == []
