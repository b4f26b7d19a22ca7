"""How far forecasts of yes and no can be taken at their word: bins, calibration errors, the Brier score."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentops_eval.domain import ReliabilityBin
from agentops_eval.stats._model import Interval
from agentops_eval.stats._rates import wilson
from agentops_eval.stats._special import normal_quantile, z_of

Forecast: TypeAlias = tuple[float, bool]
"""How sure somebody was, from 0 to 1, and whether it came true."""
_DRAWN_ONE_BY_ONE = 5_000
Bins = Literal["width", "mass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brier:
    """The mean squared error of forecasts: ``reliability`` - ``resolution`` + ``uncertainty`` + ``within``.

    The first three are Murphy's (1973) of the bins' means, ``within`` is what is left inside the bins
    (Stephenson, Coelho and Jolliffe 2008), so that the sum is exact.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


def edges_of(forecasts: Sequence[Forecast], *, bins: int = 15, equal: Bins = "width") -> tuple[float, ...]:
    """The inner edges of bins of equal width, or with equally many forecasts; a bin holds its lower edge.

    Equal forecasts stay together, so that bins of equal mass may be fewer. Raises ValueError for less than
    one bin, or a forecast that is no probability.
    """
    if bins < 1 or not all(0 <= sure <= 1 for sure, _ in forecasts):
        raise ValueError("forecasts are between 0 and 1, in at least one bin")
    if equal == "width":
        return tuple(at / bins for at in range(1, bins))
    ordered = sorted(sure for sure, _ in forecasts)
    cut = {ordered[len(ordered) * at // bins] for at in range(1, bins)} if ordered else set()
    return tuple(sorted(cut - {min(ordered, default=0.0)}))


def reliability_bins(
    forecasts: Sequence[Forecast], edges: Sequence[float], *, confidence: float = 0.95
) -> tuple[ReliabilityBin, ...]:
    """The bins that hold a forecast, from the lowest, each with Wilson's limits of its rate."""
    within: dict[int, list[Forecast]] = {}
    for one in forecasts:
        within.setdefault(bisect_right(edges, one[0]), []).append(one)
    limits = (0.0, *edges, 1.0)
    return tuple(_bin(limits[at], limits[at + 1], within[at], confidence=confidence) for at in sorted(within))


def _bin(low: float, high: float, held: Sequence[Forecast], *, confidence: float) -> ReliabilityBin:
    n, true = len(held), sum(came for _, came in held)
    rate = wilson(true, n, confidence=confidence)
    sure = math.fsum(one for one, _ in held) / n
    return ReliabilityBin(
        low=low, high=high, n=n, confidence=sure, rate=true / n, rate_low=rate.low, rate_high=rate.high
    )


def calibration_error(
    forecasts: Sequence[Forecast],
    edges: Sequence[float],
    *,
    confidence: float = 0.95,
    resamples: int = 1_000,
    seed: int = 0,
) -> Interval | None:
    """The expected calibration error, the sum over bins of n_b / n |confidence - rate|, with limits.

    The value is too high by chance, the more so the nearer forecasts are to perfect; it is left as it is.
    Drawing again adds as much bias once more, so the limits reach as far to both sides as the upper quantile
    of the bootstrap is above the value: the lower one has the bias taken off (basic bootstrap), the upper one
    has not (percentile). The lower limit is 0 where perfect forecasts might show that much
    (``calibration_noise``), for there the bootstrap does not hold. Of more than 5,000 forecasts the sums in
    the bins are drawn, as normal values. The same forecasts in any order and the same ``seed`` give the same
    bytes. None with fewer than two forecasts.
    """
    n = len(forecasts)
    if n < 2:
        return None
    ordered = sorted(forecasts)
    places = [bisect_right(edges, sure) for sure, _ in ordered]
    off = [sure - came for sure, came in ordered]
    value = _error(places, off, len(edges) + 1)
    draw = random.Random(seed).random  # noqa: S311 - no secret
    if n <= _DRAWN_ONE_BY_ONE:
        drawn = []
        for _ in range(resamples):
            again = [int(draw() * n) for _ in range(n)]
            drawn.append(_error([places[at] for at in again], [off[at] for at in again], len(edges) + 1))
    else:
        drawn = _drawn_sums(places, off, len(edges) + 1, draw, resamples)
    drawn.sort()
    reach = max(0.0, drawn[math.ceil((0.5 + confidence / 2) * (resamples - 1))] - value)
    chance = calibration_noise(forecasts, edges, confidence=confidence).high
    return Interval(
        value=value,
        low=max(0.0, value - reach) if value > chance else 0.0,
        high=min(1.0, value + reach),
        n=n,
        method="bootstrap, 0 where chance explains it",
        confidence=confidence,
    )


def _error(places: Sequence[int], off: Sequence[float], bins: int) -> float:
    sums = [0.0] * bins
    for place, one in zip(places, off, strict=True):
        sums[place] += one
    return sum(map(abs, sums)) / len(places)


def _drawn_sums(
    places: Sequence[int], off: Sequence[float], bins: int, draw: Callable[[], float], resamples: int
) -> list[float]:
    """The same of many forecasts, whose sums in the bins are as good as normal when drawn again."""
    sums, squares, n = [0.0] * bins, [0.0] * bins, len(places)
    for place, one in zip(places, off, strict=True):
        sums[place] += one
        squares[place] += one * one
    spread = [math.sqrt(max(0.0, two - one * one / n)) for one, two in zip(sums, squares, strict=True)]
    return [
        math.fsum(
            abs(one + wide * normal_quantile(min(max(draw(), 1e-12), 1 - 1e-12)))
            for one, wide in zip(sums, spread, strict=True)
        )
        / n
        for _ in range(resamples)
    ]


def calibration_noise(
    forecasts: Sequence[Forecast], edges: Sequence[float], *, confidence: float = 0.95
) -> Interval:
    """The calibration error that perfect forecasts are expected to show from chance alone, and its range.

    A bin's sum of residuals is then nearly normal with variance v = sum of p (1 - p): its absolute value has
    the mean sqrt(2 v / pi) and the variance v (1 - 2 / pi). Raises ValueError without forecasts.
    """
    if not forecasts:
        raise ValueError("no forecast has no error")
    n = len(forecasts)
    spread = [0.0] * (len(edges) + 1)
    for sure, _ in forecasts:
        spread[bisect_right(edges, sure)] += sure * (1 - sure)
    value = math.fsum(math.sqrt(2 * one / math.pi) for one in spread) / n
    reach = z_of(confidence) * math.sqrt(math.fsum(spread) * (1 - 2 / math.pi)) / n
    return Interval(
        value=value,
        low=max(0.0, value - reach),
        high=value + reach,
        n=n,
        method="folded normal",
        confidence=confidence,
    )


def brier(forecasts: Sequence[Forecast], edges: Sequence[float]) -> Brier:
    """The Brier score with its parts. Raises ValueError without any forecast."""
    if not forecasts:
        raise ValueError("no forecast has no score")
    n, parts = len(forecasts), reliability_bins(forecasts, edges)
    score = math.fsum((sure - came) ** 2 for sure, came in forecasts) / n
    rate = sum(came for _, came in forecasts) / n
    reliability = math.fsum(one.n * one.gap**2 for one in parts) / n
    resolution = math.fsum(one.n * (one.rate - rate) ** 2 for one in parts) / n
    uncertainty = rate * (1 - rate)
    return Brier(
        score=score,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within=score - reliability + resolution - uncertainty,
    )
