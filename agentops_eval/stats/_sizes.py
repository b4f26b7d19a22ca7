"""How many pairs a question needs before its answer means something."""

from __future__ import annotations

import math

from agentops_eval.stats._special import normal_quantile


def pairs_to_detect(change: float, *, discordance: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """So many paired cases show a change of the pass rate by ``change`` with this ``power``.

    ``discordance`` is the share of pairs whose outcomes differ; ``alpha`` is one-sided. Of a difference
    in {-1, 0, 1} the variance is d - change^2: n = (z_alpha + z_power)^2 (d - change^2) / change^2
    (Connor 1987, with the variance under the alternative). Raises ValueError where that cannot be:
    more change than pairs that differ, or none.
    """
    if not 0 < abs(change) <= discordance <= 1:
        raise ValueError(f"a change of {change} does not fit a discordance of {discordance}")
    return cases_needed(abs(change), variance=discordance - change * change, alpha=alpha, power=power)


def pairs_to_rule_out(
    margin: float, *, discordance: float, change: float = 0.0, alpha: float = 0.05, power: float = 0.8
) -> int:
    """So many paired cases show that a candidate is not worse by ``margin``, where it changes by ``change``.

    For a non-inferiority test with one-sided ``alpha``: n = (z_alpha + z_power)^2 (d - change^2) /
    (margin + change)^2. Raises ValueError where that cannot be shown: a change beyond the margin, or
    of more than the pairs that differ.
    """
    if not (margin + change > 0 and abs(change) <= discordance <= 1):
        raise ValueError(f"a change of {change} does not fit a margin of {margin} and that discordance")
    return cases_needed(margin + change, variance=discordance - change * change, alpha=alpha, power=power)


def cases_needed(distance: float, *, variance: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """So many cases tell means apart that are ``distance`` apart, where differences have this ``variance``.

    n = (z_alpha + z_power)^2 variance / distance^2, at least 1. Raises ValueError for a distance or
    variance below 0, or for shares that are none.
    """
    if distance <= 0 or variance < 0 or not (0 < alpha < 1 and 0 < power < 1):
        raise ValueError("a sample size needs a distance above 0, a variance and two shares")
    reach = normal_quantile(1 - alpha) + normal_quantile(power)
    return max(1, math.ceil(reach * reach * variance / (distance * distance)))
