"""How far a set of cases moved, and whether that is more than noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import sqrt

from agentops_eval.domain import Estimate
from agentops_eval.stats import (
    Interval,
    cases_needed,
    clustered_mean,
    paired_difference,
    sign_flip_p,
    t_tail,
)

_SURE = 1e-12  # what floats leave of a variance that is 0


def difference_of(changes: Sequence[Fraction], *, alpha: float) -> Estimate:
    """The mean change of pass rates over cases, each weighing the same, with limits and a two-sided p-value.

    Where every case has one trial a side: Bonett and Price's limits and McNemar's mid-p. With repeats:
    limits of Student's t over cases, so that trials of one case are no independent witnesses, and the
    exact sign-flip test, or beyond its reach the test that belongs to the limits.
    """
    n = len(changes)
    if not n:
        return Estimate()
    single = all(change.denominator == 1 for change in changes)
    limits = _limits(changes, alpha, single=single)
    low_tail = sign_flip_p(changes)
    if low_tail is None:
        p_value, test = _t_test(changes), "t"
    else:
        p_value = min(1.0, 2 * min(low_tail, 1 - low_tail))
        test = "McNemar mid-p" if single else "sign flips"
    return Estimate(
        value=float(sum(changes) / n),
        low=limits.low,
        high=limits.high,
        p_value=p_value,
        n=n,
        method=f"{test}; {limits.method}",
    )


def _limits(changes: Sequence[Fraction], alpha: float, *, single: bool) -> Interval:
    spread = None if single else clustered_mean([[float(one)] for one in changes], confidence=1 - alpha)
    if spread is not None and spread.high - spread.low > _SURE:
        return replace(spread, low=max(-1.0, spread.low), high=min(1.0, spread.high))
    # One trial a side, one case, or cases that all changed alike: no spread can be measured.
    losses, wins = (sum((max(sign * one, Fraction()) for one in changes), Fraction()) for sign in (-1, 1))
    return paired_difference(float(losses), float(wins), len(changes), confidence=1 - alpha)


def _t_test(changes: Sequence[Fraction]) -> float:
    """Two-sided. It is asked for many cases only, whose changes differ: there is a spread."""
    n = len(changes)
    mean = float(sum(changes) / n)
    return min(1.0, 2 * t_tail(abs(mean) / sqrt(_variance(changes) / n), n - 1))


def _variance(changes: Sequence[Fraction]) -> float:
    mean = sum(changes, Fraction()) / len(changes)
    return float(sum((one - mean) ** 2 for one in changes) / max(1, len(changes) - 1))


def more_cases(changes: Sequence[Fraction], found: Estimate, *, margin: float, alpha: float) -> int | None:
    """How many more cases would show that the candidate is not worse by ``margin``, with a power of 80 %.

    0 where the limits say so already, or say the opposite; None without a case. It supposes that
    nothing changed in truth, and that further cases vary as these do, one more worse and one better
    where each case has one trial a side or all are alike.
    """
    if found.value is None or found.low is None or found.high is None:
        return None
    if found.low > -margin or found.high < -margin:
        return 0
    n, variance = len(changes), _variance(changes)
    if not variance or all(change.denominator == 1 for change in changes):
        # As the limits do: one more of each keeps a few cases that are alike from being sure.
        variance = max(0.0, float(sum(one * one for one in changes) + 2) / (n + 2) - found.value**2)
    return max(1, cases_needed(margin, variance=variance, alpha=alpha / 2) - n)
