"""How a unit becomes a bet for and against a candidate: what every kind of metric has to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from agentops_eval.gate._units import Unit

Factors: TypeAlias = tuple[float, ...]
"""What each strategy makes of a stake of 1."""

Key: TypeAlias = tuple[float, ...]
"""What units have in common that are bet on alike, up to rounding."""

Histogram: TypeAlias = Mapping[Key, int]
"""How many units of each key there were."""

Plain: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]
"""What planned looks test: values for a rollback, and values for promotion."""


@dataclass(frozen=True, slots=True)
class Bet:
    """What one unit makes of strategies' money: for a rollback, and for promotion in each direction of harm.

    ``rollback`` is None where the unit says nothing of harm. The means of ``plain`` are held against the
    bettor's ``nulls``; harm is below them. ``harm`` ranks cases, the worst highest. ``arms`` are both arms'
    means; None where one of them says nothing.
    """

    rollback: Factors | None
    promote: tuple[Factors, ...]
    key: Key
    plain: Plain = ((), ())
    harm: float = 0.0
    arms: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a decision shows of the size of an effect, in the words of ``MetricDecision``."""

    scale: str = "difference"
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    discordance: float | None = None


class Bettor(Protocol):
    """Bets on one metric: units go in, what they make of the money comes out.

    ``strategies`` are how many bet on a rollback, and how many on promotion for each direction of harm.
    ``nulls`` are the means of a bet's plain values at the edge of what is let pass: for a rollback, and for
    promotion.
    """

    strategies: tuple[int, tuple[int, ...]]
    nulls: tuple[float, float]

    def bet(self, unit: Unit) -> Bet | None:
        """The bet on a unit; None where it says nothing of this metric."""

    def again(self, key: Key) -> Bet:
        """The bet on one more unit of that key."""

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The size of the effect; each limit is wrong with probability ``alpha`` at most, at any n."""


def rounded(value: float) -> float:
    """A value as a key: a thousand steps between 0 and 1 are as fine as an interval is read."""
    return round(value * 1_024) / 1_024
