"""Tool calls of which only messages tell, as in exports of plain SDK clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agentops_eval.traces import Told, answered_calls
from agentops_eval.traces.audit import AuditRecord, audit
from agentops_eval.traces.lint import LintConfig, lint
from agentops_eval.traces.prices import Pricing
from tests.traces._live import T0, Live

USER = {"role": "user", "parts": [{"type": "text", "content": "Order 7 is broken."}]}


def ask(call_id: str | None, name: str = "refund", order: int = 7) -> dict[str, Any]:
    part = {"type": "tool_call", "name": name, "arguments": {"order": order}}
    told = part if call_id is None else {**part, "id": call_id}
    return {"role": "assistant", "parts": [{"type": "text", "content": "I pay it back."}, told]}


def answer(call_id: str | None, response: Any = "paid", **more: Any) -> dict[str, Any]:
    part = {"type": "tool_call_response", "response": response, **more}
    return {"role": "tool", "parts": [part if call_id is None else {**part, "id": call_id}]}


def chat(live: Live, at: float, history: list[Any], said: Any = None, parent: Any = None) -> Any:
    """An llm call that was told a history."""
    told = {"gen_ai__input__messages": json.dumps(history)}
    return live.llm(parent, at=at, took=10, answer=None if said is None else [said], **told)


def plain(*, call_id: str | None = "c1", approved: bool = False) -> Live:
    """A run of a plain SDK client: a refund is asked for and answered, and three calls repeat it."""
    live = Live()
    chat(live, 0, [USER], ask(call_id))
    if approved:
        told = {"agentops__hitl__action": "refund", "agentops__hitl__status": "approved"}
        live.span("agentops.hitl_checkpoint", at=20, took=30, **told)
    history = [USER, ask(call_id), answer(call_id)]
    for number in (1, 2, 3):
        chat(live, 100 * number, [*history, *([USER] * (number - 1))], None)
    return live


def only(live: Live, *effects: str) -> AuditRecord:
    (record,) = audit(live.normal, effects=effects, price=Pricing()).records
    return record


@pytest.mark.parametrize("call_id", ["c1", None])
def test_an_answered_call_without_a_span_is_audited_once(call_id: str | None):
    """It has a record with what the messages hold, at the llm call that asked, however often repeated."""
    live = plain(call_id=call_id)
    asker = live.normal.trace.spans[0]
    record = only(live, "refund")
    assert (record.told_by, record.span_id, record.kind) == ("llm messages", asker.span_id, "tool")
    assert (record.action, record.arguments, record.result) == ("refund", {"order": 7}, "paid")
    assert (record.decision.reason, record.decision.llm) == ("I pay it back.", "acme-1")
    assert (record.started_ns, record.took_ns, record.effect_told_by) == (T0 + 10 * 10**6, None, "user")


def test_what_is_only_asked_for_is_no_action():
    """A call that nothing answers was not executed, as far as the run tells."""
    live = Live()
    chat(live, 0, [USER], ask("c1"))
    chat(live, 100, [USER])
    assert answered_calls(live.normal.trace.spans) == ()


@pytest.mark.parametrize(
    ("status", "spanned", "action", "ran"),
    [
        ("rejected", True, "refund", False),
        ("timeout", True, "refund", False),
        ("approved", True, "refund", True),
        ("rejected", False, "refund", True),
        ("rejected", True, "discount", True),
    ],
)
def test_what_a_person_refused_did_not_run(status: str, spanned: bool, action: str, ran: bool):
    """Where the tools of a run have spans, a refused call without one was not executed: no rule is broken."""
    live = Live()
    chat(live, 0, [USER], ask("c1"))
    told = {"agentops__hitl__action": action, "agentops__hitl__status": status}
    live.span("agentops.hitl_checkpoint", at=20, took=30, **told)
    if spanned:
        live.tool("look", at=60, took=5)
    chat(live, 100, [USER, ask("c1"), answer("c1", "not approved")])
    assert bool(answered_calls(live.normal.trace.spans)) is ran
    lacking = status != "approved" and action == "refund"
    assert ("AL403" in lint(live.normal).counts) is (ran and lacking)


@pytest.mark.parametrize("call_id", ["c1", None])
def test_a_call_with_a_span_is_told_by_its_span(call_id: str | None):
    """An execution with the call's id, or one of its name without an id, is the call, told once."""
    live = plain()
    live.tool("refund", at=50, gen_ai__tool__call__id=call_id, agentops__tool__effect="write")
    (record,) = audit(live.normal).records
    assert record.told_by == "span"


