"""Intervals for means of any shape, by drawing again from what was seen."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal

from agentops_eval.stats._model import Interval
from agentops_eval.stats._special import normal_quantile, normal_tail, two_sided

Limits = Literal["bca", "percentile"]


def paired_bootstrap(
    differences: Sequence[float],
    *,
    confidence: float = 0.95,
    resamples: int = 5_000,
    limits: Limits = "bca",
    seed: int = 0,
) -> Interval | None:
    """The mean of paired differences, with limits from ``resamples`` draws of whole pairs.

    ``percentile`` takes the quantiles of the drawn means; ``bca`` corrects them for bias and skewness
    (Efron 1987). The same differences in any order and the same ``seed`` give the same bytes, on every
    version of Python. Where nothing varies the limits are the value. None with fewer than two pairs.
    Raises ValueError for fewer than 100 resamples, or a difference that is not finite.
    """
    if resamples < 100:
        raise ValueError(f"{resamples} resamples are too few: from 100")
    if not all(map(math.isfinite, differences)):
        raise ValueError("a difference is not finite")
    n = len(differences)
    if n < 2:
        return None
    ordered = sorted(differences)
    value = math.fsum(ordered) / n
    upper = two_sided(confidence)
    method = f"paired bootstrap, {'BCa' if limits == 'bca' else limits}"
    if ordered[0] == ordered[-1]:
        low = high = value
    else:
        means = _means(ordered, resamples, seed)
        shares = (1 - upper, upper)
        if limits == "bca":
            shares = _corrected(shares, means, ordered, value)
        low, high = (_quantile(means, share) for share in shares)
    return Interval(
        value=value, low=min(low, value), high=max(high, value), n=n, method=method, confidence=confidence
    )


def _means(ordered: Sequence[float], resamples: int, seed: int) -> list[float]:
    """Python keeps the values of ``random()`` across versions, not those of ``choices`` and its kin."""
    draw, n = random.Random(seed).random, len(ordered)  # noqa: S311 - no secret
    return sorted(sum([ordered[int(draw() * n)] for _ in range(n)]) / n for _ in range(resamples))


def _corrected(
    shares: tuple[float, float], means: Sequence[float], ordered: Sequence[float], value: float
) -> tuple[float, float]:
    below = (bisect_left(means, value) + bisect_right(means, value)) / 2 / len(means)
    bias = normal_quantile(min(max(below, 0.5 / len(means)), 1 - 0.5 / len(means)))
    # The mean without one value moves by (mean - value) / (n - 1): the jackknife needs no second pass.
    widest = max(value - ordered[0], ordered[-1] - value)
    moves = [(one - value) / widest for one in ordered]
    spread = math.fsum(move * move for move in moves)
    skew = math.fsum(move**3 for move in moves) / (6 * spread**1.5)
    low, high = (_moved(share, bias, skew) for share in shares)
    return low, high


def _moved(share: float, bias: float, skew: float) -> float:
    z = bias + normal_quantile(share)
    stretched = 1 - skew * z
    return normal_tail(-bias - z / stretched) if stretched > 0 else float(z > 0)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between neighbours in proportion, as Hyndman and Fan's type 7."""
    at = min(max(share, 0.0), 1.0) * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])
