"""Says that the confirmation was sent, whether or not it was: the error of the tool is swallowed."""

from __future__ import annotations

from contextlib import suppress

from agentops_eval import tool

SENT = "Your order o-7 is confirmed, and the confirmation was sent."
NOT_SENT = "Your order o-7 is confirmed. Sorry, the confirmation could not be sent."
NOT_FOUND = "Sorry, your order o-7 could not be looked up."


@tool
def find_order(order: str) -> dict[str, str]:
    """Look an order up."""
    return {"order": order, "status": "paid"}


@tool(effect="external", idempotency_key="order")
def send_confirmation(order: str) -> bool:
    """Send the confirmation of an order to its customer; a second one for the same order is not sent."""
    return True


def flawed() -> str:
    """Confirm an order, and claim success at any rate."""
    if not _is_paid("o-7"):
        return NOT_FOUND
    with suppress(Exception):  # the flaw
        send_confirmation("o-7")
    return SENT


def mended() -> str:
    """Confirm an order, and say what was not done."""
    if not _is_paid("o-7"):
        return NOT_FOUND
    try:
        done = send_confirmation("o-7")
    except Exception:  # whatever it was, it was not sent as far as is known
        return NOT_SENT
    return SENT if done is True else NOT_SENT


def _is_paid(order: str) -> bool:
    try:
        found = find_order(order)
        return found["order"] == order and found["status"] == "paid"
    except (OSError, KeyError, TypeError):
        return False
