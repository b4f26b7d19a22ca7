"""What is true of a candidate that is made up, so that a gate can be tried before it is needed."""

from __future__ import annotations

from dataclasses import dataclass

from agentops_eval.gate._gate import RELATIVE, Direction, Kind, Metric

_NO_MARGIN = 0.01
_LEAST_RATIO = 0.01
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """How the metrics of both arms scatter, whatever the candidate does to them.

    ``baseline`` is the pass rate of the baseline and ``discordance`` the share of pairs whose outcomes
    differ, both for binary metrics. ``spread`` is the standard deviation of a pair's difference as a part of
    a bounded metric's range, ``noise`` that of the logarithm of a pair's ratio for unbounded ones, ``events``
    the mean of counts. With several ``trials`` of each case outcomes are independent given their case;
    ``case_spread`` is the standard deviation of what the candidate changes from case to case. Metrics are
    independent of each other, or all move ``together``.
    """

    baseline: float = 0.9
    discordance: float = 0.2
    spread: float = 0.25
    noise: float = 0.5
    events: float = 1.0
    trials: int = 1
    case_spread: float = 0.0
    together: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for shares that are none, for negative spreads and for no trial."""
        if not (0 <= self.baseline <= 1 and 0 <= self.discordance <= 1):
            raise ValueError(
                f"a pass rate of {self.baseline} or discordance of {self.discordance} is no share"
            )
        scatter = (self.spread, self.noise, self.events, self.case_spread)
        if not all(0 <= one <= _MOST for one in scatter) or self.trials < 1:
            raise ValueError(f"spreads and counts are from 0 to {_MOST}, and there is one trial at least")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """A candidate that changes metrics by ``effect``: what is below 0 is harm.

    The effect is in margins of each metric, so that -1 is exactly at the margin; with ``margins`` false it is
    in the metric's own units, relative for unbounded metrics and counts. It befalls the metrics that are
    named, or all of them.
    """

    name: str
    effect: float = 0.0
    margins: bool = True
    metrics: tuple[str, ...] = ()

    def of(self, metric: Metric) -> float:
        """What it does to a metric in the metric's own units, below 0 for harm."""
        if self.metrics and metric.name not in self.metrics:
            return 0.0
        if not self.margins:
            return self.effect
        if metric.kind is Kind.LIMIT:
            return self.effect * (_ruled_out(metric) - metric.limit)
        return self.effect * (metric.margin or 0.0)


MADE_UP = (
    MadeUp(name="better by a margin", effect=1.0),
    MadeUp(name="identical", effect=0.0),
    MadeUp(name="worse by half a margin", effect=-0.5),
    MadeUp(name="exactly at the margin", effect=-1.0),
    MadeUp(name="twice the margin", effect=-2.0),
    MadeUp(name="four times the margin", effect=-4.0),
)
"""What a gate is tried with unless something else is asked for."""


def changed(metric: Metric, effect: float) -> float:
    """The change of a metric's values: a difference, or a ratio for relative kinds, of at least a hundredth.

    Of a limit it is the rate of events: the limit itself where nothing is wrong.
    """
    if metric.kind is Kind.LIMIT:
        return min(max(metric.limit - effect, 0.0), 1.0)
    change = effect if metric.better is Direction.HIGHER else -effect
    return max(1 + change, _LEAST_RATIO) if metric.kind in RELATIVE else change


def _ruled_out(metric: Metric) -> float:
    return metric.limit + _NO_MARGIN if metric.margin is None else metric.margin
