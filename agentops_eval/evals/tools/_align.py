"""Calls and expected calls, paired as well as they can be, and what the pairing comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentops_eval.domain import ToolCall, nearest
from agentops_eval.evals.tools._expected import FULL, Expected
from agentops_eval.evals.tools._pairing import best_pairs, in_order

Order: TypeAlias = Literal["strict", "in_order", "any_order", "subset", "superset"]
ORDERS = ("strict", "in_order", "any_order", "subset", "superset")
_FIXED = frozenset({"strict", "in_order"})


def check_order(order: str) -> None:
    """Raise ValueError for an order that means nothing."""
    if order not in ORDERS:
        raise ValueError(f"the order is {order!r}: {nearest(str(order), ORDERS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An expected call, by its number from 0, with the call that comes closest to it."""

    expected: int
    call: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """The best pairing under an order. ``pairs`` are by expected call.

    ``credit`` is the sum of theirs; ``full`` is how many expected calls were made as expected.
    """

    order: Order
    pairs: tuple[Pair, ...]
    expected: int
    calls: int
    credit: int
    full: int

    @property
    def precision(self) -> float:
        """The share of the calls that is as expected; 1 where nothing was called."""
        return self.credit / (FULL * self.calls) if self.calls else 1.0

    @property
    def recall(self) -> float:
        """The share of what is expected that was called; 1 where nothing is expected."""
        return self.credit / (FULL * self.expected) if self.expected else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall (Dice 1945); 1 for nothing at all."""
        both = self.calls + self.expected
        return 2 * self.credit / (FULL * both) if both else 1.0

    @property
    def holds(self) -> bool:
        """Whether the calls are as the order asks. Where nothing is expected, nothing may be called."""
        if not self.expected:
            return not self.calls
        if self.order == "subset":
            return self.full == self.calls
        same = self.order in {"in_order", "superset"} or self.calls == self.expected
        return same and self.full == self.expected

    @property
    def score(self) -> float:
        """Recall where other calls are allowed, precision where calls may be missing, else F1."""
        if not self.expected:
            return self.f1
        if self.order == "subset":
            return self.precision
        return self.recall if self.order in {"in_order", "superset"} else self.f1


def align(
    calls: Sequence[ToolCall], expected: Sequence[Expected], *, order: Order, if_unknown: int = 0
) -> Alignment:
    """Pair calls with expected calls of the same tool such that the most credit is given in all.

    Among pairings of the same credit one of the most pairs is chosen, so that what is wrong with a
    call is told rather than that it is missing. ``if_unknown`` is the credit of calls whose arguments
    are not told.
    """
    check_order(order)
    unit = 1 + min(len(calls), len(expected))
    credits_ = [
        [one.credit(call, if_unknown=if_unknown) if one.is_of(call) else -1 for call in calls]
        for one in expected
    ]
    worth = [[unit * one + 1 if one >= 0 else 0 for one in row] for row in credits_]
    pairs = in_order(worth) if order in _FIXED else best_pairs(worth)
    given = [credits_[row][call] for row, call in pairs]
    return Alignment(
        order=order,
        pairs=tuple(
            Pair(expected=row, call=call, credit=one) for (row, call), one in zip(pairs, given, strict=True)
        ),
        expected=len(expected),
        calls=len(calls),
        credit=sum(given),
        full=given.count(FULL),
    )
