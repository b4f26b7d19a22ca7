"""Straight lines through a series at even steps: robust slopes, and what the steps ahead add up to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from agentops_eval.stats._model import Interval
from agentops_eval.stats._special import t_quantile, two_sided, z_of

FEWEST = 8
"""With fewer steps nothing ahead is told."""


def theil_sen(values: Sequence[float], *, confidence: float = 0.95) -> Interval | None:
    """The median slope of all pairs of steps, with limits from Kendall's statistic (Sen 1968).

    A few wild values hardly move it. The limits take values as independent. None with fewer than two.
    """
    n = len(values)
    if n < 2:
        return None
    slopes = sorted((values[to] - values[at]) / (to - at) for at in range(n) for to in range(at + 1, n))
    reach = z_of(confidence) * math.sqrt(_kendall_variance(values))
    low = min(max(round((len(slopes) - reach) / 2) - 1, 0), len(slopes) - 1)
    high = min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    return Interval(
        value=median(slopes),
        low=slopes[low],
        high=slopes[high],
        n=n,
        method="Theil-Sen",
        confidence=confidence,
    )


def _kendall_variance(values: Sequence[float]) -> float:
    n = len(values)
    ties = [values.count(one) for one in {*values}]
    return (n * (n - 1) * (2 * n + 5) - sum(k * (k - 1) * (2 * k + 5) for k in ties)) / 18


def sum_ahead(values: Sequence[float], steps: int, *, confidence: float = 0.95) -> Interval | None:
    """What the next ``steps`` values add up to, by least squares, with the limits of its prediction.

    With residual variance s^2 on n - 2 degrees of freedom, h steps ahead whose times are d away from the
    mean time in sum, and Sxx the sum of squares of times, the variance is s^2 v (h + h^2 / n + d^2 / Sxx).
    v is (1 + r) / (1 - r) for the autocorrelation r of the residuals, corrected for the fit and never below
    0: what is above the line now stays there for a while. The line is taken to go on. ``n`` is the number
    of values; None with fewer than 8. Raises ValueError for less than one step or a value that is not finite.
    """
    n = len(values)
    if steps < 1 or not all(map(math.isfinite, values)):
        raise ValueError("at least one step is ahead, and values are finite")
    if n < FEWEST:
        return None
    middle, mean = (n - 1) / 2, math.fsum(values) / n
    sxx = n * (n * n - 1) / 12
    slope, off = _line(values)
    away = math.fsum(n + at - middle for at in range(steps))
    value = steps * mean + slope * away
    r = _correlation(off)
    spread = math.fsum(one * one for one in off) / (n - 2) * (1 + r) / (1 - r)
    error = math.sqrt(spread * (steps + steps * steps / n + away * away / sxx))
    reach = t_quantile(two_sided(confidence), n - 2) * error
    return Interval(
        value=value,
        low=value - reach,
        high=value + reach,
        n=n,
        method="least squares, t",
        confidence=confidence,
    )


def _line(values: Sequence[float]) -> tuple[float, list[float]]:
    """The slope of the line of least squares, and what it leaves."""
    n, mean = len(values), math.fsum(values) / len(values)
    middle = (n - 1) / 2
    slope = math.fsum((at - middle) * (one - mean) for at, one in enumerate(values)) / (n * (n * n - 1) / 12)
    return slope, [one - mean - slope * (at - middle) for at, one in enumerate(values)]


def trend_correlation(values: Sequence[float]) -> float:
    """The autocorrelation of a series around its line, with what the fit took from it given back; 0 to 0.9.

    A line through independent values leaves -2 / n on average. 0 with fewer than five values.
    """
    return _correlation(_line(values)[1]) if len(values) > 4 else 0.0


def _correlation(off: Sequence[float]) -> float:
    n, spread = len(off), math.fsum(one * one for one in off)
    if not spread:
        return 0.0
    seen = math.fsum(off[at] * off[at + 1] for at in range(n - 1)) / spread
    return min(max((n * seen + 2) / (n - 4), 0.0), 0.9)
