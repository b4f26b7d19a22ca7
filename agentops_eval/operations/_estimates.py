"""Intervals of statistics as estimates of the domain."""

from __future__ import annotations

from agentops_eval.domain import Estimate
from agentops_eval.stats import Interval


def estimate_of(found: Interval | None, *, p_value: float | None = None) -> Estimate:
    """An estimate with its limits; one without a value for None."""
    if found is None:
        return Estimate()
    return Estimate(
        value=found.value, low=found.low, high=found.high, p_value=p_value, n=found.n, method=found.method
    )
