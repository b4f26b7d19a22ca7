"""Whether an agent's confidence can be taken at its word, and from which confidence on it may act alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentops_eval.domain import CalibrationReport, Threshold, VerdictValue
from agentops_eval.operations._estimates import estimate_of
from agentops_eval.stats import (
    brier,
    calibration_error,
    calibration_noise,
    clopper_pearson,
    edges_of,
    lowest_safe,
    reliability_bins,
    resampled_thresholds,
    threshold_grid,
    trials_to_start,
)

MIN_RUNS = 1_000
"""With fewer runs calibration is unknown."""
_BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Confident:
    """One run: how confident the agent was, from 0 to 1, whether it was right, in which class of actions."""

    confidence: float
    correct: bool
    action: str = ""


def calibrate(
    runs: Iterable[Confident],
    *,
    target: float = 0.05,
    alpha: float = 0.05,
    min_runs: int = MIN_RUNS,
    bins: int = _BINS,
    seed: int = 0,
) -> CalibrationReport:
    """How far confidence can be taken at its word, and thresholds whose error rate is at most ``target``.

    Each class of actions has a threshold of its own, which is wrong with probability ``alpha`` at most.
    Runs are taken as independent. The same runs in any order and the same ``seed`` give the same report.
    Raises ValueError for a confidence, target or alpha that is not between 0 and 1.
    """
    if not (0 < target < 1 and 0 < alpha < 1):
        raise ValueError(f"target and alpha are between 0 and 1, not {target} and {alpha}")
    known = sorted(runs, key=lambda one: (one.action, one.confidence, one.correct))
    pairs = [(one.confidence, one.correct) for one in known]
    edges, even = edges_of(pairs, bins=bins), edges_of(pairs, bins=bins, equal="mass")
    by_action: dict[str, list[tuple[float, bool]]] = {}
    for one in known:
        by_action.setdefault(one.action, []).append((one.confidence, one.correct))
    thresholds = tuple(
        approval_threshold(of, action=action, target=target, alpha=alpha, seed=seed)
        for action, of in by_action.items()
    )
    if len(pairs) < max(2, min_runs):
        return CalibrationReport(n=len(pairs), n_needed=max(2, min_runs) - len(pairs), thresholds=thresholds)
    return _report(pairs, edges, even, thresholds, alpha=alpha, seed=seed)


def _report(
    pairs: Sequence[tuple[float, bool]],
    edges: Sequence[float],
    even: Sequence[float],
    thresholds: tuple[Threshold, ...],
    *,
    alpha: float,
    seed: int,
) -> CalibrationReport:
    error = estimate_of(calibration_error(pairs, edges, confidence=1 - alpha, seed=seed))
    parts, cells = brier(pairs, edges), reliability_bins(pairs, edges)
    return CalibrationReport(
        n=len(pairs),
        verdict=VerdictValue.FAIL if error.low else VerdictValue.PASS,
        ece=error,
        ece_equal_mass=estimate_of(calibration_error(pairs, even, confidence=1 - alpha, seed=seed)),
        mce=max(abs(one.gap) for one in cells),
        noise=calibration_noise(pairs, edges).value,
        brier=parts.score,
        reliability=parts.reliability,
        resolution=parts.resolution,
        uncertainty=parts.uncertainty,
        within=parts.within,
        bins=cells,
        bins_equal_mass=reliability_bins(pairs, even),
        thresholds=thresholds,
    )


def approval_threshold(
    pairs: Sequence[tuple[float, bool]], *, action: str, target: float, alpha: float, seed: int = 0
) -> Threshold:
    """The lowest confidence at and above which errors are shown to be at most ``target``."""
    first = trials_to_start(target, alpha)
    n = len(pairs)
    if n < first:
        why = f"{n} runs are too few to show an error rate of {target:g}: {first} are needed"
        return Threshold(
            action=action, verdict=VerdictValue.UNKNOWN, target=target, n=n, n_needed=first - n, why=why
        )
    grid = threshold_grid([sure for sure, _ in pairs], first=first)
    found = lowest_safe(pairs, grid, target=target, alpha=alpha)
    above = [right for sure, right in pairs if sure >= (grid[0] if found is None else found)]
    rate = estimate_of(clopper_pearson(above.count(False), len(above), confidence=1 - 2 * alpha))
    ends = resampled_thresholds(pairs, grid, target=target, alpha=alpha, seed=seed)
    low, high = (_known(ends[round(share * (len(ends) - 1))]) for share in (0.025, 0.975))
    if found is None:
        why = f"even at a confidence of {grid[0]:g} and above the error rate may be {rate.high:.3g}"
        return Threshold(
            action=action, verdict=VerdictValue.FAIL, target=target, error=rate, n=n, low=low, why=why
        )
    return Threshold(
        action=action,
        verdict=VerdictValue.PASS,
        target=target,
        value=found,
        low=low,
        high=high,
        error=rate,
        covered=len(above) / n,
        n=n,
    )


def _known(value: float) -> float | None:
    return None if math.isinf(value) else value
