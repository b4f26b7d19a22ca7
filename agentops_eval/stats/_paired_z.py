"""One z from the paired differences of all clusters seen so far."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from agentops_eval.stats._special import normal_quantile, t_tail

_ROUNDING = 1e-9
_SMALLEST = 1e-300
_HALVINGS = 50


def sequential_z(
    differences: Sequence[float], *, null: float = 0.0, least: float | None = None, unseen: float = 0.5
) -> float | None:
    """How far the mean of these differences lies above ``null``, as a z to hold against `boundaries`.

    Each difference is one cluster's (the mean of its trials, candidate less baseline). Student's t of the
    mean becomes the z with the same one-sided p-value, so that a boundary keeps its level at each look
    (Pocock 1977 proposes it). None for fewer than two.

    t believes the spread that it saw. Where few clusters are lost, those seen may show none, and however
    many trials each of them has, they tell nothing of the lost ones: hold differences against a margin with
    the ``least`` that one can be (-1 for rates). z is then at most the signed root of the empirical
    likelihood ratio (Owen 1988) of the differences and of ``unseen`` more at ``least``; half an observation
    is the continuity correction of single trials. Without a margin, where effects are as often one way as
    the other, t keeps its level with means of many trials.

    Where all differences are the same but for rounding there is no spread to measure: 0 where they are
    ``null``, else the z of n signs that agree, p = 2^-n. Above a margin that is no p-value: 0 again,
    unless ``least`` is known. p-values below 1e-300 count as 1e-300, so that z stays within 37.1.

    Raises ValueError for what is not finite, for a ``least`` that is not below ``null`` and all
    differences, and for a negative ``unseen``.
    """
    _check(differences, null, least, unseen)
    count = len(differences)
    if count < 2:
        return None
    scale = max(*map(abs, differences), abs(null), abs(least or 0.0)) or 1.0
    apart = [one / scale - null / scale for one in differences]
    z = _of_t(apart, alike=0.0 if null and least is None else 1.0)
    if z <= 0 or least is None:
        return z
    reach = max(null / scale - least / scale, _ROUNDING)
    return min(z, _root_of_likelihood([one / reach for one in apart], unseen))


def _check(differences: Sequence[float], null: float, least: float | None, unseen: float) -> None:
    if not all(map(math.isfinite, (*differences, null, least or 0.0, unseen))):
        raise ValueError("a difference, the null or a limit is not a finite number")
    if least is not None and not (least < null and least <= min(differences, default=null)):
        raise ValueError(f"{least} is not the least difference: the null is {null}, some may be below it")
    if unseen < 0:
        raise ValueError(f"what was not seen weighs something or nothing, not {unseen}")


def _of_t(apart: Sequence[float], *, alike: float) -> float:
    """The z of t; where all are equal that of signs, times ``alike`` if they lie above the null."""
    count = len(apart)
    mean = math.fsum(apart) / count
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in apart) / (count - 1))
    if abs(mean) <= _ROUNDING and spread <= _ROUNDING:
        return 0.0
    if spread > _ROUNDING:
        return _signed(t_tail(abs(mean) / spread * math.sqrt(count), count - 1), mean)
    return _signed(2.0**-count, mean) * (alike if mean > 0 else 1.0)


def _signed(p: float, sign: float) -> float:
    return math.copysign(max(0.0, -normal_quantile(max(p, _SMALLEST))), sign)


def _root_of_likelihood(apart: Sequence[float], unseen: float) -> float:
    """sqrt(2 max over 0 <= l <= 1 of sum log(1 + l x) + unseen log(1 - l)), of x that are at least -1.

    That is how much likelier the observations are as they are than with the mean 0, where some of the
    probability may lie at -1 unseen.
    """
    weights = Counter(apart)
    weighed = [(max(one, -1.0), float(times)) for one, times in weights.items()] + [(-1.0, unseen)]
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        slope = sum(times * one / (1 + middle * one) for one, times in weighed)
        low, high = (middle, high) if slope > 0 else (low, middle)
    return math.sqrt(2 * max(0.0, math.fsum(times * math.log1p(low * one) for one, times in weighed)))
