"""Intervals for a rate of independent trials."""

from __future__ import annotations

import math

from agentops_eval.stats._model import Interval
from agentops_eval.stats._special import beta_cdf, z_of

_HALVINGS = 60


def wilson(passed: float, n: int, *, confidence: float = 0.95) -> Interval:
    """The score interval of a rate, ``passed`` out of ``n`` independent trials (Wilson 1927).

    With p = passed / n: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). It never leaves 0 to
    1, and keeps a width where all passed or none. Trials that belong to one case are not independent:
    ``clustered_rate`` is for those. Raises ValueError where ``n`` is 0 or ``passed`` is not within it.
    """
    if n < 1 or not 0 <= passed <= n:
        raise ValueError(f"{passed} of {n} is no rate")
    z = z_of(confidence)
    centre = (passed + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * math.sqrt(passed * (n - passed) / n + z * z / 4)
    low = 0.0 if passed == 0 else max(0.0, centre - reach)
    high = 1.0 if passed == n else min(1.0, centre + reach)
    return Interval(value=passed / n, low=low, high=high, n=n, method="Wilson", confidence=confidence)


def clopper_pearson(passed: int, n: int, *, confidence: float = 0.95) -> Interval:
    """The exact interval of a rate, ``passed`` out of ``n`` independent trials (Clopper and Pearson 1934).

    Its limits are the rates at which so many or more, and so few or fewer, have half of what is left of
    ``confidence``: it covers at least that often at any n, and is wider than it has to be. Raises ValueError
    where ``n`` is 0 or ``passed`` is not within it.
    """
    if n < 1 or not 0 <= passed <= n:
        raise ValueError(f"{passed} of {n} is no rate")
    tail = (1 - confidence) / 2
    low = 0.0 if passed == 0 else _beta_quantile(tail, passed, n - passed + 1)
    high = 1.0 if passed == n else _beta_quantile(1 - tail, passed + 1, n - passed)
    return Interval(
        value=passed / n, low=low, high=high, n=n, method="Clopper-Pearson", confidence=confidence
    )


def _beta_quantile(probability: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(middle, a, b) < probability else (low, middle)
    return (low + high) / 2
