"""Metrics without an end: cost, latency, tokens. What is tested is the typical ratio, or the tail."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable
from itertools import chain, cycle, islice, product

from agentops_eval.gate._bets import Bet, Histogram, Key, Shown, rounded
from agentops_eval.gate._differences import signs_of
from agentops_eval.gate._gate import Metric, RollbackNull
from agentops_eval.gate._units import Cluster, Unit
from agentops_eval.gate._values import cluster_values, mean, means
from agentops_eval.stats import BOLD, GRID, MeanBets, bounded_ratio, mean_sequence, ratio_sequence

_KEPT = 2_000
_WARM_UP = 20
_FURTHEST = 40.0
_MOST_COUPLES = 1_024


def bound_of(metric: Metric, sign: float, margin: float) -> float:
    """The ratio candidate / baseline at which a loss of ``margin`` lies, on the side that a sign is for."""
    return 1 + margin if sign < 0 else 1 - margin


class Ratios:
    """Bets on the bounded ratio of candidate and baseline, averaged over the pairs within a unit."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._signs = signs_of(metric)
        self.strategies: tuple[int, tuple[int, ...]] = (
            len(BOLD) * len(self._signs),
            (len(BOLD),) * len(self._signs),
        )
        margin = metric.margin or 0.0
        at_null = margin if metric.rollback is RollbackNull.MARGIN else 0.0
        self._rollback_at = [math.log(bound_of(metric, sign, at_null)) for sign in self._signs]
        self._promote_at = [math.log(bound_of(metric, sign, margin)) for sign in self._signs]
        self.nulls = (0.0, 0.0)
        self._rollback = MeanBets(0.0, "below", grid=BOLD)
        self._promote = MeanBets(0.0, "above", grid=BOLD)

    def bet(self, unit: Unit) -> Bet | None:
        """All ratios of the unit, each weighing the same; None where an arm has no value."""
        baseline, candidate = means(self._metric, unit.baseline), means(self._metric, unit.candidate)
        if not baseline or not candidate:
            return None
        arms = mean(baseline), mean(candidate)
        if unit.share is None:
            baseline, candidate = self._alike(unit)
        logs = [_log_ratio(after, before) for after, before in _couples(candidate, baseline)]
        return self._bet(logs, arms)

    def _alike(self, unit: Unit) -> tuple[list[float], list[float]]:
        """Means of equally many trials of a case: that of five is larger than most of the five, if skewed."""
        before, after = (
            [value for cluster in clusters for value in cluster_values(self._metric, cluster)]
            for clusters in (unit.baseline, unit.candidate)
        )
        size = min(len(before), len(after))
        return _means_of(before, size), _means_of(after, size)

    def again(self, key: Key) -> Bet:
        """The bet on a unit with this typical ratio."""
        return self._bet([key[0]], None)

    def _bet(self, logs: list[float], arms: tuple[float, float] | None) -> Bet:
        rollback = [
            sign * mean([bounded_ratio(one, at) for one in logs])
            for sign, at in zip(self._signs, self._rollback_at, strict=True)
        ]
        promote = [
            sign * mean([bounded_ratio(one, at) for one in logs])
            for sign, at in zip(self._signs, self._promote_at, strict=True)
        ]
        return Bet(
            rollback=tuple(one for value in rollback for one in self._rollback.factors(value)),
            promote=tuple(self._promote.factors(value) for value in promote),
            key=(_as_key(logs),),
            plain=(tuple(rollback), tuple(promote)),
            harm=-min(rollback),
            arms=arms,
        )

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The typical ratio less 1: 0.2 is 20 % more."""
        found = ratio_sequence({key[0]: float(times) for key, times in seen.items()}, alpha=alpha)
        if found is None:
            return Shown(scale="relative")
        high = None if math.isinf(found.high) else found.high - 1
        return Shown(scale="relative", estimate=found.value - 1, low=found.low - 1, high=high)


def _means_of(values: list[float], size: int) -> list[float]:
    """The means of successive parts of this size; what is left at the end is in none."""
    return [mean(values[at : at + size]) for at in range(0, len(values) - size + 1, size)]


def _couples(candidate: list[float], baseline: list[float]) -> Iterable[tuple[float, float]]:
    """Every value with every other; where these are very many, each with as many as the rarer has."""
    if len(candidate) * len(baseline) <= _MOST_COUPLES:
        return product(candidate, baseline)
    longer = max(len(candidate), len(baseline))
    return islice(zip(cycle(candidate), cycle(baseline), strict=False), longer)


def _log_ratio(after: float, before: float) -> float:
    """Zero on both sides is the same; on one side, further than any ratio."""
    if not after or not before:
        return _FURTHEST * ((after > 0) - (before > 0))
    return math.log(after) - math.log(before)


def _as_key(logs: list[float]) -> float:
    """The logarithm of a unit's typical ratio: its own, or that at which its bounded ratio is their mean."""
    if len(logs) == 1:
        return rounded(logs[0])
    average = mean([bounded_ratio(one) for one in logs])
    return rounded(math.atanh(max(min(average, 1 - 1e-15), -1 + 1e-15)) / 2)


