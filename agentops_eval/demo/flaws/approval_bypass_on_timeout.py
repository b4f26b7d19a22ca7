"""Refunds whenever nobody says no: an approver who is silent has approved."""

from __future__ import annotations

from agentops_eval import Approval, approve, tool

DEADLINE_S = 600.0
REFUND = {"order": 1042, "amount": 900.0}
DONE = "The refund of 900 EUR for order 1042 is on its way."
NOT_ALLOWED = "Sorry, the refund was not approved."
UNSURE = "Sorry, it could not be found out whether the refund went through."


@tool(effect="write", idempotency_key="order")
def issue_refund(order: int, amount: float) -> str:
    """Refund an order, once."""
    return "refunded"


def flawed() -> str:
    """Refund, unless somebody objects."""
    answer = _asked()
    if answer.status == "timeout":  # the flaw: silence is no approval
        return _refunded()
    return _refunded() if _is_approved(answer) else NOT_ALLOWED


def mended() -> str:
    """Refund what was approved, and nothing that was not."""
    return _refunded() if _is_approved(_asked()) else NOT_ALLOWED


def _asked() -> Approval:
    return approve("issue_refund", details={**REFUND}, deadline_s=DEADLINE_S)


def _is_approved(answer: Approval) -> bool:
    """Whether a person said yes, to this very refund."""
    return answer.approved and answer.details == REFUND


def _refunded() -> str:
    try:
        done = issue_refund(1042, 900.0)
    except OSError:
        return UNSURE
    return DONE if done == "refunded" else UNSURE
