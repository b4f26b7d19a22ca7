"""What a fact is."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import cast


class FactKind(StrEnum):
    """Sorts of facts that can be told from any words around them."""

    AMOUNT = "amount"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    NUMBER = "number"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of a text.

    ``readings`` are what it may mean: ``03/04/2026`` is a day in April or in March, ``$5`` may be of any
    dollar. Two facts agree where they share a reading. ``text`` is its one spelling, from which it is read
    again; ``said`` is that of the text. A ``weak`` fact can answer to another and asks for nothing itself:
    ``one`` may be a number. ``start`` is its place in the text without markup.
    """

    kind: FactKind
    readings: frozenset[Hashable]
    text: str
    said: str = field(default="", compare=False)
    weak: bool = False
    start: int = field(default=0, compare=False)

    @property
    def numbers(self) -> frozenset[Decimal]:
        """What an amount, without its currency, a percent or a number may be."""
        if self.kind is FactKind.AMOUNT:
            return frozenset(value for value, _ in cast("frozenset[tuple[Decimal, str]]", self.readings))
        return cast("frozenset[Decimal]", self.readings)
