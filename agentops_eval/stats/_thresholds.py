"""From which score on errors are rare enough, with the search for it paid for."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from agentops_eval.stats._special import beta_cdf

_STEPS = 20
_POWER = 0.8


@lru_cache(maxsize=65_536)
def errors_allowed(n: int, target: float, alpha: float) -> int:
    """The most errors in ``n`` trials that show a rate of at most ``target``; -1 where not even none do.

    With k errors the exact one-sided upper limit (Clopper and Pearson 1934) is at most the target where
    P(X <= k) <= alpha for X binomial with it.
    """
    low, high = -1, n  # low is allowed, high is not
    while high - low > 1:
        middle = (low + high) // 2
        if _at_most(middle, n, target) <= alpha:
            low = middle
        else:
            high = middle
    return low


def _at_most(k: int, n: int, rate: float) -> float:
    return 1.0 if k >= n else beta_cdf(1 - rate, n - k, k + 1)


@lru_cache(maxsize=1_024)
def trials_to_start(target: float, alpha: float) -> int:
    """How many trials show a rate of at most ``target`` four times in five where it is a quarter of that."""
    n = 1
    while (allowed := errors_allowed(n, target, alpha)) < 0 or _at_most(allowed, n, target / 4) < _POWER:
        n = n + 1 if n < 1_000 else math.ceil(n * 1.01)
    return n


def threshold_grid(scores: Sequence[float], *, first: int, steps: int = _STEPS) -> tuple[float, ...]:
    """Scores to be tried as thresholds, falling: at least ``first`` scores are at or above the first of them.

    They depend on the scores alone, never on what came true, so that they may be fixed before the tests.
    """
    ordered, n = sorted(scores), len(scores)
    if n < first:
        return ()
    ranks = {first + (n - first) * step // max(1, steps - 1) for step in range(steps)}
    return tuple(sorted({ordered[n - rank] for rank in ranks}, reverse=True))


def lowest_safe(
    trials: Sequence[tuple[float, bool]], grid: Sequence[float], *, target: float, alpha: float
) -> float | None:
    """The lowest threshold of the ``grid`` at and above which errors are shown to be at most ``target``.

    ``trials`` are scores and whether they were right. Fixed-sequence testing from the top: each threshold is
    tested at ``alpha`` and the first that is not shown ends the search, so that the chance of passing any
    threshold whose error rate is too high is at most ``alpha``. Trials may differ in their own rates: for
    their mean the binomial tail is the larger (Hoeffding 1956). None where not even the first is shown.
    """
    return _searched(_places(trials, grid), grid, target=target, alpha=alpha)


def resampled_thresholds(
    trials: Sequence[tuple[float, bool]],
    grid: Sequence[float],
    *,
    target: float,
    alpha: float,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[float, ...]:
    """Where the search ends when trials are drawn again, rising; infinite where it finds no threshold.

    The same trials in any order and the same ``seed`` give the same bytes.
    """
    places, n = _places(sorted(trials), grid), len(trials)
    draw = random.Random(seed).random  # noqa: S311 - no secret
    ends = []
    for _ in range(resamples):
        found = _searched([places[int(draw() * n)] for _ in range(n)], grid, target=target, alpha=alpha)
        ends.append(math.inf if found is None else found)
    return tuple(sorted(ends))


def _places(trials: Sequence[tuple[float, bool]], grid: Sequence[float]) -> list[int]:
    """For each trial the first threshold that it is at or above, twice, and one more where it was wrong."""
    falling = [-threshold for threshold in grid]
    return [2 * bisect_left(falling, -score) + (not right) for score, right in trials]


def _searched(places: Sequence[int], grid: Sequence[float], *, target: float, alpha: float) -> float | None:
    counts = Counter(places)
    found, above, wrong = None, 0, 0
    for at, threshold in enumerate(grid):
        above += counts[2 * at] + counts[2 * at + 1]
        wrong += counts[2 * at + 1]
        if wrong > errors_allowed(above, target, alpha):
            break
        found = threshold
    return found
