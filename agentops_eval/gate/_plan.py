"""How much evidence a gate will need, before there is any."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from agentops_eval.gate._bets import Bet
from agentops_eval.gate._bettors import bettor_of
from agentops_eval.gate._draws import KnownBets, pairs_table, traffic
from agentops_eval.gate._gate import Gate, Kind, Metric, Planned, Role, Stage
from agentops_eval.gate._needed import units_needed
from agentops_eval.gate._simulate import begin, comparing, draws_of, simulate
from agentops_eval.gate._truth import MadeUp, Truth
from agentops_eval.stats import boundaries, cases_needed, drift_for_power, normal_quantile

Question = Literal["promote", "rollback"]

_AS_IT_IS = Truth()
_DRAWN = 20_000
_PARTS = 1_000_000
_ROOM = 4
_MOST_SIMULATED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What one metric needs in one stage to promote a candidate, or to roll it back.

    The candidate changes the metric by ``effect`` in its own units, below 0 for harm. ``median`` and ``n80``
    are the pairs, or the sessions of traffic, by which half and four in five of such candidates are decided
    when somebody looks at any time; ``planned`` with planned looks, and ``fixed`` with a single look at a
    number that was chosen before, both at a power of 80 %. None for never, or where it cannot be said.
    """

    metric: str
    stage: str
    unit: str
    question: Question
    effect: float
    median: int | None
    n80: int | None
    planned: int | None
    fixed: int | None


def plan(
    gate: Gate,
    *,
    truth: Truth = _AS_IT_IS,
    harm: MadeUp | None = None,
    repetitions: int = 0,
    seed: int = 0,
) -> tuple[PlanRow, ...]:
    """How many units each metric needs in each stage that compares, were that stage alone.

    Promotion is planned for a candidate that changes nothing, or is better by twice what a goal asks for.
    A rollback is planned for ``harm``, by default twice the margin. Sizes come of a normal approximation, as
    in decisions, and err upwards; with ``repetitions`` they are simulated. Raises ValueError where no
    stage compares.
    """
    worse = harm or MadeUp(name="twice the margin", effect=-2.0)
    rows: list[PlanRow] = []
    for metric in gate.metrics:
        for stage in comparing(gate):
            if metric.kind is not Kind.LIMIT or metric.margin is not None:
                rows.append(_Row(gate, metric, stage, truth, seed).of("promote", _fit(metric), repetitions))
            if metric.role is Role.GUARDRAIL:
                rows.append(_Row(gate, metric, stage, truth, seed).of("rollback", worse, repetitions))
    return tuple(rows)


def _fit(metric: Metric) -> MadeUp:
    """A candidate that ought to be promoted."""
    asked = metric.margin or 0.0
    return MadeUp(name="fit", effect=0.0 if asked >= 0 else -2.0)


