"""Waits for a service without a time limit, and hangs with it."""

from __future__ import annotations

import asyncio
from datetime import date

from agentops_eval import tool

LIMIT_S = 10.0
SORRY = "Sorry, the delivery date is not known at the moment."


@tool
async def delivery_date(order: str) -> str:
    """When an order arrives."""
    return "2026-12-01"


async def flawed() -> str:
    """Tell the date, as soon as there is one."""
    try:
        return _told(await delivery_date("o-7"))  # the flaw
    except OSError:
        return SORRY


async def mended() -> str:
    """Tell the date, or after ten seconds that it is not known."""
    try:
        async with asyncio.timeout(LIMIT_S):
            found = await delivery_date("o-7")
    except OSError:  # of which a timeout is one
        return SORRY
    return _told(found)


def _told(found: object) -> str:
    """The date, and nothing else that may have come with it."""
    try:
        return f"It arrives on {date.fromisoformat(str(found)).isoformat()}."
    except ValueError:
        return SORRY
