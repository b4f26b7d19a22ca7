"""One z from the paired differences of all clusters seen so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentops_eval.stats._special import normal_quantile, t_tail

_ROUNDING = 1e-9
_SMALLEST = 1e-300


def sequential_z(differences: Sequence[float], *, null: float = 0.0) -> float | None:
    """How far the mean of these differences lies above ``null``, as a z to hold against `boundaries`.

    Each difference is one cluster's (the mean of its trials, candidate less baseline). Student's t of the
    mean becomes the z with the same one-sided p-value, so that a boundary keeps its
    level at each look (Pocock 1977 proposes it). None for fewer than two.

    Where all differences are the same but for rounding there is no spread to measure: 0 where they are
    ``null``, else the z of n signs that agree, p = 2^-n. p-values below 1e-300 count as 1e-300, so that z
    stays within 37.1. Raises ValueError for differences or a null that are not finite.
    """
    count = len(differences)
    if not all(map(math.isfinite, (*differences, null))):
        raise ValueError("a difference, or the null, is not a finite number")
    if count < 2:
        return None
    scale = max(*map(abs, differences), abs(null)) or 1.0
    apart = [one / scale - null / scale for one in differences]
    mean = math.fsum(apart) / count
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in apart) / (count - 1))
    if abs(mean) <= _ROUNDING and spread <= _ROUNDING:
        return 0.0
    p = 2.0**-count if spread <= _ROUNDING else t_tail(abs(mean) / spread * math.sqrt(count), count - 1)
    return math.copysign(max(0.0, -normal_quantile(max(p, _SMALLEST))), mean)
