"""Buys at a price without looking at how old it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypedDict

from agentops_eval import now, tool

MOST_AGE = timedelta(minutes=5)


class Quote(TypedDict):
    """A price in EUR, and when it was true."""

    price: float
    as_of: str


@tool
def get_price(item: str) -> Quote:
    """The price of an item now."""
    return Quote(price=59.9, as_of=now(UTC).isoformat())


@tool(effect="write", idempotency_key="item")
def place_order(item: str, price: float) -> str:
    """Order an item at a price, once."""
    return "ordered"


def flawed() -> str:
    """Order at whatever price came back."""
    quote = get_price("lamp")
    place_order("lamp", quote["price"])
    return "The lamp is ordered."


def mended() -> str:
    """Order only at a price of the last five minutes."""
    try:
        quote = get_price("lamp")
        age = now(UTC) - datetime.fromisoformat(quote["as_of"])
        price = quote["price"]
    except (OSError, KeyError, TypeError, ValueError):
        return "Sorry, the price of the lamp is not known."
    if not timedelta(0) <= age <= MOST_AGE or not isinstance(price, float):
        return "Sorry, the price of the lamp is out of date."
    try:
        place_order("lamp", price)
    except OSError:
        return "Sorry, it could not be found out whether the lamp was ordered."
    return "The lamp is ordered."
