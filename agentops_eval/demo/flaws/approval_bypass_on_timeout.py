"""Refunds whenever nobody says no: an approver who is silent has approved."""

from __future__ import annotations

from agentops_eval import approve, tool

DEADLINE_S = 3600.0
DONE = "The refund of 900 EUR for order 1042 is on its way."
NOT_ALLOWED = "Sorry, the refund was not approved."
UNSURE = "Sorry, it could not be found out whether the refund went through."


@tool(effect="write", idempotency_key="order")
def issue_refund(order: int, amount: float) -> str:
    """Refund an order, once."""
    return "refunded"


def flawed() -> str:
    """Refund, unless somebody objects."""
    answer = approve("issue_refund", details={"order": 1042, "amount": 900.0}, deadline_s=DEADLINE_S)
    if answer.status == "rejected":  # the flaw: silence is no rejection
        return NOT_ALLOWED
    return _refunded(900.0)


def mended() -> str:
    """Refund what was approved, and nothing that was not."""
    answer = approve("issue_refund", details={"order": 1042, "amount": 900.0}, deadline_s=DEADLINE_S)
    details = answer.details
    if not answer.approved or not isinstance(details, dict) or details.get("order") != 1042:
        return NOT_ALLOWED
    return _refunded(details.get("amount")) if details.get("amount") == 900.0 else NOT_ALLOWED


def _refunded(amount: object) -> str:
    assert isinstance(amount, float)
    try:
        done = issue_refund(1042, amount)
    except OSError:
        return UNSURE
    return DONE if done == "refunded" else UNSURE
