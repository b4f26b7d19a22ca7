"""The value that a sample, and a cluster of them, has for a metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

from agentops_eval.domain import Sample
from agentops_eval.gate._gate import Kind, Metric
from agentops_eval.gate._units import Cluster

PASSED = "passed"


class Flaw(StrEnum):
    """What keeps a value from being counted."""

    MISSING = "missing"
    NOT_FINITE = "not a finite number"
    OUT_OF_RANGE = "out of range"


def value_of(metric: Metric, sample: Sample) -> float | Flaw:
    """What a sample says of a metric."""
    found = sample.metrics.get(metric.name)
    if found is None:
        if metric.name != PASSED:
            return Flaw.MISSING
        outcome = sample.outcome
        return Flaw.MISSING if outcome is None else float(outcome)
    if not math.isfinite(found):
        return Flaw.NOT_FINITE
    return float(found) if _fits(metric, found) else Flaw.OUT_OF_RANGE


def _fits(metric: Metric, value: float) -> bool:
    if metric.kind is Kind.BINARY:
        return value in {0.0, 1.0}
    if metric.kind is Kind.BOUNDED:
        return metric.range[0] <= value <= metric.range[1]
    if metric.kind in {Kind.COUNT, Kind.LIMIT}:
        return 0 <= value <= metric.most and value == int(value)
    return 0 <= value <= metric.most


def cluster_values(metric: Metric, cluster: Cluster) -> list[float]:
    """The values of a cluster's independent trials: those of one recording are one, by their mean."""
    if len(cluster) == 1:
        alone = value_of(metric, cluster[0])
        return [] if isinstance(alone, Flaw) else [alone]
    groups: dict[object, list[float]] = {}
    for at, sample in enumerate(cluster):
        found = value_of(metric, sample)
        if not isinstance(found, Flaw):
            groups.setdefault(sample.recording or at, []).append(found)
    return [mean(values) for values in groups.values()]


def cluster_mean(metric: Metric, cluster: Cluster) -> float | None:
    """The one value of a cluster; None where no trial has any."""
    if len(cluster) == 1:
        alone = value_of(metric, cluster[0])
        return None if isinstance(alone, Flaw) else alone
    values = cluster_values(metric, cluster)
    return mean(values) if values else None


def means(metric: Metric, clusters: Sequence[Cluster]) -> list[float]:
    """The means of the clusters that have one."""
    if len(clusters) == 1:  # a pair, of which there may be very many
        alone = cluster_mean(metric, clusters[0])
        return [] if alone is None else [alone]
    found = (cluster_mean(metric, cluster) for cluster in clusters)
    return [one for one in found if one is not None]


def mean(values: list[float]) -> float:
    """The mean, exactly rounded, of at least one value."""
    return values[0] if len(values) == 1 else math.fsum(values) / len(values)
