"""How many more units would suffice, were all as it is now."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agentops_eval.gate._bets import Factors
from agentops_eval.stats import normal_quantile

_MOST = 10_000_000
FEWEST = 5
"""With fewer units nothing is said of those to come."""


def units_needed(
    seen: Iterable[tuple[Factors, int]], held: Sequence[float], *, log_target: float, power: float = 0.8
) -> int | None:
    """More units until the wealth reaches its target with this chance, four in five; None for never.

    ``seen`` has the factors of the units so far, with how many were so. ``held`` are the logarithms of what
    each strategy holds. Each strategy's logarithm is taken for a random walk with the mean and the spread of
    the units so far; all of them rise and fall with the same units, so that what is less likely together is
    what is less likely for each. None too where fewer than five units were seen: they tell nothing of those
    to come.
    """
    rows = [(factors, times) for factors, times in seen if factors]
    count = sum(times for _, times in rows)
    if count < FEWEST:
        return None
    sure = normal_quantile(power)
    walks = [_Walk.of([(row[at], times) for row, times in rows], count, one) for at, one in enumerate(held)]

    def log_wealth(units: int) -> float:
        logs = [walk.at(units, sure) for walk in walks]
        high = max(logs)
        return high + math.log(math.fsum(math.exp(one - high) for one in logs)) if high > -math.inf else high

    return _first(log_wealth, log_target)


def _first(rising: Callable[[int], float], target: float) -> int | None:
    """The number of units from which on a function suffices, found by halving; None for hardly ever."""
    if rising(0) >= target:
        return 0
    enough = 1
    while rising(enough) < target:
        enough *= 2
        if enough > _MOST:
            return None
    short = enough // 2
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (middle, enough) if rising(middle) < target else (short, middle)
    return enough


@dataclass(frozen=True, slots=True)
class _Walk:
    """The logarithm of what a strategy holds, as a random walk."""

    held: float
    drift: float
    spread: float

    @classmethod
    def of(cls, factors: Sequence[tuple[float, int]], count: int, held: float) -> _Walk:
        """Its mean and its spread; who can lose everything is not counted on."""
        if any(factor <= 0 for factor, _ in factors):
            return cls(-math.inf, 0.0, 0.0)
        drift = math.fsum(math.log(factor) * times for factor, times in factors) / count
        squares = math.fsum((math.log(factor) - drift) ** 2 * times for factor, times in factors)
        return cls(held, drift, math.sqrt(squares / count))

    def at(self, units: int, sure: float) -> float:
        """What it exceeds after so many more units, with the chance of which ``sure`` is the quantile."""
        return self.held + units * self.drift - sure * self.spread * math.sqrt(units)
