"""Planned looks at results that still arrive: boundaries that keep alpha over all looks, and their power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Literal

from agentops_eval.stats._looks import START, checked, crossing, onward, where
from agentops_eval.stats._special import normal_quantile
from agentops_eval.stats._spending import Spending
from agentops_eval.stats._spending import spending as spent

Shape = Literal["obrien-fleming", "pocock"]
"""Classical boundaries: z falls with the square root of the information, or is the same at each look."""


def boundaries(
    fractions: Sequence[float], *, alpha: float, spending: Spending = "obrien-fleming"
) -> tuple[float, ...]:
    """The z above which each look may stop and claim an effect, at a one-sided ``alpha`` over all looks.

    ``fractions`` says which share of the planned information (of the planned pairs, say) is in at each
    look. Without an effect, the probability of a claim at or before each look is what `spending` allows
    by then. A boundary depends on its own and earlier looks alone, so that later ones may move as long as
    nobody chooses them by the results. Where the last look is before 1, some of alpha is left. A look at
    which nothing can be spent has the boundary infinity.

    Raises ValueError for an alpha that is not between 0 and 1, and for fractions that do not rise within
    (0, 1] or are closer than one part in a million. Takes milliseconds for some looks, half a second for 100.
    """
    return _boundaries(checked(fractions), alpha, spending)


@lru_cache(maxsize=256)
def _boundaries(fractions: tuple[float, ...], alpha: float, kind: Spending) -> tuple[float, ...]:
    paths, bounds, before = START, list[float](), 0.0
    for look, at in enumerate(fractions):
        by_now = spent(kind, at, alpha)
        # At a look of its own all of that would be spent; without earlier looks no less than the share.
        low, high = -normal_quantile(by_now), -normal_quantile(by_now - before)
        share, before = by_now - before, by_now
        if look:
            paths = onward(paths, fractions[look - 1], bounds[-1], upcoming=at)
            if math.isfinite(high):
                high = where(partial(crossing, paths, at), share, low, high)
        bounds.append(high)
    return tuple(bounds)


@lru_cache(maxsize=256)
def classical_boundaries(count: int, *, alpha: float, shape: Shape = "obrien-fleming") -> tuple[float, ...]:
    """The classical boundaries of ``count`` equally spaced looks, at a one-sided ``alpha`` over all of them.

    ``obrien-fleming``: C sqrt(count / k) at look k (O'Brien and Fleming 1979). ``pocock``: C at each
    (Pocock 1977). C is computed. Raises ValueError for no look, for another shape, or for an alpha that
    is not between 0 and 1.
    """
    if count < 1 or not 0 < alpha < 1:
        raise ValueError(f"boundaries need a look and an alpha between 0 and 1, not {count} and {alpha}")
    if shape not in {"obrien-fleming", "pocock"}:
        raise ValueError(f"the shape of boundaries is obrien-fleming or pocock, not {shape}")
    fractions = tuple(look / count for look in range(1, count + 1))
    shapes = [1 / math.sqrt(at) if shape == "obrien-fleming" else 1.0 for at in fractions]

    def by_the_end(constant: float) -> float:
        return crossing_probability([constant * one for one in shapes], fractions)[-1]

    # Between a single look, and looks that share alpha as if they had nothing in common.
    lowest, highest = -normal_quantile(alpha), -normal_quantile(alpha / count)
    constant = where(by_the_end, alpha, lowest, highest)
    return tuple(constant * one for one in shapes)


def crossing_probability(
    bounds: Sequence[float], fractions: Sequence[float], *, drift: float = 0.0
) -> tuple[float, ...]:
    """The probability of a z above its boundary at or before each look.

    ``drift`` is the mean of z once all information is in: E[Z] = drift sqrt(t) at the fraction t. At 0
    the last value is the error of the first kind, else it is the power. Of n pairs with the mean
    difference d and the standard deviation s, the drift is d sqrt(n) / s. Raises ValueError for
    fractions that `boundaries` refuses, for as many bounds as there are no looks, or for what is no number.
    """
    looks, limits = checked(fractions), tuple(float(one) for one in bounds)
    if len(limits) != len(looks):
        raise ValueError(f"{len(limits)} boundaries do not fit {len(looks)} looks")
    if not math.isfinite(drift) or any(math.isnan(one) for one in limits):
        raise ValueError(f"boundaries and a drift are numbers, not {limits} and {drift}")
    return _crossing(limits, looks, float(drift))


@lru_cache(maxsize=256)
def _crossing(bounds: tuple[float, ...], fractions: tuple[float, ...], drift: float) -> tuple[float, ...]:
    paths, total, totals = START, 0.0, list[float]()
    for look, at in enumerate(fractions):
        if look:
            paths = onward(paths, fractions[look - 1], bounds[look - 1], upcoming=at, drift=drift)
        total += crossing(paths, at, bounds[look], drift)
        totals.append(min(total, 1.0))
    return tuple(totals)


def drift_for_power(bounds: Sequence[float], fractions: Sequence[float], *, power: float) -> float:
    """The least drift that is found with this ``power`` at one of the looks.

    A test that looks once, at 1, needs the drift z(1 - alpha) + z(power). The square of the ratio of both
    is how many times more units the plan with looks needs at most. Raises ValueError for what
    `crossing_probability` refuses, and for a power that is not between the error of the first kind and 1.
    """
    error = crossing_probability(bounds, fractions)[-1]
    if not error < power < 1 or error == 0:
        raise ValueError(f"a power lies between the error of the first kind, {error}, and 1: not {power}")

    def missed(drift: float) -> float:
        return 1 - crossing_probability(bounds, fractions, drift=drift)[-1]

    high = 4.0
    while missed(high) > 1 - power:
        high *= 2
    return where(missed, 1 - power, 0.0, high)
