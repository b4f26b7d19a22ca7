"""Whether quality, cost or latency moved from one period to the next, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agentops_eval.domain import ChangePoint, Drift, Estimate, RunFacts, VerdictValue
from agentops_eval.operations._estimates import estimate_of
from agentops_eval.operations._objectives import DAY_S
from agentops_eval.stats import change_points, newcombe, welch

MIN_RUNS = 30
"""With fewer runs in a period nothing is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure of runs: what it is of one run, how far it may worsen, and whether higher is better.

    ``tolerance`` is absolute for shares, else a share of the mean before.
    """

    name: str
    of: Callable[[RunFacts], float | None]
    tolerance: float
    share: bool = False
    higher_is_better: bool = False


MEASURES = (
    Measured(
        name="quality",
        of=lambda run: None if run.succeeded is None else float(run.succeeded),
        tolerance=0.05,
        share=True,
        higher_is_better=True,
    ),
    Measured(name="cost_usd", of=lambda run: run.cost_usd, tolerance=0.1),
    Measured(name="latency_s", of=lambda run: run.took_s, tolerance=0.1),
)
"""What drifts: the share of runs that succeed by 0.05, mean cost and mean duration by a tenth."""


def drift(
    runs: Iterable[RunFacts],
    *,
    split_s: float,
    measures: Sequence[Measured] = MEASURES,
    alpha: float = 0.05,
    seed: int = 0,
) -> tuple[Drift, ...]:
    """How each measure changed at ``split_s`` (seconds since 1970), and on which days its daily mean did.

    It passes where the worse limit of the change is within the tolerance, fails where the better one is
    beyond it, and is unknown in between, or with fewer than 30 runs in a period. Runs are taken as
    independent in the difference; change points know of dependence.
    """
    known = [*runs]
    before = [run for run in known if run.at_s < split_s]
    after = [run for run in known if run.at_s >= split_s]
    return drift_between(before, after, measures=measures, alpha=alpha, seed=seed)


def drift_between(
    baseline: Iterable[RunFacts],
    candidate: Iterable[RunFacts],
    *,
    measures: Sequence[Measured] = MEASURES,
    alpha: float = 0.05,
    seed: int = 0,
) -> tuple[Drift, ...]:
    """The same of runs that were told apart otherwise than by when they were."""
    both = [sorted(runs, key=lambda run: run.at_s) for runs in (baseline, candidate)]
    return tuple(_drift(one, both[0], both[1], alpha, seed) for one in measures)


def _drift(
    measured: Measured, baseline: Sequence[RunFacts], candidate: Sequence[RunFacts], alpha: float, seed: int
) -> Drift:
    told = [
        [(run.at_s, value) for run in runs if (value := measured.of(run)) is not None]
        for runs in (baseline, candidate)
    ]
    before, after = ([value for _, value in one] for one in told)
    points = daily_changes([*told[0], *told[1]], alpha=alpha, seed=seed)
    missing = max(0, MIN_RUNS - len(before)) + max(0, MIN_RUNS - len(after))
    if missing:
        why = f"{len(before)} runs before and {len(after)} after, of {MIN_RUNS} that are needed in each"
        return Drift(
            measure=measured.name, verdict=VerdictValue.UNKNOWN, n_needed=missing, why=why, points=points
        )
    change, usual = _change(measured, before, after, alpha), math.fsum(before) / len(before)
    tolerance = measured.tolerance * (1.0 if measured.share else abs(usual))
    verdict = _verdict(measured, change, tolerance)
    return Drift(
        measure=measured.name,
        verdict=verdict,
        change=change,
        before=usual,
        after=math.fsum(after) / len(after),
        tolerance=tolerance,
        points=points,
        why="" if verdict is VerdictValue.PASS else _why(change, tolerance),
    )


def _change(measured: Measured, before: Sequence[float], after: Sequence[float], alpha: float) -> Estimate:
    if not measured.share:
        return estimate_of(welch(after, before, confidence=1 - alpha))
    passed, usual = round(math.fsum(after)), round(math.fsum(before))
    return estimate_of(newcombe(passed, len(after), usual, len(before), confidence=1 - alpha))


def _verdict(measured: Measured, change: Estimate, tolerance: float) -> VerdictValue:
    low, high = change.low or 0.0, change.high or 0.0
    best, worst = (-high, -low) if measured.higher_is_better else (low, high)
    if best > tolerance:
        return VerdictValue.FAIL
    return VerdictValue.PASS if worst <= tolerance else VerdictValue.UNKNOWN


def _why(change: Estimate, tolerance: float) -> str:
    return f"it changed by between {change.low:.4g} and {change.high:.4g}, where {tolerance:.4g} is tolerated"


def daily_changes(
    told: Iterable[tuple[float, float]], *, alpha: float = 0.05, seed: int = 0
) -> tuple[ChangePoint, ...]:
    """The days on which the level of the daily mean changed; days without a run are passed over."""
    by_day: dict[int, list[float]] = {}
    for at_s, value in told:
        by_day.setdefault(math.floor(at_s / DAY_S), []).append(value)
    days = sorted(by_day)
    means = [math.fsum(by_day[day]) / len(by_day[day]) for day in days]
    found = change_points(means, alpha=alpha, seed=seed) or ()
    edges = [0, *(at for at, _ in found), len(means)]
    return tuple(
        ChangePoint(
            at=at,
            before=_level(means[edges[number] : at]),
            after=_level(means[at : edges[number + 2]]),
            p_value=p,
            label=_date(days[at]),
        )
        for number, (at, p) in enumerate(found)
    )


def _level(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()
