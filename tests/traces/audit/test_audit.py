"""An action's record: who, on whose authority, why, approved by whom, and what it changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import SpanKind
from agentops_eval.traces.audit import AuditRecord, Gap, RunAudit, audit
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.prices import Pricing
from tests.examples import examples
from tests.traces._live import T0, Live, calls
from tests.traces.dialects._kit import Run

WRITE = {"agentops__tool__effect": "write"}


def audited(live: Live, *effects: str) -> RunAudit:
    return audit(live.normal, effects=effects, price=Pricing())


def only(live: Live, *effects: str) -> AuditRecord:
    (record,) = audited(live, *effects).records
    return record


def told() -> Live:
    """A run that tells everything that an auditor asks."""
    live = Live(resource={"enduser.id": "u-1"})
    lead = live.agent("lead", gen_ai__agent__id="a-1", took=9000)
    clerk = live.agent("clerk", lead, at=10, took=8000, agentops__handoff__sender="lead")
    live.tool("get_order", clerk, at=20, took=5, agentops__tool__effect="read")
    live.span("retrieval", clerk, at=30, gen_ai__operation__name="retrieval", gen_ai__data_source__id="kb")
    answer = calls(("c1", "refund"), text="It came broken.")
    live.llm(clerk, at=40, took=10, answer=answer, agentops__cost__amount=0.25)
    live.span(
        "agentops.hitl_checkpoint",
        clerk,
        at=60,
        took=20,
        agentops__hitl__action="refund",
        agentops__hitl__status="approved",
        agentops__hitl__approver_hash="p-9",
        agentops__hitl__policy="refunds",
        agentops__hitl__wait_ms=1500,
    )
    live.tool(
        "refund",
        clerk,
        at=100,
        took=7,
        arguments={"order": 7},
        gen_ai__tool__call__id="c1",
        gen_ai__tool__call__result='{"id": 1}',
        agentops__tool__idempotency_key="k-7",
        **WRITE,
    )
    return live


def test_everything_that_is_told_is_in_the_record():
    """A run that tells all leaves no gap."""
    found = audited(told())
    assert found.gaps == ()
    (record,) = found.records
    assert (record.action, record.effect, record.effect_told_by) == ("refund", "write", "trace")
    assert [(one.name, one.agent_id, one.sender) for one in record.chain] == [
        ("lead", "a-1", None),
        ("clerk", None, "lead"),
    ]
    assert (record.root, record.authority, record.authority_told_by) == (
        "invoke_agent lead",
        "u-1",
        "enduser.id",
    )
    assert (record.decision.reason, record.decision.stated_by) == ("It came broken.", "llm text")
    assert (record.decision.llm, record.arguments, record.result) == ("acme-1", {"order": 7}, {"id": 1})
    assert [(one.kind, one.name) for one in record.touched] == [("tool", "get_order"), ("data source", "kb")]
    assert record.approval is not None
    assert (record.approval.status, record.approval.approver, record.approval.wait_ms) == (
        "approved",
        "p-9",
        1500,
    )
    assert (record.approval.policy, record.approval.joined) == ("refunds", "name")
    assert (record.idempotency_key, record.error, str(record.cost)) == ("k-7", None, "0.25")
    assert (record.started_ns, record.took_ns) == (T0 + 100 * 10**6, 7 * 10**6)


def test_what_is_not_told_is_none_and_a_gap():
    """A bare call of a tool tells its name and effect; each other field is a gap with a way to mend it."""
    live = Live()
    span = live.tool("refund", **WRITE)
    found = audited(live)
    fields = "initiator authority reason arguments result approval idempotency_key cost"
    assert [gap.field for gap in found.gaps] == fields.split()
    assert all(gap.why and gap.fix and gap.span_id == span.span.span_id for gap in found.gaps)
    (record,) = found.records
    assert (record.chain, record.authority, record.decision.reason, record.approval) == ((), None, None, None)


@pytest.mark.parametrize("effect", ["read", "READ", "none", "read-only"])
def test_tools_that_only_read_are_no_actions(effect: str):
    """A tool that says that it changes nothing has no record and no gap."""
    live = Live()
    live.tool("find", agentops__tool__effect=effect)
    assert audited(live) == RunAudit(trace_id="ab" * 16, records=(), gaps=(), tools=frozenset({"find"}))


def test_a_tool_that_tells_no_effect_is_a_gap_until_the_user_names_it():
    """Nothing is taken for harmless in silence; a named tool is an action on the user's word."""
    live = Live()
    live.tool("pay")
    live.tool("pay")
    (gap,) = audited(live).gaps
    assert (gap.field, "--effect pay" in gap.fix) == ("effect", True)
    records = audited(live, "pay").records
    assert [(one.effect, one.effect_told_by) for one in records] == [("write", "user")] * 2


