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


def flawed() -> str:
    """Try again whatever went wrong."""
    for _ in range(ATTEMPTS):
        try:
            send_email("ann@example.org", "Your refund")
        except OSError:
            time.sleep(WAIT_S)
        else:
            return SENT
    return UNSURE


def mended() -> str:
    """Try again only where the mail server was not reached at all."""
    for attempt in range(ATTEMPTS):
        try:
            send_email("ann@example.org", "Your refund")
        except ConnectionError:
            time.sleep(WAIT_S * 2**attempt * random.uniform(0.5, 1.0))
        except OSError:  # a timeout: it may have gone out
            return UNSURE
        else:
            return SENT
    return UNSURE
