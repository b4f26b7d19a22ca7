"""How a unit becomes bets for and against a candidate: what every kind of metric has to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from agentops_eval.gate._units import Unit

Factors: TypeAlias = tuple[float, ...]
Key: TypeAlias = tuple[float, ...]
Histogram: TypeAlias = Mapping[Key, int]


@dataclass(frozen=True, slots=True)
class Step:
    """What one unit makes of the money: for a rollback, and for promotion, one for each direction of harm.

    None where the unit says nothing of it. ``plain`` has what planned looks test, for the same: values
    whose mean is held against the score's ``nulls``, harm being below them. ``key`` is
    the same, up to rounding, for units that say the same. ``harm`` ranks cases, the worst highest.
    ``arms`` are both arms' means.
    """

    rollback: Factors | None
    promote: tuple[Factors, ...]
    key: Key
    plain: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
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


class Score(Protocol):
    """One metric, as evidence: units go in, what they say comes out.

    ``strategies`` are how many bet on a rollback, and how many on promotion for each direction of harm.
    ``nulls`` are the means of a step's plain values at the edge of what is let pass: for a rollback, and for
    promotion.
    """

    strategies: tuple[int, tuple[int, ...]]
    nulls: tuple[float, float]

    def step(self, unit: Unit) -> Step | None:
        """What a unit says; None where it says nothing of this metric."""

    def again(self, key: Key) -> Step:
        """What a unit of that key says once more."""

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The size of the effect; each limit is wrong with probability ``alpha`` at most, at any n."""


def rounded(value: float) -> float:
    """A value as a key: a thousand steps between 0 and 1 are as fine as an interval is read."""
    return round(value * 1_024) / 1_024