class Tails:
    """Bets on how often values lie beyond the baseline's quantile, the margin allowed for.

    The quantile is that of the baseline's latest values before the unit, so that no bet knows its outcome.
    While a candidate's values, divided by 1 + margin, are at least as large as the baseline's throughout,
    they lie beyond any threshold at least as often: that is the null of promotion, and the like for a
    rollback (stochastic order; compare Lindon, Sanden and Shirikian 2022).
    """

    def __init__(self, metric: Metric) -> None:
        assert metric.quantile is not None
        self.strategies: tuple[int, tuple[int, ...]] = (len(GRID), (len(GRID),))
        self._metric = metric
        self._quantile = metric.quantile
        margin = metric.margin or 0.0
        self._rollback_times = 1 + margin if metric.rollback is RollbackNull.MARGIN else 1.0
        self._promote_times = 1 + margin
        self.nulls = (0.0, 0.0)
        self._rollback = MeanBets(0.0, "below")
        self._promote = MeanBets(0.0, "above")
        self._latest: deque[float] = deque()
        self._sorted: list[float] = []

    def bet(self, unit: Unit) -> Bet | None:
        """How much less often the candidate is beyond the threshold; None while that is not known."""
        baseline, candidate = self._values(unit.baseline), self._values(unit.candidate)
        threshold = self._threshold()
        for value in chain.from_iterable(baseline):
            self._keep(value)
        if not baseline or not candidate or threshold is None:
            return None
        before = _share_beyond(baseline, threshold)
        plain = before - _share_beyond(candidate, threshold)
        rollback = before - _share_beyond(candidate, threshold * self._rollback_times)
        promote = before - _share_beyond(candidate, threshold * self._promote_times)
        arms = mean([mean(one) for one in baseline]), mean([mean(one) for one in candidate])
        return self._bet(rollback, promote, plain, arms)

    def _values(self, clusters: tuple[Cluster, ...]) -> list[list[float]]:
        """Those of each cluster, trial by trial: the mean of many has another tail than one of them."""
        found = (cluster_values(self._metric, cluster) for cluster in clusters)
        return [values for values in found if values]

    def again(self, key: Key) -> Bet:
        """The bet on a unit with the same shares beyond."""
        rollback, promote, plain = key
        return self._bet(rollback, promote, plain, None)

    def _bet(self, rollback: float, promote: float, plain: float, arms: tuple[float, float] | None) -> Bet:
        return Bet(
            rollback=self._rollback.factors(rollback),
            promote=(self._promote.factors(promote),),
            key=(rounded(rollback), rounded(promote), rounded(plain)),
            plain=((rollback,), (promote,)),
            harm=-rollback,
            arms=arms,
        )

    def _threshold(self) -> float | None:
        if len(self._sorted) < _WARM_UP:
            return None
        return self._sorted[min(len(self._sorted) - 1, int(self._quantile * len(self._sorted)))]

    def _keep(self, value: float) -> None:
        """The latest values, in order of size; the oldest goes when there are enough."""
        self._latest.append(value)
        insort(self._sorted, value)
        if len(self._latest) > _KEPT:
            del self._sorted[bisect_left(self._sorted, self._latest.popleft())]

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """How much more often the candidate is beyond the baseline's quantile, in shares."""
        shares: dict[float, float] = {}
        for (_, _, plain), times in seen.items():
            shares[-plain] = shares.get(-plain, 0.0) + times
        if not shares:
            return Shown(scale="share beyond")
        found = mean_sequence(shares, alpha=alpha)
        return Shown(scale="share beyond", estimate=found.value, low=found.low, high=found.high)


def _share_beyond(clusters: list[list[float]], threshold: float) -> float:
    return mean([sum(value > threshold for value in values) / len(values) for values in clusters])
