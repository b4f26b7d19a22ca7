"""Metrics with ends: passes and scores. What is tested is the mean difference, candidate minus baseline."""

from __future__ import annotations

from agentops_eval.gate._bets import Bet, Histogram, Key, Shown, rounded
from agentops_eval.gate._gate import Direction, Kind, Metric, RollbackNull
from agentops_eval.gate._units import Unit
from agentops_eval.gate._values import mean, means
from agentops_eval.stats import GRID, MeanBets, mean_sequence


def signs_of(metric: Metric) -> tuple[float, ...]:
    """By what a difference is multiplied so that harm is below 0; both signs where any change is harm."""
    return {Direction.HIGHER: (1.0,), Direction.LOWER: (-1.0,), Direction.SAME: (1.0, -1.0)}[metric.better]


class Differences:
    """Bets on the mean of the units' differences, as parts of the metric's range."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        low, high = (0.0, 1.0) if metric.kind is Kind.BINARY else metric.range
        self._width = high - low
        margin = (metric.margin or 0.0) / self._width
        self._margin = margin
        self._null = -margin if metric.rollback is RollbackNull.MARGIN else 0.0
        self._signs = signs_of(metric)
        self.strategies: tuple[int, tuple[int, ...]] = (
            len(GRID) * len(self._signs),
            (len(GRID),) * len(self._signs),
        )
        self.nulls = (self._null, -margin)
        self._rollback = MeanBets(self._null, "below")
        self._promote = MeanBets(-margin, "above")
        self._known: dict[float, Bet] = {}

    def bet(self, unit: Unit) -> Bet | None:
        """The difference of the arms' means; None where one has none."""
        baseline, candidate = means(self._metric, unit.baseline), means(self._metric, unit.candidate)
        if not baseline or not candidate:
            return None
        before, after = mean(baseline), mean(candidate)
        known = self._known.get(after - before)
        if known is None:
            known = self._bet((after - before) / self._width)
            if len(self._known) < 1_024:
                self._known[after - before] = known
        return Bet(known.rollback, known.promote, known.key, known.plain, known.harm, (before, after))

    def again(self, key: Key) -> Bet:
        """The bet on a unit with that difference."""
        return self._bet(key[0])

    def _bet(self, difference: float) -> Bet:
        turned = [sign * difference for sign in self._signs]
        return Bet(
            rollback=tuple(one for value in turned for one in self._rollback.factors(value)),
            promote=tuple(self._promote.factors(value) for value in turned),
            key=(rounded(difference),),
            plain=(tuple(turned), tuple(turned)),
            harm=-min(turned),
        )

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The mean difference in the metric's own units."""
        by_value = {key[0]: float(times) for key, times in seen.items()}
        total = sum(by_value.values())
        if not total:
            return Shown()
        found = mean_sequence(by_value, alpha=alpha)
        binary = self._metric.kind is Kind.BINARY
        return Shown(
            estimate=found.value * self._width,
            low=found.low * self._width,
            high=found.high * self._width,
            discordance=1 - by_value.get(0.0, 0.0) / total if binary else None,
        )
