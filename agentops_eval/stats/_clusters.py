"""Intervals where trials belong to cases: what happens twice in one case is not seen twice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from agentops_eval.stats._model import Interval
from agentops_eval.stats._rates import wilson
from agentops_eval.stats._special import t_quantile, two_sided

Weight = Literal["cases", "trials"]


def clustered_mean(
    clusters: Sequence[Sequence[float]], *, confidence: float = 0.95, weight: Weight = "cases"
) -> Interval | None:
    """The mean of values that come in clusters (the trials of each case), with limits that know it.

    With ``weight="cases"`` each cluster's mean weighs the same. With ``"trials"`` each value does, and
    the standard error is that of Miller (2024, arXiv 2411.00640, section 2.2):
    sqrt(sum over clusters of (sum of residuals)^2) / n. For clusters of equal size both are the same.
    Both are corrected for few clusters, by G / (G - 1) and Student's t with G - 1 degrees of freedom
    (Cameron and Miller 2015). ``n`` is G, the number of clusters. Empty clusters are left out; with
    fewer than two nothing is known about others: None.
    """
    kept = [values for values in clusters if values]
    if len(kept) < 2:
        return None
    count = len(kept)
    if weight == "cases":
        means = [math.fsum(values) / len(values) for values in kept]
        value = math.fsum(means) / count
        parts, whole = [mean - value for mean in means], count
    else:
        whole = sum(map(len, kept))
        value = math.fsum(one for values in kept for one in values) / whole
        parts = [math.fsum(one - value for one in values) for values in kept]
    error = math.sqrt(math.fsum(part * part for part in parts) * count / (count - 1)) / whole
    reach = t_quantile(two_sided(confidence), count - 1) * error
    return Interval(
        value=value,
        low=value - reach,
        high=value + reach,
        n=count,
        method="clustered by case, t",
        confidence=confidence,
    )


def clustered_rate(counts: Sequence[tuple[int, int]], *, confidence: float = 0.95) -> Interval:
    """The pass rate over cases, given as (passed, trials); each case weighs the same.

    The limits are those of ``clustered_mean``, within 0 and 1. Where every case has the same rate there
    is no spread to measure; the limits are then Wilson's for as many trials as there are cases, as if
    repeats told nothing new. One case tells nothing about others: from 0 to 1. Raises ValueError where
    no case has a trial.
    """
    tried = [(passed, trials) for passed, trials in counts if trials]
    if not tried:
        raise ValueError("no trial has no rate")
    rates = [passed / trials for passed, trials in tried]
    if len(rates) == 1:
        return Interval(value=rates[0], low=0.0, high=1.0, n=1, method="one case", confidence=confidence)
    if min(rates) == max(rates):
        alike = wilson(rates[0] * len(rates), len(rates), confidence=confidence)
        return replace(alike, value=rates[0], method="Wilson over cases, all alike")
    found = clustered_mean([[rate] for rate in rates], confidence=confidence)
    assert found is not None
    return replace(found, low=max(0.0, found.low), high=min(1.0, found.high))
