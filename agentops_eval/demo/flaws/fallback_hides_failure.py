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
    for ask in (get_rate, get_rate_backup):
        try:
            return f"100 EUR are {100 * ask('USD'):.2f} USD."
        except OSError:
            continue
    return f"100 EUR are {100 * YESTERDAY:.2f} USD."  # the flaw


def mended() -> str:
    """Convert with whatever rate there is, and say which where it is not the usual one."""
    told = ("", " (by the rate of a backup service)")
    for ask, where in zip((get_rate, get_rate_backup), told, strict=True):
        try:
            rate = ask("USD")
        except OSError:
            continue
        return f"100 EUR are {100 * rate:.2f} USD{where}." if isinstance(rate, float) else SORRY
    return f"100 EUR are {100 * YESTERDAY:.2f} USD (by yesterday's rate, the services being unavailable)."