def test_an_http_request_that_writes_is_an_action():
    """POST and its kin count; not GET, nor what was asked of the agent, nor what carries other calls."""
    live = Live()
    root = live.agent()

    def post(parent: Any, method: str = "POST") -> str:
        return live.span("request", parent, kind=SpanKind.CLIENT, http__request__method=method).span.span_id

    wanted = [post(root), post(root, "DELETE"), post(live.tool("find", root, agentops__tool__effect="read"))]
    post(root, "GET")
    live.span("POST /chat", root, kind=SpanKind.SERVER, http__request__method="POST")
    post(live.llm(root))
    post(live.span("inner", live.tool("pay", root, **WRITE)))
    post(live.tool("search", root, mcp__method__name="tools/call", agentops__tool__effect="read"))
    found = [one for one in audited(live).records if one.kind == "http"]
    assert {one.span_id for one in found} == set(wanted)
    assert {one.effect_told_by for one in found} == {"http method"}


def test_a_stated_decision_is_taken_before_the_llms_words():
    """agentops.decision.* on the action, its llm call or its step says what was chosen, and why."""
    live = Live()
    root = live.agent()
    live.llm(root, at=1, answer=calls(("c1", "pay"), text="words"))
    decided = {
        "agentops__decision__type": "tool",
        "agentops__decision__options": ("pay", "ask"),
        "agentops__decision__chosen": "pay",
        "agentops__decision__reason": "it is due",
        "agentops__decision__confidence": 0.9,
    }
    step = live.span("step", root, at=9, **decided)
    live.tool("pay", step, at=10, gen_ai__tool__call__id="c1", **WRITE)
    decision = only(live).decision
    assert (decision.chosen, decision.options, decision.type) == ("pay", ("pay", "ask"), "tool")
    assert (decision.reason, decision.stated_by, decision.confidence) == ("it is due", "decision", 0.9)
    assert decision.span_id == step.span.span_id


def test_a_decision_beside_the_action_is_found_by_what_it_chose():
    """The latest decision of the agent that names the tool is the action's; others are not."""
    live = Live()
    root = live.agent()
    live.span("plan", root, at=1, agentops__decision__chosen="pay", agentops__decision__reason="old")
    live.span("plan", root, at=3, agentops__decision__chosen="pay", agentops__decision__reason="it is due")
    live.span("plan", root, at=5, agentops__decision__chosen="ask", agentops__decision__reason="no")
    live.tool("pay", root, at=10, **WRITE)
    assert only(live).decision.reason == "it is due"


def test_the_llm_call_is_found_by_id_else_by_name():
    """The call whose answer holds the tool call's id; without ids the agent's latest that names the tool."""
    live = Live()
    root = live.agent()
    live.llm(root, at=1, answer=calls(("c1", "pay"), text="first"))
    live.llm(root, at=3, answer=calls(("c2", "pay"), text="second"))
    live.tool("pay", root, at=10, gen_ai__tool__call__id="c1", **WRITE)
    live.llm(root, at=20, answer=calls(("c3", "send"), text="third"))
    live.tool("send", root, at=30, **WRITE)
    assert [one.decision.reason for one in audited(live).records] == ["first", "third"]


