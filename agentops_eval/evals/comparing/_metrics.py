"""What a candidate costs: money, tokens, time and steps, on the cases that both sides know it of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import ChangeKind, Ending, Estimate, MetricChange, Result
from agentops_eval.evals.comparing._samples import metrics_of
from agentops_eval.evals.comparing._sides import Pair, Side
from agentops_eval.stats import clustered_mean, holm, paired_bootstrap, wilcoxon

_NEGLIGIBLE = 0.01
"""A mean that moves by less than this share matters to nobody, however sure that is. Replays do."""

_MOST_DRAWN = 1_000
"""Of more cases the mean is normal enough, and drawing takes long."""


def metric_changes(pairs: Sequence[Pair], *, alpha: float, seed: int) -> tuple[MetricChange, ...]:
    """One change for each measure that any case knows on both sides. More is worse.

    Limits of the mean difference over cases are those of the paired bootstrap, the p-value is
    Wilcoxon's, corrected by Holm over the measures. Beyond noise is what both say of a mean that moved by
    1 % or more.
    """
    known = [(_means(pair.baseline), _means(pair.candidate)) for pair in pairs]
    names = dict.fromkeys(name for before, after in known for name in before if name in after)
    found = []
    for name in names:
        both = [(before[name], after[name]) for before, after in known if name in before and name in after]
        found.append((name, both, _estimate([after - before for before, after in both], alpha, seed)))
    adjusted = holm([estimate.p_value or 0.0 for _, _, estimate in found])
    return tuple(
        _change(name, both, replace(estimate, p_value=p_value), alpha)
        for (name, both, estimate), p_value in zip(found, adjusted, strict=True)
    )


def _means(side: Side) -> Mapping[str, float]:
    """The mean of each measure over runs that ended with a verdict; replays of one recording are one run."""
    runs: dict[object, Result] = {}
    for at, result in enumerate(side.results):
        if result.ending is Ending.JUDGED:
            runs.setdefault(result.recording or at, result)
    values: dict[str, list[float]] = {}
    for result in runs.values():
        for name, value in metrics_of(result.spend).items():
            if math.isfinite(value):
                values.setdefault(name, []).append(value)
    return {name: _mean(told) for name, told in values.items()}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _estimate(differences: Sequence[float], alpha: float, seed: int) -> Estimate:
    limits = (
        paired_bootstrap(differences, confidence=1 - alpha, seed=seed)
        if len(differences) <= _MOST_DRAWN
        else clustered_mean([[one] for one in differences], confidence=1 - alpha)
    )
    ranks = wilcoxon(differences)
    return Estimate(
        value=_mean(differences),
        low=None if limits is None else limits.low,
        high=None if limits is None else limits.high,
        p_value=ranks.p_value,
        n=len(differences),
        method=f"Wilcoxon{f'; {limits.method}' if limits else ''}",
    )


def _change(
    name: str, both: Sequence[tuple[float, float]], difference: Estimate, alpha: float
) -> MetricChange:
    return MetricChange(
        name=name,
        baseline=_mean([before for before, _ in both]),
        candidate=_mean([after for _, after in both]),
        difference=difference,
        kind=_kind(both, difference, alpha),
    )


def _kind(both: Sequence[tuple[float, float]], difference: Estimate, alpha: float) -> ChangeKind:
    if all(before == after for before, after in both):
        return ChangeKind.SAME
    baseline = abs(_mean([before for before, _ in both]))
    if difference.value is None or abs(difference.value) < _NEGLIGIBLE * baseline:
        return ChangeKind.NOISE
    proven = difference.p_value is not None and difference.p_value <= alpha
    if proven and difference.low is not None and difference.low > 0:
        return ChangeKind.REGRESSION
    if proven and difference.high is not None and difference.high < 0:
        return ChangeKind.IMPROVEMENT
    return ChangeKind.NOISE
