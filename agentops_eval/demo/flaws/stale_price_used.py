"""Buys at a price without looking at how old it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypedDict

from agentops_eval import now, tool

MOST_AGE, MOST_EUR = timedelta(minutes=5), 65.0
ORDERED = "The lamp is ordered."
NOT_KNOWN = "Sorry, the price of the lamp is not known, and it was not ordered."
TOO_OLD = "Sorry, the price of the lamp is out of date, and it was not ordered."
UNSURE = "Sorry, it could not be found out whether the lamp was ordered."


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
    quote = _quoted()
    return NOT_KNOWN if quote is None else _ordered(quote["price"])  # the flaw


def mended() -> str:
    """Order only at a price of the last five minutes."""
    quote = _quoted()
    if quote is None:
        return NOT_KNOWN
    age = now(UTC) - datetime.fromisoformat(quote["as_of"])
    return _ordered(quote["price"]) if timedelta(0) <= age <= MOST_AGE else TOO_OLD


def _quoted() -> Quote | None:
    """A price that the customer agreed to, and its time; None where they do not read as such."""
    try:
        quote = get_price("lamp")
        price, as_of = quote["price"], datetime.fromisoformat(quote["as_of"])
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return quote if isinstance(price, float) and price <= MOST_EUR and as_of.tzinfo else None


def _ordered(price: float) -> str:
    try:
        done = place_order("lamp", price)
    except OSError:
        return UNSURE
    return ORDERED if done == "ordered" else UNSURE