def test_thoughts_are_a_reason_where_nothing_was_said():
    """An llm that only thought has its thought quoted, and labelled as such."""
    live = Live()
    parts = [{"type": "reasoning", "content": "due"}, {"type": "tool_call", "id": "c1", "name": "pay"}]
    live.llm(at=1, answer=[{"role": "assistant", "parts": parts}])
    live.tool("pay", at=10, gen_ai__tool__call__id="c1", **WRITE)
    decision = only(live).decision
    assert (decision.reason, decision.stated_by) == ("due", "llm reasoning")


def checkpoint(live: Live, parent: Any, at: float, action: str = "pay", status: str = "approved") -> None:
    told = {"agentops__hitl__action": action, "agentops__hitl__status": status}
    live.span("agentops.hitl_checkpoint", parent, at=at, **told)


def approval_gaps(found: RunAudit) -> list[Gap]:
    return [gap for gap in found.gaps if gap.field == "approval"]


def test_one_approval_is_good_for_one_action():
    """A second action needs a question of its own; a retry with the same arguments does not."""
    live = Live()
    root = live.agent()
    checkpoint(live, root, 1)
    live.tool("pay", root, at=10, arguments={"n": 1}, error="timeout", **WRITE)
    live.tool("pay", root, at=20, arguments={"n": 1}, **WRITE)
    live.tool("pay", root, at=30, arguments={"n": 2}, **WRITE)
    found = audited(live)
    assert [one.approval is not None for one in found.records] == [True, True, False]
    assert len(approval_gaps(found)) == 1


def test_an_approval_that_came_after_is_none():
    """What a person said later did not allow the action."""
    live = Live()
    root = live.agent()
    live.tool("pay", root, at=10, **WRITE)
    checkpoint(live, root, 20)
    assert only(live).approval is None


@pytest.mark.parametrize("status", ["rejected", "timeout", "pending", ""])
def test_acting_without_a_yes_is_a_gap(status: str):
    """An answer other than approved or modified does not allow the action."""
    live = Live()
    root = live.agent()
    checkpoint(live, root, 1, status=status)
    live.tool("pay", root, at=10, **WRITE)
    (gap,) = approval_gaps(audited(live))
    assert "although the answer was" in gap.why


def test_an_approval_of_something_else_is_shown_and_is_a_gap():
    """The question just before an action may have been about it; as it names another, that is doubted."""
    live = Live()
    root = live.agent()
    checkpoint(live, root, 1, action="large payment")
    live.tool("pay", root, at=10, **WRITE)
    found = audited(live)
    (record,) = found.records
    assert record.approval is not None
    assert (record.approval.joined, record.approval.asked) == ("before", "large payment")
    (gap,) = approval_gaps(found)
    assert "agentops.hitl.action = pay" in gap.fix


@pytest.mark.parametrize(
    ("status", "answer", "gaps"),
    [
        ("approved", None, ["amount"]),
        ("modified", '{"amount": 5000}', []),
        ("modified", "{}", ["amount"]),
    ],
    ids=["approved", "modified", "modified-in-nothing"],
)
def test_doing_something_else_than_was_approved_is_a_gap(status: str, answer: str | None, gaps: list[str]):
    """An action whose arguments differ from what the person saw, or answered, names them, and no value."""
    live = Live()
    root = live.agent()
    told = {"agentops__hitl__details": '{"amount": 50, "to": "x"}', "agentops__hitl__answer": answer}
    named = {"agentops__hitl__action": "pay", "agentops__hitl__status": status}
    live.span("agentops.hitl_checkpoint", root, at=1, **named, **told)
    live.tool("pay", root, at=10, arguments={"amount": 5000, "to": "x"}, **WRITE)
    found = [gap.why for gap in approval_gaps(audited(live))]
    assert [f"the person was shown another {gap} than it was done with" for gap in gaps] == found


