"""Sends an email again when the answer to the first attempt is lost, though the email went out."""

from __future__ import annotations

import random
import time

from agentops_eval import tool

ATTEMPTS, WAIT_S = 3, 2.0
SENT = "The email was sent."
UNSURE = "Sorry, it could not be found out whether the email was sent."


@tool(effect="external")
def send_email(to: str, subject: str) -> str:
    """Send an email; each call sends one."""
    return "sent"


@tool(name="send_email", effect="external", idempotency_key="message")
def send_email_once(to: str, subject: str, message: str) -> str:
    """Send an email under a number; what has the number of an email that went out is not sent."""
    return "sent"


def flawed() -> str:
    """Try again whatever went wrong."""
    for attempt in range(ATTEMPTS):
        try:
            return _told(send_email("ann@example.org", "Your refund"))
        except OSError:  # the flaw: of which a timeout is one, and no number tells the two emails apart
            _wait(attempt)
    return UNSURE


def mended() -> str:
    """Try again only where the mail server was not reached at all, and number the email in any case."""
    for attempt in range(ATTEMPTS):
        try:
            return _told(send_email_once("ann@example.org", "Your refund", message="refund-1042"))
        except ConnectionError:
            _wait(attempt)
        except OSError:  # a timeout: it may have gone out
            return UNSURE
    return UNSURE


def _told(done: object) -> str:
    return SENT if done == "sent" else UNSURE


def _wait(attempt: int) -> None:
    """Twice as long each time, and never in step with other agents."""
    time.sleep(WAIT_S * 2**attempt * random.uniform(0.5, 1.0))
