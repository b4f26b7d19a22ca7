"""Whether counted events come one by one, as bets on whose the next event is take them to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from agentops_eval.stats._wealth import falls_to_candidate

_STEPS = 60
_FURTHEST = math.log(1e6)

Events = Mapping[tuple[float, float, float], int]
"""How many units had (the candidate's share of all trials, the baseline's events, the candidate's events)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """How much more than independent events those of a unit scatter between the arms.

    ``index`` is 1 where events are independent, 2 where their variance is twice that; ``z`` says how far
    beyond chance that is.
    """

    index: float = 1.0
    z: float = 0.0

    def bursts(self, *, at_least: float = 1.2, z: float = 3.5) -> bool:
        """Whether events come in bursts beyond chance."""
        return self.index >= at_least and self.z >= z


def dispersion(seen: Events) -> Dispersion:
    """Of m independent events of a unit the candidate has a binomial part; what is more than that is bursts.

    With p its chance of each, at the ratio of rates that fits all units, the square of its part less m p is
    m p (1 - p) on average, with a variance of m p q (1 - 6 p q + 2 m p q). One event alone tells nothing.
    """
    rows = [(share, a, b + a, times) for (share, b, a), times in seen.items() if b + a > 1]
    log_ratio = _log_ratio(rows)
    excess = expected = variance = 0.0
    for share, a, m, times in rows:
        p = falls_to_candidate(share, math.exp(log_ratio))
        alone = m * p * (1 - p)
        excess += times * ((a - m * p) ** 2 - alone)
        expected += times * alone
        variance += times * alone * (1 - 6 * p * (1 - p) + 2 * alone)
    if expected <= 0 or variance <= 0:
        return Dispersion()
    return Dispersion(index=1 + excess / expected, z=excess / math.sqrt(variance))


def _log_ratio(rows: list[tuple[float, float, float, int]]) -> float:
    """The logarithm of the ratio of rates at which the candidate has as many events as it should."""
    low, high = -_FURTHEST, _FURTHEST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        ratio = math.exp(middle)
        over = math.fsum(times * (a - m * falls_to_candidate(share, ratio)) for share, a, m, times in rows)
        low, high = (middle, high) if over > 0 else (low, middle)
    return (low + high) / 2