def test_a_question_inside_the_tool_belongs_to_it():
    """A tool that asks before it acts has its own answer."""
    live = Live()
    pay = live.tool("pay", at=10, took=100, **WRITE)
    checkpoint(live, pay, 20, action="anything")
    approval = only(live).approval
    assert approval is not None
    assert approval.joined == "inside"


@pytest.mark.parametrize(
    "told",
    [
        {"agent.step_type": "tool_call", "agent.tool_name": "pay", "agent.approval_status": "approved"},
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "pay",
            "agentops.hitl.status": "approved",
        },
    ],
    ids=["hand-written", "ours"],
)
def test_a_tools_own_span_may_tell_its_approval(told: dict[str, Any]):
    """Teams that keep the answer on the tool's span are understood; how long it took is not known then."""
    run = Run(scope="made")
    run.add("pay", {**told, "agentops.tool.effect": "write"})
    (record,) = audit(normalise(run.trace)).records
    assert record.approval is not None
    assert (record.approval.status, record.approval.joined, record.approval.wait_ms) == (
        "approved",
        "inside",
        None,
    )


@pytest.mark.parametrize(
    ("given_name", "attributes"),
    [
        ("openinference", {"openinference.span.kind": "TOOL", "tool.name": "pay"}),
        ("openllmetry", {"traceloop.span.kind": "tool", "traceloop.entity.name": "pay"}),
        ("hand-written", {"agent.step_type": "tool_call", "agent.tool_name": "pay"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_tools_of_any_dialect_are_audited(given_name: str, attributes: dict[str, Any]):
    """An effect that a team adds to its framework's spans makes actions of them."""
    run = Run(scope="made")
    run.add("pay", {**attributes, "agentops.tool.effect": "external", "user.id": "u-1"})
    (record,) = audit(normalise(run.trace)).records
    assert (record.action, record.effect, record.authority) == ("pay", "external", "u-1"), given_name


def test_huge_arguments_are_told_by_their_digest():
    """A record holds at most 64 KiB of arguments; of longer ones it holds a digest."""
    live = Live()
    live.tool("pay", arguments={"n": "x" * 100_000}, **WRITE)
    arguments = only(live).arguments
    assert isinstance(arguments, dict)
    assert set(arguments) == {"$sha256", "$characters"}


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
KEYS = st.sampled_from(
    """agentops.decision.reason agentops.decision.options agentops.decision.chosen agentops.authority
    agentops.hitl.status agentops.hitl.action agentops.hitl.wait_ms agentops.tool.effect
    agentops.cost.amount gen_ai.tool.call.id gen_ai.tool.call.arguments gen_ai.output.messages
    gen_ai.tool.name gen_ai.operation.name http.request.method gen_ai.agent.name""".split()
)


@examples(150)
@given(st.lists(st.tuples(st.dictionaries(KEYS, JUNK, max_size=8), st.integers(0, 9), st.integers(-5, 50))))
def test_no_trace_breaks_the_audit(spans: list[tuple[dict[str, Any], int, int]]):
    """Whatever attributes hold, there are records that JSON can carry, in the order of their start."""
    from agentops_eval.traces.audit import gap_json, record_json

    live = Live()
    made: list[Any] = [None]
    for attributes, parent, took in spans:
        above = made[parent % len(made)]
        kept = {key.replace(".", "__"): value for key, value in attributes.items()}
        made.append(live.span("x", above, at=len(made), took=took, **kept))
    if not spans:
        return
    found = audit(live.normal, effects=["pay"], price=Pricing())
    starts = [one.started_ns or 0 for one in found.records]
    assert starts == sorted(starts)
    json.dumps([*map(record_json, found.records), *map(gap_json, found.gaps)])
