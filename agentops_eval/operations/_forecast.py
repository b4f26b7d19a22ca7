"""What an agent will cost, and what drives it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from agentops_eval.domain import CostDriver, CostForecast, Estimate, RunFacts, VerdictValue
from agentops_eval.operations._estimates import estimate_of
from agentops_eval.operations._objectives import DAY_S
from agentops_eval.stats import sum_ahead, theil_sen, trend_correlation

MIN_WEEKS = 8
"""With fewer whole weeks of history nothing is foretold."""
QUARTER_WEEKS = 13
_FOR_WEEKDAYS = 4
_THURSDAY = 3  # 1970 began on one


def forecast_cost(
    runs: Iterable[RunFacts], *, now_s: float, weeks: int = QUARTER_WEEKS, confidence: float = 0.95
) -> CostForecast:
    """What the ``weeks`` after ``now_s`` (seconds since 1970) will cost, by whole weeks of history before.

    Weeks have each weekday once, so that the rhythm of a week does not blur the trend. The line through them
    is taken to go on; limits are those of its prediction, and never below 0. Unknown with fewer than 8
    weeks, or where the cost of a run is unknown: a sum over what is known would be too low.
    """
    known = [run for run in runs if run.at_s < now_s]
    if not known:
        return _unknown(weeks, MIN_WEEKS, "there is no run")
    unpriced = sum(run.cost_usd is None for run in known)
    if unpriced:
        return _unknown(weeks, 0, f"the cost of {unpriced} of {len(known)} runs is unknown")
    count = math.ceil((now_s - min(run.at_s for run in known)) / DAY_S) // 7
    if count < MIN_WEEKS:
        why = f"{count} whole weeks of history, of {MIN_WEEKS} that are needed"
        return _unknown(weeks, MIN_WEEKS - count, why)
    history = [run for run in known if run.at_s >= now_s - count * 7 * DAY_S]
    totals = [math.fsum(costs) for costs in _by_week(history, now_s, count)]
    ahead = estimate_of(sum_ahead(totals, weeks, confidence=confidence))
    span = min(count // 2, QUARTER_WEEKS)
    return CostForecast(
        verdict=VerdictValue.PASS,
        weeks=weeks,
        cost=_not_negative(ahead),
        trend_usd=estimate_of(theil_sen(totals, confidence=confidence)),
        weekdays=weekday_weights(history, now_s=now_s) if count >= _FOR_WEEKDAYS else (),
        drivers=cost_drivers(history, now_s=now_s, weeks=span),
        correlation=trend_correlation(totals),
    )


def _unknown(weeks: int, needed: int, why: str) -> CostForecast:
    return CostForecast(verdict=VerdictValue.UNKNOWN, weeks=weeks, n_needed=needed, why=why)


def _not_negative(found: Estimate) -> Estimate:
    value, low, high = (max(0.0, one or 0.0) for one in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def _by_week(runs: Iterable[RunFacts], now_s: float, count: int) -> list[list[float]]:
    """The costs of each week, the oldest first; weeks end at ``now_s``."""
    weeks: list[list[float]] = [[] for _ in range(count)]
    for run in runs:
        ago = math.ceil((now_s - run.at_s) / (7 * DAY_S))
        weeks[count - ago].append(run.cost_usd or 0.0)
    return weeks


def weekday_weights(runs: Iterable[RunFacts], *, now_s: float) -> tuple[float, ...]:
    """How much of a week's cost falls on Monday to Sunday (UTC), in sevenths; empty where it is 0.

    ``runs`` are those of whole weeks before ``now_s``, so that each weekday is there as long as any other.
    """
    days = [0.0] * 7
    for run in runs:
        if run.at_s < now_s:
            days[(math.floor(run.at_s / DAY_S) + _THURSDAY) % 7] += run.cost_usd or 0.0
    total = math.fsum(days)
    return tuple(7 * day / total for day in days) if total else ()


def cost_drivers(
    runs: Iterable[RunFacts], *, now_s: float, weeks: int = QUARTER_WEEKS
) -> tuple[CostDriver, ...]:
    """What each group's cost changed by in the last ``weeks`` against as many before, the largest first.

    With volumes v and costs per run p: v1 p1 - v0 p0 = (v1 - v0)(p0 + p1) / 2 + (p1 - p0)(v0 + v1) / 2, the
    volume's part and the price's. A group that is new, or gone, had the price that it has.
    """
    span, known = weeks * 7 * DAY_S, [*runs]
    before, after = (
        _volumes(run for run in known if start <= run.at_s < start + span)
        for start in (now_s - 2 * span, now_s - span)
    )
    drivers = [
        _driver(group, before.get(group, (0, 0.0)), after.get(group, (0, 0.0)))
        for group in sorted({*before, *after})
    ]
    return tuple(sorted(drivers, key=lambda one: -abs(one.change_usd)))


def _volumes(runs: Iterable[RunFacts]) -> Mapping[str, tuple[int, float]]:
    """Runs and their cost by group."""
    costs: dict[str, list[float]] = {}
    for run in runs:
        costs.setdefault(run.group, []).append(run.cost_usd or 0.0)
    return {group: (len(all_), math.fsum(all_)) for group, all_ in costs.items()}


def _driver(group: str, before: tuple[int, float], after: tuple[int, float]) -> CostDriver:
    (v0, cost0), (v1, cost1) = before, after
    p0 = cost0 / v0 if v0 else cost1 / v1
    p1 = cost1 / v1 if v1 else p0
    return CostDriver(
        group=group,
        before_usd=cost0,
        after_usd=cost1,
        volume_usd=(v1 - v0) * (p0 + p1) / 2,
        price_usd=(p1 - p0) * (v0 + v1) / 2,
    )
