"""What the audit of actions finds, beside what other groups find of the same action."""

from __future__ import annotations

import pytest

from agentops_eval.domain import SpanKind
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.levels import Attribution
from tests.traces.lint._runs import Run, spelled

PLAIN = {
    sc.OPERATION_NAME: None,
    sc.TOOL_NAME: None,
    sc.TOOL_CALL_ID: None,
    sc.AGENTOPS_TOOL_EFFECT: None,
    sc.HTTP_REQUEST_METHOD: "POST",
}
OTHER = {sc.TOOL_NAME: "cancel_order", sc.TOOL_CALL_ID: "c2"}


def found(run: Run, **config: object) -> set[str]:
    return {rule for rule in run.lint(**config).counts if rule.startswith("AL0")}


def test_a_tool_that_is_destructive_by_name_is_audited():
    """A pattern of the configuration tells its effect; nothing is asked of what has none."""
    run = Run().set("tool", {sc.AGENTOPS_TOOL_EFFECT: None, sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY: None})
    assert found(run) == {"AL005"}
    assert found(run, destructive_tools=("ref*",)) == {"AL004"}


def test_authority_is_missed_once_in_a_run():
    """Two actions without it are one note, at the first of them."""
    run = Run().set("agent", {sc.AGENTOPS_AUTHORITY: None}).add("tool").at("more", 305, 309)
    (missed,) = (one for one in run.lint().findings if one.rule == "AL002")
    assert missed.span_id == run.spans["tool"].span_id


def test_authority_is_looked_for_where_the_project_says():
    """The attributes of the setting count, and no others then."""
    told = Attribution(names={"authority": ("acme.mandate",)})
    assert found(Run(), attribution=told) == {"AL002"}
    assert found(Run().set("agent", {"acme.mandate": "m-1"}), attribution=told) == set()


@pytest.mark.parametrize("status", ["rejected", "timeout", None])
def test_what_a_person_did_not_grant_is_found_by_the_other_group_only(status):
    """No approval, and one that was refused, are no findings of the audit."""
    run = Run().set("human", {sc.AGENTOPS_HITL_STATUS: status, sc.AGENTOPS_HITL_DETAILS: '{"order": 8}'})
    assert found(run) == set()
    assert "AL403" in run.lint().counts
    assert found(run.without("human")) == set()


def test_an_approval_of_another_tool_is_found_once():
    """Where it names a tool that ran, the action has no approval at all, and that is told."""
    run = Run().set("human", {sc.AGENTOPS_HITL_ACTION: "cancel_order"})
    run.add("tool", OTHER, name="execute_tool cancel_order").at("more", 305, 309)
    assert "AL401" in run.lint().counts
    assert "AL007" not in found(run)


def test_an_approval_of_another_action_is_told_where_no_other_rule_judges_the_effect():
    """An effect in words of the sender's is audited, though group 4 does not ask for its approval."""
    run = Run().set("human", {sc.AGENTOPS_HITL_ACTION: "cancel_order"})
    run.add("tool", {**OTHER, sc.AGENTOPS_TOOL_EFFECT: "read"}, name="execute_tool cancel_order")
    run.at("more", 305, 309).set("tool", {sc.AGENTOPS_TOOL_EFFECT: "publish"})
    assert found(run) == {"AL007"}


def test_a_decision_without_its_reason_is_found_once():
    """The decision's own rule tells it; the action behind it is not told again."""
    run = Run().set("chat", {sc.AGENTOPS_DECISION_REASON: None})
    assert "AL304" in run.lint().counts
    assert found(run) == set()


def test_what_changed_is_named_and_its_value_is_not():
    """Values may be secret; the names of the arguments are enough to look."""
    given = {"order": 7, "to": "DE02-1234", "note": "x"}
    run = Run().set("tool", {sc.TOOL_CALL_ARGUMENTS: spelled(given)})
    run.set("human", {sc.AGENTOPS_HITL_DETAILS: spelled({**given, "to": "DE02-9999", "order": 8})})
    (told,) = (one for one in run.lint().findings if one.rule == "AL006")
    assert "another order, to than refund was done with" in told.message
    assert "DE02" not in told.message


@pytest.mark.parametrize(("kind", "missed"), [(SpanKind.CLIENT, {"AL001"}), (SpanKind.SERVER, set())])
def test_a_request_is_an_action_of_who_sends_it(kind, missed):
    """A POST that no agent sent is told; the one that a server was asked for is no action of its agents."""
    run = Run().without("served", "human", "tool").add("agent", PLAIN, name="POST /run", kind=kind)
    run.set("more", {sc.AGENT_NAME: None})
    assert found(run, ignore=("AL003", "AL005")) == missed


def test_a_goldens_authority_is_not_missed():
    """Goldens leave it out, since it differs from run to run."""
    run = Run().set("agent", {sc.AGENTOPS_AUTHORITY: None})
    for number, name in enumerate(run.spans):
        run.set(name, start_ns=number * 10 + 1, end_ns=number * 10 + 2)
    run.set("agent", end_ns=10**6)
    assert "AL002" not in found(run)
