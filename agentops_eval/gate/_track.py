"""The evidence about one metric, unit by unit, through the stages of a rollout."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush, heapreplace

from agentops_eval.domain import CaseEffect, EvidencePoint
from agentops_eval.gate._bets import Bet, Bettor, Key, Plain, Shown
from agentops_eval.gate._bettors import bettor_of
from agentops_eval.gate._gate import Direction, Kind, Metric, Role
from agentops_eval.gate._needed import units_needed
from agentops_eval.gate._path import EvidencePath
from agentops_eval.gate._units import Cluster, Unit
from agentops_eval.gate._values import cluster_mean
from agentops_eval.stats import Dispersion, Serial, Wealth, dispersion

_WORST = 5


class Track:
    """Bets on one metric. A goal's never roll back: nobody bets on its harm.

    ``serial`` tells whether successive units of the stage resemble each other.
    """

    def __init__(self, metric: Metric, *, reserves: Sequence[float]) -> None:
        self.metric = metric
        self.n = 0
        self.stage_n = 0
        self.plain: list[Plain] = []
        self.serial = Serial()
        self._reserves = reserves
        self._bettor: Bettor | None = None
        self._rollback: Wealth | None = None
        self._promote: list[Wealth] = []
        self._seen: dict[Key, int] = {}
        self._sums = [0.0, 0.0]
        self._path = EvidencePath()
        self._worst: list[tuple[float, int, Unit, tuple[float, float]]] = []

    def begin(self, *, live: bool, block: int) -> None:
        """Begin a stage. What was seen so far stays in the wealth; sizes are shown of this stage."""
        self._bettor = bettor_of(self.metric, live=live, block=block)
        self._seen, self._sums, self.stage_n = {}, [0.0, 0.0], 0
        self.serial = Serial()
        rollback, promote = self._bettor.strategies
        if self._promote or self._rollback is not None:
            for wealth, strategies in zip(self._promote, promote, strict=True):
                wealth.next_stage(strategies)
            if self._rollback is not None:
                self._rollback.next_stage(rollback)
            return
        self._promote = [Wealth(strategies) for strategies in promote]
        if self.metric.role is Role.GUARDRAIL:
            self._rollback = Wealth(rollback, reserves=self._reserves)

    def take(self, unit: Unit, *, keep_plain: bool = False) -> None:
        """Let all strategies bet on a unit, and keep what is shown of it."""
        assert self._bettor is not None
        bet = self._bettor.bet(unit)
        if bet is None:
            return
        self.settle(bet, keep_plain=keep_plain)
        self._seen[bet.key] = self._seen.get(bet.key, 0) + 1
        if bet.arms is None:
            return
        self._sums[0] += bet.arms[0]
        self._sums[1] += bet.arms[1]
        if bet.harm > 0:
            self._note(bet.harm, unit, bet.arms)
        if bet.plain[0]:
            self.serial.take(bet.plain[0][0])
        self._path.add(self.n, self.log_peak, self._point)

    def settle(self, bet: Bet, *, keep_plain: bool = False) -> None:
        """Pay out what all strategies made of a unit: all that a decision rests on."""
        if self._rollback is not None and bet.rollback is not None:
            self._rollback.multiply(bet.rollback)
        for wealth, factors in zip(self._promote, bet.promote, strict=False):  # a unit may say nothing of it
            wealth.multiply(factors)
        if bet.arms is not None:
            self.n += 1
            self.stage_n += 1
            if keep_plain:
                self.plain.append(bet.plain)

    @property
    def full(self) -> bool:
        """Whether it has all the units that it may have."""
        return self.metric.max_n is not None and self.n >= self.metric.max_n

    def _note(self, harm: float, unit: Unit, arms: tuple[float, float]) -> None:
        """Keep the units with the most harm; of equal ones the earlier."""
        item = (harm, -self.n, unit, arms)
        if len(self._worst) < _WORST:
            heappush(self._worst, item)
        elif item[:2] > self._worst[0][:2]:
            heapreplace(self._worst, item)

    @property
    def nulls(self) -> tuple[float, float]:
        """Against what the means of the plain values are held: for a rollback, and for promotion."""
        return (0.0, 0.0) if self._bettor is None else self._bettor.nulls

    @property
    def log_promote(self) -> float:
        """Evidence now that the candidate is within the margin, in every direction; 0 where none is asked."""
        return min((wealth.log_value for wealth in self._promote), default=0.0)

    @property
    def log_rollback(self) -> float:
        """Evidence now that it does harm."""
        return 0.0 if self._rollback is None else self._rollback.log_value

    @property
    def log_peak(self) -> float:
        """The most evidence of harm that there has been."""
        return 0.0 if self._rollback is None else self._rollback.log_peak

    @property
    def arms(self) -> tuple[float, float] | None:
        """The means of the units' means in this stage."""
        return (self._sums[0] / self.stage_n, self._sums[1] / self.stage_n) if self.stage_n else None

    @property
    def path(self) -> tuple[EvidencePoint, ...]:
        """Evidence after the units, thinned where there are many."""
        return self._path.points(self._point()) if self.n else ()

    @property
    def dispersion(self) -> Dispersion:
        """Whether the events of this stage come in bursts; of what is not counted nothing is said."""
        if self.metric.kind is not Kind.COUNT:
            return Dispersion()
        return dispersion({(share, b, a): times for (share, b, a), times in self._seen.items()})

    def shown(self, alpha: float) -> Shown:
        """The size of the effect in this stage."""
        return Shown() if self._bettor is None else self._bettor.shown(self._seen, alpha)

    def to_promote(self, log_target: float) -> int | None:
        """More units until promotion, were all as in this stage."""
        if self._bettor is None:
            return None
        again = [(self._bettor.again(key), times) for key, times in self._seen.items()]
        found = [
            units_needed(
                [(bet.promote[at], times) for bet, times in again if len(bet.promote) > at],
                wealth.log_parts,
                log_target=log_target,
            )
            for at, wealth in enumerate(self._promote)
        ]
        return None if None in found else max((one for one in found if one is not None), default=0)

    def to_rollback(self, log_target: float) -> int | None:
        """More units until a rollback, were all as in this stage."""
        if self._bettor is None or self._rollback is None:
            return None
        again = [(self._bettor.again(key).rollback or (), times) for key, times in self._seen.items()]
        return units_needed(again, self._rollback.log_parts, log_target=log_target)

    def worst(self) -> list[tuple[float, CaseEffect]]:
        """The cases with the most harm, the worst first, with how much."""
        ranked = sorted(self._worst, key=lambda item: item[:2], reverse=True)
        return [(harm, self._effect(unit, arms)) for harm, _, unit, arms in ranked]

    def _effect(self, unit: Unit, arms: tuple[float, float]) -> CaseEffect:
        """What happened to a case; of a block of traffic, to the candidate's worst session in it."""
        name, after, mine = unit.name, arms[1], unit.candidate
        if unit.share is not None and mine:
            mine = (self._worst_of(mine),)
            name, after = mine[0][0].case, cluster_mean(self.metric, mine[0]) or 0.0
        return CaseEffect(
            case=name,
            metric=self.metric.name,
            baseline=arms[0],
            candidate=after,
            baseline_trace=_trace(unit.baseline),
            candidate_trace=_trace(mine),
        )

    def _point(self) -> EvidencePoint:
        return EvidencePoint(n=self.n, promote=self.log_promote, rollback=self.log_rollback)

    def _worst_of(self, clusters: tuple[Cluster, ...]) -> Cluster:
        sign = -1.0 if self.metric.better is Direction.HIGHER else 1.0
        return max(clusters, key=lambda one: sign * (cluster_mean(self.metric, one) or 0.0))


def _trace(clusters: tuple[Cluster, ...]) -> str:
    """The trace of a trial that failed, else of any."""
    rows = [row for cluster in clusters for row in cluster if row.trace]
    return min(rows, key=lambda row: row.passed is not False).trace if rows else ""
