"""Answers with yesterday's rate when both services are down, and does not say so."""

from __future__ import annotations

from agentops_eval import tool

YESTERDAY = 1.07
SORRY = "Sorry, the amount could not be converted."


@tool
def get_rate(currency: str) -> float:
    """What one euro costs now."""
    return 1.09


@tool
def get_rate_backup(currency: str) -> float:
    """The same from another bank, a few minutes old."""
    return 1.09


def flawed() -> str:
    """Convert with whatever rate there is."""
    found = _found()
    if found is None:
        return f"100 EUR are {100 * YESTERDAY:.2f} USD."  # the flaw
    return _told(*found)


def mended() -> str:
    """Convert with whatever rate there is, and say which where it is not the usual one."""
    found = _found()
    if found is None:
        return _told(YESTERDAY, " (by yesterday's rate, the services being unavailable)")
    return _told(*found)


def _found() -> tuple[object, str] | None:
    """The rate of the first service that answers, and what is to be said of it."""
    told = ("", " (by the rate of a backup service)")
    for ask, where in zip((get_rate, get_rate_backup), told, strict=True):
        try:
            return ask("USD"), where
        except OSError:
            continue
    return None


def _told(rate: object, where: str) -> str:
    return f"100 EUR are {100 * rate:.2f} USD{where}." if isinstance(rate, float) else SORRY
