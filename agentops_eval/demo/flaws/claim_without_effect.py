"""Says that the confirmation was sent, whether or not it was: the error of the tool is swallowed."""

from __future__ import annotations

from contextlib import suppress

from agentops_eval import tool

SENT = "Your order o-7 is confirmed, and the confirmation was sent."
SORRY = "Your order o-7 is confirmed. Sorry, the confirmation could not be sent."


@tool
def find_order(order: str) -> dict[str, str]:
    """Look an order up."""
    return {"order": order, "email": "ann@example.org"}


@tool(effect="external", idempotency_key="order")
def send_confirmation(order: str, email: str) -> bool:
    """Send the confirmation of an order; a second one for the same order is not sent."""
    return True


def flawed() -> str:
    """Confirm an order, and claim success at any rate."""
    found = find_order("o-7")
    with suppress(Exception):  # the flaw
        send_confirmation(found["order"], found["email"])
    return SENT


def mended() -> str:
    """Confirm an order, and say what was not done."""
    try:
        found = find_order("o-7")
    except OSError:
        return "Sorry, your order could not be looked up."
    try:
        done = send_confirmation(found["order"], found["email"])
    except Exception:  # whatever it was, it was not sent as far as is known
        return SORRY
    return SENT if done is True else SORRY
