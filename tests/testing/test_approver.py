"""The scripted approver answers, refuses, changes, stays silent, or comes too late."""

from __future__ import annotations

import pytest

from agentops_eval import approve, approve_async
from agentops_eval.domain import ApprovalRequest
from agentops_eval.testing import ApprovalRule, ScriptedApprover


def _request(deadline_s: float | None = 60.0) -> ApprovalRequest:
    return ApprovalRequest(action="grant_discount", details={"percent": 25}, deadline_s=deadline_s)


def test_the_first_rule_that_fits_answers() -> None:
    """Rules are tried in order, and what was asked is kept."""
    approver = ScriptedApprover(
        (
            ApprovalRule(when=lambda r: r.action == "refund", answer="approved"),
            ApprovalRule(answer="rejected", reason="too much"),
        )
    )
    assert approver(_request()) == ("rejected", "too much")
    assert approver.asked == (_request(),)


@pytest.mark.parametrize(
    ("approver", "answer"),
    [
        (ScriptedApprover.approving("fine"), ("approved", "fine")),
        (ScriptedApprover.rejecting(), ("rejected", "")),
        (ScriptedApprover.silent(), None),
        (ScriptedApprover((ApprovalRule(answer="approved", after_s=61),)), None),
        (ScriptedApprover((ApprovalRule(answer="approved", after_s=59),)), ("approved", "")),
    ],
)
def test_ready_made_approvers(approver: ScriptedApprover, answer: object) -> None:
    """Approving, rejecting, silent, late and timely approvers answer as they are called."""
    assert approver(_request()) == answer


def test_an_answer_may_take_any_time_without_a_deadline() -> None:
    """Where there is no deadline, no answer is too late."""
    approver = ScriptedApprover((ApprovalRule(answer="approved", after_s=10_000),))
    assert approver(_request(None)) == ("approved", "")


async def test_approve_takes_its_answers() -> None:
    """approve() and approve_async() take a scripted approver as the person to ask."""
    less = ScriptedApprover((ApprovalRule(answer="modified", reason="less", details={"percent": 15}),))
    answer = approve("grant_discount", details={"percent": 25}, deadline_s=5, ask=less)
    assert (answer.status, answer.approved, answer.details) == ("modified", True, {"percent": 15})
    refused = await approve_async("grant_discount", deadline_s=5, ask=ScriptedApprover.rejecting("no"))
    assert (refused.approved, refused.reason) == (False, "no")
    silent = approve("grant_discount", deadline_s=0.01, ask=ScriptedApprover.silent())
    assert silent.status == "timeout"