class _Row:
    """One metric in one stage, as if there were nothing else."""

    def __init__(self, gate: Gate, metric: Metric, stage: Stage, truth: Truth, seed: int) -> None:
        self._gate, self._metric, self._stage = gate, metric, stage
        self._truth, self._seed = truth, seed
        self._bettor = bettor_of(metric, live=stage.share is not None, block=gate.block)

    def of(self, question: Question, candidate: MadeUp, repetitions: int) -> PlanRow:
        """What it needs for an answer."""
        said, each = self._said(candidate)
        per_unit = each
        fixed = self._fixed(question, said)
        median, n80 = (self._needed(question, said, power) for power in (0.5, 0.8))
        if repetitions and n80 is not None:
            most = min(_ROOM * math.ceil(n80 * per_unit), _MOST_SIMULATED)
            median, n80 = self._simulated(question, candidate, repetitions, most)
            per_unit = 1.0
        live = self._stage.share is not None
        return PlanRow(
            metric=self._metric.name,
            stage=self._stage.name,
            unit="session" if live else "pair",
            question=question,
            effect=candidate.of(self._metric),
            median=_times(median, per_unit),
            n80=_times(n80, per_unit),
            planned=None if live else self._planned(question, fixed),
            fixed=_times(fixed, each),
        )

    def _alpha(self, question: Question) -> float:
        gate = self._gate
        return gate.alpha_promote if question == "promote" else gate.rollback_alpha(self._metric)

    def _needed(self, question: Question, said: Counter[Bet], power: float) -> int | None:
        if question == "rollback" and self._metric.kind is Kind.LIMIT and self._metric.limit <= 0:
            return _until_first(said, power)
        rollback, promote = self._bettor.strategies
        target = -math.log(self._alpha(question))
        if question == "rollback":
            sides = [[(bet.rollback or (), times) for bet, times in said.items()]]
            counts: tuple[int, ...] = (rollback,)
        else:
            counts = promote
            sides = [
                [(bet.promote[at], times) for bet, times in said.items() if len(bet.promote) > at]
                for at in range(len(counts))
            ]
        found = [
            units_needed(side, [-math.log(count)] * count, log_target=target, power=power)
            for side, count in zip(sides, counts, strict=True)
        ]
        known = [one for one in found if one is not None]
        return max(known) if known and len(known) == len(found) else None

    def _fixed(self, question: Question, said: Counter[Bet]) -> int | None:
        """The size of a single test of the mean that planned looks and fixed tests rest on."""
        at = 0 if question == "rollback" else 1
        values = [(bet.plain[at][0], times) for bet, times in said.items() if bet.plain[at]]
        count = sum(times for _, times in values)
        if not count:
            return None
        mean = math.fsum(value * times for value, times in values) / count
        variance = math.fsum((value - mean) ** 2 * times for value, times in values) / count
        distance = mean - self._bettor.nulls[at] if question == "promote" else self._bettor.nulls[at] - mean
        if distance <= 0:
            return None
        return cases_needed(distance, variance=variance, alpha=self._alpha(question))

    def _planned(self, question: Question, fixed: int | None) -> int | None:
        """The fixed size, times what looking in between costs."""
        if fixed is None or self._metric.kind is Kind.LIMIT:
            return None
        plan, alpha = self._gate.planned or Planned(n=fixed), self._alpha(question)
        fractions = [at / plan.looks for at in range(1, plan.looks + 1)]
        bounds = boundaries(fractions, alpha=alpha, spending=plan.spending)
        once = normal_quantile(1 - alpha) + normal_quantile(0.8)
        return math.ceil(fixed * (drift_for_power(bounds, fractions, power=0.8) / once) ** 2)

    def _said(self, candidate: MadeUp) -> tuple[Counter[Bet], float]:
        """What units say and how often, and how many pairs or sessions a unit is."""
        metric, share = self._metric, self._stage.share
        bets = KnownBets(metric, self._bettor, share=share)
        table = None if share is not None else pairs_table(metric, self._truth, candidate.of(metric))
        scattered = self._truth.trials > 1 or self._truth.case_spread > 0
        found: Counter[Bet] = Counter()
        if table is not None and not scattered:
            for drawn, weight in table.weighed:
                bet = bets.of(drawn)
                if bet is not None:
                    found[bet] += round(weight * _PARTS)
            return found, 1.0
        total = units = 0
        for weight, drawn_bet in islice(self._drawn(candidate, bets), _DRAWN):
            total, units = total + weight, units + 1
            if drawn_bet is not None:
                found[drawn_bet] += 1
        return found, total / units

    def _drawn(self, candidate: MadeUp, bets: KnownBets) -> Iterator[tuple[int, Bet | None]]:
        alone = replace(self._gate, metrics=(self._metric,))
        (draw,) = draws_of(alone, candidate, self._truth)
        arrivals = begin([draw], candidate, self._truth, seed=self._seed, number=0)
        if self._stage.share is None:
            yield from ((1, bets.of(drawn)) for drawn in draw.pairs())
            return
        for theirs, mine in traffic(arrivals, self._stage.share, self._gate.block):
            yield theirs + mine, bets.of(draw.session(theirs, mine))

    def _simulated(
        self, question: Question, candidate: MadeUp, repetitions: int, most: int
    ) -> tuple[int | None, int | None]:
        """Median and n80 of a gate that asks this question alone."""
        role = Role.GUARDRAIL if question == "rollback" else Role.GOAL
        gate = replace(
            self._gate,
            metrics=(replace(self._metric, role=role, min_n=0, max_n=None),),
            stages=(replace(self._stage, min_n=0, max_n=None),),
            alpha=self._alpha("rollback") if question == "rollback" else self._gate.alpha,
            min_n=most + 1 if question == "rollback" else 1,
            max_n=None,
            planned=None,
        )
        (found,) = simulate(
            gate,
            candidates=[candidate],
            truth=self._truth,
            repetitions=repetitions,
            n=most,
            seed=self._seed,
            peeking=False,
        ).candidates
        return found.median_n, found.n80


def _until_first(said: Counter[Bet], power: float) -> int | None:
    """Units until the first event with this chance, where one suffices."""
    events = sum(times for bet, times in said.items() if bet.harm > 0)
    if not events:
        return None
    missed = 1 - events / said.total()
    return 1 if missed <= 0 else math.ceil(math.log(1 - power) / math.log(missed))


def _times(count: int | None, each: float) -> int | None:
    return None if count is None else math.ceil(count * each)