def test_an_effect_that_nothing_tells_is_a_gap():
    """A tool of messages only is not taken for harmless in silence; a hand-off is no tool."""
    (gap,) = audit(plain().normal).gaps
    assert (gap.field, "--effect refund" in gap.fix) == ("effect", True)
    live = Live()
    live.agent("billing", at=50)
    chat(live, 0, [USER], ask("c1", "transfer_to_billing"))
    chat(live, 100, [USER, ask("c1", "transfer_to_billing"), answer("c1")])
    assert audit(live.normal).gaps == ()


def test_an_effect_that_another_call_of_the_tool_tells_holds():
    """Where one call of a tool has a span with its effect, its call without a span has it too."""
    live = plain()
    live.tool("refund", at=500, gen_ai__tool__call__id="c9", agentops__tool__effect="write")
    told = {(one.told_by, one.effect_told_by) for one in audit(live.normal).records}
    assert told == {("span", "trace"), ("llm messages", "trace")}


def test_a_failed_answer_is_an_error():
    """What the agent marked as an error in the conversation is the record's."""
    live = Live()
    chat(live, 0, [USER], ask("c1"))
    chat(live, 100, [USER, ask("c1"), answer("c1", "no such order", is_error=True)])
    record = only(live, "refund")
    assert (record.error, record.result) == ("tool_error", "no such order")


def test_equal_calls_without_ids_are_told_apart_by_position():
    """Two equal calls in one conversation are two actions; each history repeats both."""
    live = Live()
    one = [USER, ask(None), answer(None)]
    chat(live, 0, [USER], ask(None))
    chat(live, 100, one, ask(None))
    chat(live, 200, [*one, ask(None), answer(None)])
    assert len(audit(live.normal, effects=["refund"]).records) == 2


def test_a_conversation_that_goes_on_in_another_trace_tells_a_call_once():
    """Where each llm call is a trace of its own, the first that was told the answer stands for the call."""
    told, found = Told(), []
    for number in range(3):
        live = Live()
        history = [USER] if not number else [USER, ask("c1"), answer("c1"), *([USER] * number)]
        chat(live, 100 * number, history, None if number else ask("c1"))
        found.append(answered_calls(live.normal.trace.spans, told=told))
    assert [len(calls) for calls in found] == [0, 1, 0]
    assert found[1][0].asked_by is None


def test_lint_asks_for_an_approval_of_calls_without_a_span():
    """A destructive tool that only messages tell of needs an approval between question and answer."""
    config = LintConfig(destructive_tools=("refund",))
    (finding,) = (one for one in lint(plain().normal, config=config).findings if one.rule == "AL401")
    assert finding.span_id == plain().normal.trace.spans[0].span_id
    assert "AL401" not in lint(plain(approved=True).normal, config=config).counts
    assert lint(plain().normal).counts["AL005"] == 1


def test_lint_finds_a_call_without_a_span_that_was_refused():
    """Where the person refused, an answered call is one that ran against the answer."""
    live = plain()
    told = {"agentops__hitl__action": "refund", "agentops__hitl__status": "rejected"}
    live.span("agentops.hitl_checkpoint", at=20, took=30, **told)
    assert lint(live.normal).counts["AL403"] == 1
