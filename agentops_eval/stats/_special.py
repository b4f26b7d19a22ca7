"""Tails and quantiles of the normal, beta and t distributions, with the standard library alone."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_CLOSE = 1e-16
_STEPS = 100_000


def normal_tail(z: float) -> float:
    """The probability that a standard normal value exceeds ``z``; exact in its far tail, too."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def normal_quantile(probability: float) -> float:
    """The value below which a standard normal value lies with this probability (Wichura 1988, AS 241).

    0 and 1 have infinite quantiles. Raises ValueError for what is no probability.
    """
    if probability in (0, 1):
        return math.copysign(math.inf, probability - 0.5)
    return _NORMAL.inv_cdf(probability)


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: P(Beta(a, b) <= x), for ``a`` and ``b`` above 0.

    The continued fraction DLMF 8.17.22, evaluated from the front (Lentz 1976, as modified by Thompson
    and Barnett 1986), on the side of the mode where it converges fast.
    """
    return _beta(x, 1 - x, a, b)


def _beta(x: float, rest: float, a: float, b: float) -> float:
    """The same, given what is left to 1 as well: where x is close to 1, that holds the digits."""
    if x <= 0 or rest <= 0:
        return float(rest <= 0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(rest, x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(scale + a * math.log(x) + b * math.log(rest)) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """The value of 1 + d1/(1 + d2/(1 + ...))."""
    value, upper, lower = 1.0, 1.0, 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1 / ((1 + d * lower) or _TINY)
        upper = (1 + d / upper) or _TINY
        value *= upper * lower
        if abs(upper * lower - 1) < _CLOSE:
            break
    return value


def t_tail(t: float, df: float) -> float:
    """The probability that a value of Student's t with ``df`` degrees of freedom exceeds ``t``."""
    if t < 0:
        return 1 - t_tail(-t, df)
    square = t * t
    if math.isinf(square):
        return 0.0
    return 0.5 * _beta(df / (df + square), square / (df + square), df / 2, 0.5)


@lru_cache(maxsize=1024)
def t_quantile(probability: float, df: float) -> float:
    """The value below which Student's t with ``df`` degrees of freedom lies with this probability.

    Found by halving. Raises ValueError for what is no probability, or for ``df`` not above 0.
    """
    if not 0 <= probability <= 1 or df <= 0:
        raise ValueError(f"no quantile {probability} of t with {df} degrees of freedom")
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    if probability == 1:
        return math.inf
    tail = 1 - probability
    low, high = 0.0, 2.0
    while t_tail(high, df) > tail:
        low, high = high, high * 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if t_tail(middle, df) > tail else (low, middle)
    return high


def two_sided(confidence: float) -> float:
    """The probability below the upper limit of a two-sided interval.

    Raises ValueError for a confidence that is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence is between 0 and 1, not {confidence}")
    return 0.5 + confidence / 2


def z_of(confidence: float) -> float:
    """How many standard errors a two-sided normal interval reaches to each side."""
    return normal_quantile(two_sided(confidence))
