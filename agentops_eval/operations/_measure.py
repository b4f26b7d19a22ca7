"""How objectives stand: levels, error budgets, and how fast they burn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Burn, Estimate, ObjectiveStatus, RunFacts, VerdictValue
from agentops_eval.operations._estimates import estimate_of
from agentops_eval.operations._events import Event, events_of
from agentops_eval.operations._objectives import DAY_S, Indicator, Objective
from agentops_eval.stats import cohen_kappa, wilson, z_of

_HOUR = 3_600.0
_RULES = (
    ("page", 0.02, _HOUR, _HOUR / 12),
    ("page", 0.05, 6 * _HOUR, _HOUR / 2),
    ("ticket", 0.10, 72 * _HOUR, 6 * _HOUR),
)
"""Severity, the share of the budget that is used up within the long window, the long and the short window.

Over 30 days these are burn rates of 14.4, 6 and 1 (The Site Reliability Workbook, chapter 5, table 5-8).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What two reviewers said of the same run."""

    at_s: float
    one: str
    other: str


def measure(
    objectives: Iterable[Objective],
    runs: Iterable[RunFacts],
    *,
    now_s: float,
    reviews: Iterable[Reviewed] = (),
) -> tuple[ObjectiveStatus, ...]:
    """How each objective stands at ``now_s`` (seconds since 1970), over its window that ends there.

    It passes where it is kept even if all that is unknown was bad, and fails where it is missed even if all
    of that was good; anything else is unknown. Without events enough it is unknown. What is later than
    ``now_s`` is not looked at.
    """
    known, pairs = [*runs], [*reviews]
    return tuple(_status(one, known, pairs, now_s) for one in objectives)


def _status(
    objective: Objective, runs: Sequence[RunFacts], reviews: Sequence[Reviewed], now_s: float
) -> ObjectiveStatus:
    start = now_s - objective.window_days * DAY_S
    if objective.indicator is Indicator.AGREEMENT:
        return _agreement(objective, [one for one in reviews if start < one.at_s <= now_s])
    if objective.indicator is Indicator.COST_PER_SUCCESS:
        return _cost(objective, [one for one in runs if start < one.at_s <= now_s])
    return _counted(objective, [one for one in events_of(objective, runs) if one[0] <= now_s], now_s)


def _made(objective: Objective, verdict: VerdictValue, **said: object) -> ObjectiveStatus:
    return ObjectiveStatus(
        name=objective.name,
        indicator=objective.subject,
        target=objective.target,
        verdict=verdict,
        window_days=objective.window_days,
        **said,  # type: ignore[arg-type]  # the fields of a status
    )


# -- shares of good events, with an error budget ---------------------------------------------------


def _counted(objective: Objective, events: Sequence[Event], now_s: float) -> ObjectiveStatus:
    good, bad, unknown = _tally(events, now_s - objective.window_days * DAY_S)
    known = good + bad
    missing = max(0, objective.needed - known)
    verdict, why = _share_verdict(objective, good, bad, unknown)
    return _made(
        objective,
        VerdictValue.UNKNOWN if missing else verdict,
        level=estimate_of(wilson(good, known) if known else None),
        good=good,
        events=known,
        unknown=unknown,
        budget_left=1 - bad / (objective.budget * known) if known else None,
        burns=tuple(_burns(objective, events, now_s)),
        n_needed=missing,
        why=f"{known} events of the {objective.needed} that are needed" if missing else why,
    )


def _tally(events: Iterable[Event], start: float) -> tuple[int, int, int]:
    """Good, bad and unknown events after ``start``."""
    inside = [good for at_s, good in events if at_s > start]
    return inside.count(True), inside.count(False), inside.count(None)


def _share_verdict(objective: Objective, good: int, bad: int, unknown: int) -> tuple[VerdictValue, str]:
    events = good + bad + unknown
    allowed = objective.budget * events * (1 + 1e-12)
    if bad > allowed:
        return VerdictValue.FAIL, f"{bad} of {events} events were bad"
    if bad + unknown <= allowed:
        return VerdictValue.PASS, ""
    return VerdictValue.UNKNOWN, f"{unknown} of {events} events are unknown, which is more than the budget"


def _burns(objective: Objective, events: Sequence[Event], now_s: float) -> Iterable[Burn]:
    window_s = objective.window_days * DAY_S
    for severity, share, long_s, short_s in _RULES:
        if long_s <= window_s:
            yield Burn(
                severity=severity,
                threshold=share * window_s / long_s,
                long_s=long_s,
                short_s=short_s,
                long=burn_rate(objective, events, now_s - long_s),
                short=burn_rate(objective, events, now_s - short_s),
            )


def burn_rate(objective: Objective, events: Iterable[Event], start: float) -> float | None:
    """The share of bad events after ``start`` over the share that may be bad; None without known events."""
    good, bad, _ = _tally(events, start)
    return bad / (good + bad) / objective.budget if good + bad else None


# -- what has no budget ----------------------------------------------------------------------------


def _cost(objective: Objective, runs: Sequence[RunFacts]) -> ObjectiveStatus:
    """All costs for each success: at most where what is unknown failed, at least where it succeeded."""
    told = math.fsum(run.cost_usd or 0.0 for run in runs)
    priced = all(run.cost_usd is not None for run in runs)
    sure = sum(run.succeeded is True for run in runs)
    maybe = sum(run.succeeded is None and not run.infrastructure for run in runs)
    unknown = sum(run.cost_usd is None or (run.succeeded is None and not run.infrastructure) for run in runs)
    missing = max(0, objective.needed - sure)
    if sure + maybe and told / (sure + maybe) > objective.target and not missing:
        verdict, why = VerdictValue.FAIL, f"{sure} successes cost {told:.4g} US dollars or more"
    elif missing:
        verdict, why = VerdictValue.UNKNOWN, f"{sure} successes of the {objective.needed} that are needed"
    elif priced and told / sure <= objective.target:
        verdict, why = VerdictValue.PASS, ""
    else:
        verdict, why = VerdictValue.UNKNOWN, f"of {unknown} runs cost or success are unknown"
    level = _ratio(runs) if priced and not maybe else Estimate()
    return _made(
        objective,
        verdict,
        level=level,
        good=sure,
        events=len(runs),
        unknown=unknown,
        n_needed=missing,
        why=why,
    )


def _ratio(runs: Sequence[RunFacts]) -> Estimate:
    """The ratio of two sums with its limits from linearised residuals (Cochran 1977, 6.4)."""
    n, passed = len(runs), sum(run.succeeded is True for run in runs)
    if n < 2 or not passed:
        return Estimate()
    value = math.fsum(run.cost_usd or 0.0 for run in runs) / passed
    off = math.fsum(((run.cost_usd or 0.0) - value * (run.succeeded is True)) ** 2 for run in runs)
    reach = z_of(0.95) * math.sqrt(off * n / (n - 1)) / passed
    return Estimate(value=value, low=max(0.0, value - reach), high=value + reach, n=n, method="ratio of sums")


def _agreement(objective: Objective, reviews: Sequence[Reviewed]) -> ObjectiveStatus:
    """Kappa is estimated from a sample, so its limits are held against the target, not its value."""
    names = sorted({name for one in reviews for name in (one.one, one.other)})
    table = [[0] * len(names) for _ in names]
    for one in reviews:
        table[names.index(one.one)][names.index(one.other)] += 1
    found, missing = cohen_kappa(table), max(0, objective.needed - len(reviews))
    if missing or found is None:
        verdict = VerdictValue.UNKNOWN
        why = f"{len(reviews)} runs were reviewed twice" if missing else "all labels are the same"
    elif found.low >= objective.target:
        verdict, why = VerdictValue.PASS, ""
    elif found.high < objective.target:
        verdict, why = VerdictValue.FAIL, f"kappa is at most {found.high:.2f}"
    else:
        verdict, why = VerdictValue.UNKNOWN, f"kappa is between {found.low:.2f} and {found.high:.2f}"
    return _made(objective, verdict, level=estimate_of(found), events=len(reviews), n_needed=missing, why=why)
