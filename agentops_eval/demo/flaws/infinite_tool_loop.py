"""Asks for one page more for as long as it is told that there is one, without a cap."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TypedDict

from agentops_eval import tool

PAGES = 3
MOST = 8
SORRY = "Sorry, your orders could not be looked up."


class Page(TypedDict):
    """Some orders, and the number of the next page, 0 behind the last."""

    orders: list[int]
    next: int


@tool
def list_orders(page: int) -> Page:
    """One page of orders."""
    return Page(orders=[1000 + page], next=page + 1 if page < PAGES else 0)


def flawed() -> str:
    """Count orders until there is no page more."""
    return _counted(itertools.count())  # the flaw


def mended() -> str:
    """Count orders of eight pages at the most, and say where there are more."""
    return _counted(range(MOST))


def _counted(pages: Iterable[int]) -> str:
    orders: list[int] = []
    page = 1
    try:
        for _ in pages:
            found = list_orders(page)
            orders += found["orders"]
            page = found["next"]
            if not page:
                return f"You have {len(orders)} orders."
    except (OSError, KeyError, TypeError):
        return SORRY
    return "Sorry, there are more orders than could be counted."
