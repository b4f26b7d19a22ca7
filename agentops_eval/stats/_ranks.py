"""Wilcoxon's signed rank test: paired differences whose sizes can be ordered, and no more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.stats._special import normal_tail

EXACT = 60
"""Up to so many differences the exact distribution is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRanks:
    """``statistic`` is the sum of the ranks of positive differences, ``n`` the number of those not 0."""

    statistic: float
    p_value: float
    n: int
    exact: bool


def wilcoxon(differences: Sequence[float]) -> SignedRanks:
    """Whether paired differences lie about 0: two-sided, zeros dropped, ties at their middle rank.

    Wilcoxon (1945). Up to 60 differences the p-value is exact, with ties as well: all choices of signs
    are counted. Beyond, it is that of the normal distribution, corrected for ties and continuity.
    Without any difference it is 1. Raises ValueError for a difference that is not finite.
    """
    if not all(map(math.isfinite, differences)):
        raise ValueError("a difference is not finite")
    moved = [one for one in differences if one]
    if not moved:
        return SignedRanks(statistic=0.0, p_value=1.0, n=0, exact=True)
    doubled = _doubled_ranks([abs(one) for one in moved])
    positive = sum(rank for rank, one in zip(doubled, moved, strict=True) if one > 0)
    n = len(moved)
    exact = n <= EXACT
    p_value = _exact(doubled, positive) if exact else _normal(doubled, positive)
    return SignedRanks(statistic=positive / 2, p_value=p_value, n=n, exact=exact)


def _doubled_ranks(sizes: Sequence[float]) -> list[int]:
    """Twice each rank, so that the middle rank of ties is a whole number."""
    counts, passed, rank_of = Counter(sizes), 0, dict[float, int]()
    for size in sorted(counts):
        rank_of[size] = 2 * passed + counts[size] + 1
        passed += counts[size]
    return [rank_of[size] for size in sizes]


def _exact(doubled: Sequence[int], positive: int) -> float:
    total = sum(doubled)
    ways = [1] + [0] * total
    reached = 0
    for rank in doubled:
        reached += rank
        for at in range(reached, rank - 1, -1):
            ways[at] += ways[at - rank]
    tail = sum(ways[: min(positive, total - positive) + 1])
    return min(1.0, tail / (1 << len(doubled) - 1))


def _normal(doubled: Sequence[int], positive: int) -> float:
    """The variance of a sum of ranks with random signs is a quarter of their squares: ties need no more."""
    deviation = math.sqrt(sum(rank * rank for rank in doubled)) / 2
    away = abs(positive - sum(doubled) / 2) - 1  # half a rank, doubled
    return min(1.0, 2 * normal_tail(max(away, 0.0) / deviation))
