"""Two groups that are not paired: the difference of two rates, the ratio of two means."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from agentops_eval.stats._model import Interval
from agentops_eval.stats._rates import wilson
from agentops_eval.stats._special import t_quantile, two_sided


def newcombe(passed: int, n: int, usual_passed: int, usual_n: int, *, confidence: float = 0.95) -> Interval:
    """The difference of two independent rates, with limits from both score intervals (Newcombe 1998, 10).

    Positive where the first is higher. ``n`` of the result is the smaller group. Raises ValueError where a
    group is empty or has more passes than trials.
    """
    one = wilson(passed, n, confidence=confidence)
    other = wilson(usual_passed, usual_n, confidence=confidence)
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Interval(
        value=value,
        low=max(-1.0, value - down),
        high=min(1.0, value + up),
        n=min(n, usual_n),
        method="Newcombe",
        confidence=confidence,
    )


def ratio_bootstrap(
    values: Sequence[float],
    usual: Sequence[float],
    *,
    confidence: float = 0.95,
    resamples: int = 2_000,
    seed: int = 0,
) -> Interval | None:
    """The mean of ``values`` over that of ``usual``, with the quantiles of ratios drawn again from both.

    The same values in any order and the same ``seed`` give the same bytes. Where nothing varies the limits
    are the value. None with fewer than two values in a group, or where the usual mean, or that of a draw, is
    not above 0. Raises ValueError for fewer than 100 resamples, or a value that is not finite or below 0.
    """
    if resamples < 100:
        raise ValueError(f"{resamples} resamples are too few: from 100")
    if not all(math.isfinite(one) and one >= 0 for one in (*values, *usual)):
        raise ValueError("a value is below 0 or not finite")
    above, below = sorted(values), sorted(usual)
    if min(len(above), len(below)) < 2 or not below[-1]:
        return None
    value = _mean(above) / _mean(below)
    low = high = value
    if above[0] != above[-1] or below[0] != below[-1]:
        draw = random.Random(seed).random  # noqa: S311 - no secret
        ratios = []
        for _ in range(resamples):
            top, bottom = _drawn(above, draw), _drawn(below, draw)
            if not bottom:
                return None
            ratios.append(top / bottom)
        ratios.sort()
        tail = (1 - confidence) / 2
        low, high = ratios[int(tail * (resamples - 1))], ratios[math.ceil((1 - tail) * (resamples - 1))]
    return Interval(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=min(len(above), len(below)),
        method="bootstrap of a ratio",
        confidence=confidence,
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _drawn(values: Sequence[float], draw: Callable[[], float]) -> float:
    """Python keeps the values of ``random()`` across versions, not those of ``choices`` and its kin."""
    n = len(values)
    return math.fsum(values[int(draw() * n)] for _ in range(n)) / n


def welch(values: Sequence[float], usual: Sequence[float], *, confidence: float = 0.95) -> Interval | None:
    """The difference of two means, with limits that allow each group its own spread (Welch 1947).

    Positive where the first is higher; ``n`` is the smaller group. None where one has fewer than two values.
    """
    if min(len(values), len(usual)) < 2:
        return None
    value = _mean(values) - _mean(usual)
    parts = [_squared_error(values), _squared_error(usual)]
    reach, whole = 0.0, math.fsum(parts)
    if whole:
        sizes = (len(values), len(usual))
        df = whole**2 / math.fsum(one**2 / (n - 1) for one, n in zip(parts, sizes, strict=True))
        reach = t_quantile(two_sided(confidence), df) * math.sqrt(whole)
    return Interval(
        value=value,
        low=value - reach,
        high=value + reach,
        n=min(len(values), len(usual)),
        method="Welch",
        confidence=confidence,
    )


def _squared_error(values: Sequence[float]) -> float:
    mean, n = _mean(values), len(values)
    return math.fsum((one - mean) ** 2 for one in values) / (n - 1) / n
