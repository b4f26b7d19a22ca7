"""Units of evidence that are drawn, and what they say: the same bets as of real ones."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Generic, TypeAlias, TypeVar

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate._bets import Bet, Bettor
from agentops_eval.gate._gate import RELATIVE, Kind, Metric
from agentops_eval.gate._truth import Truth, changed
from agentops_eval.gate._units import Unit, cut
from agentops_eval.stats import normal_quantile

Drawn: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]
"""The values of both arms' sessions, or of both arms' trials of one case."""

Value = TypeVar("Value")

_CHUNK = 64
_QUANTILES = 100
_MOST_KNOWN = 100_000
_RARE = 1e-12
_LEAST = 0.01


class Table(Generic[Value]):
    """Some values and how likely each is."""

    def __init__(self, weighed: Iterable[tuple[Value, float]]) -> None:
        self.weighed = tuple((value, weight) for value, weight in weighed if weight > 0)
        self._values = [value for value, _ in self.weighed]
        self._cumulative = list(accumulate(weight for _, weight in self.weighed))

    def draw(self, rng: random.Random, count: int) -> list[Value]:
        """So many values, independently."""
        return rng.choices(self._values, cum_weights=self._cumulative, k=count)


class Draws:
    """Values of one metric as they are drawn: pairs of cases, or sessions of traffic, without an end."""

    def __init__(self, metric: Metric, truth: Truth, effect: float) -> None:
        self._metric, self._truth = metric, truth
        self._rng = random.Random(0)  # noqa: S311 - no secret
        self._change, self._same = changed(metric, effect), 1.0 if metric.kind in RELATIVE else 0.0
        self._before, self._after = (_arm(metric, truth, change) for change in (self._same, self._change))
        self._pairs = None if truth.trials > 1 or truth.case_spread else pairs_table(metric, truth, effect)

    def begin(self, seed: str) -> None:
        """Draw anew, as the seed has it."""
        self._rng.seed(seed)

    def pairs(self) -> Iterator[Drawn]:
        """Cases that both arms ran."""
        rng, table = self._rng, self._pairs
        while table is not None:
            yield from table.draw(rng, _CHUNK)
        trials = self._truth.trials
        while True:
            before, after = self._of_case()
            yield _some(before, rng, trials), _some(after, rng, trials)

    def session(self, baseline: int, candidate: int) -> Drawn:
        """So many sessions of either arm."""
        return _some(self._before, self._rng, baseline), _some(self._after, self._rng, candidate)

    def _of_case(self) -> tuple[Table[float], Table[float]]:
        """Both arms of one case. What the candidate changes there and nowhere else is half in either.

        So what the ends of a range cut off, they cut off on both sides.
        """
        if not self._truth.case_spread:
            return self._before, self._after
        half = self._rng.gauss(0.0, self._truth.case_spread) / 2
        before, after = (
            _arm(self._metric, self._truth, change) for change in (self._same - half, self._change + half)
        )
        return before, after


def _some(table: Table[float], rng: random.Random, count: int) -> tuple[float, ...]:
    return tuple(sorted(table.draw(rng, count)))


def pairs_table(metric: Metric, truth: Truth, effect: float) -> Table[Drawn] | None:
    """The outcomes of a pair with their probabilities; None where the arms are drawn apart.

    Of pairs of a binary metric that agree only the number counts.
    """
    change = changed(metric, effect)
    if metric.kind is Kind.BINARY:
        change = min(max(change, -1.0), 1.0)
        differ = max(truth.discordance, abs(change))
        won, lost = (differ + change) / 2, (differ - change) / 2
        same = max(1 - won - lost, 0.0)
        return Table([(((0.0,), (1.0,)), won), (((1.0,), (0.0,)), lost), (((1.0,), (1.0,)), same)])
    if metric.kind is Kind.LIMIT:
        return Table([(((0.0,), (1.0,)), change), (((0.0,), (0.0,)), 1 - change)])
    if metric.kind is Kind.BOUNDED:
        low, high = metric.range
        change = min(max(change, low - high), high - low)
        off = min(truth.spread * (high - low), high - low - abs(change))
        middle = (low + high) / 2
        ends = [(change + sign * off) / 2 for sign in (-1, 1)]
        return Table([(((middle - one,), (middle + one,)), 0.5) for one in ends])
    if metric.kind is Kind.UNBOUNDED and metric.quantile is None:
        scattered = _scattered(truth.noise)
        return Table([(((1.0,), (change * one,)), weight) for one, weight in scattered])
    return None


def _arm(metric: Metric, truth: Truth, change: float) -> Table[float]:
    """The values of one arm, where both are drawn apart: they differ from the baseline's by ``change``."""
    if metric.kind is Kind.BINARY:
        return _coin(truth.baseline + change)
    if metric.kind is Kind.LIMIT:
        return _coin(change)
    if metric.kind is Kind.BOUNDED:
        low, high = metric.range
        half = (high - low) / 2
        moved = min(max(change, -half), half)
        off = min(truth.spread * (high - low) / math.sqrt(2), half - abs(moved))
        middle = low + half + moved
        return Table([(middle - off, 0.5), (middle + off, 0.5)])
    times = max(change, _LEAST)
    if metric.kind is Kind.COUNT:
        return _poisson(truth.events * times)
    return Table([(times * one, weight) for one, weight in _scattered(truth.noise / math.sqrt(2))])


def _coin(chance: float) -> Table[float]:
    rate = min(max(chance, 0.0), 1.0)
    return Table([(1.0, rate), (0.0, 1 - rate)])


def _scattered(noise: float) -> list[tuple[float, float]]:
    """Ratios whose logarithms are as if normal around 0."""
    shares = ((2 * at + 1) / (2 * _QUANTILES) for at in range(_QUANTILES))
    return [(math.exp(noise * normal_quantile(share)), 1 / _QUANTILES) for share in shares]


def _poisson(mean: float) -> Table[float]:
    """Counts up to where more are as good as impossible."""
    found, count, weight = list[tuple[float, float]](), 0, math.exp(-mean)
    while count <= mean or weight > _RARE:
        found.append((float(count), weight))
        count += 1
        weight *= mean / count
    return Table(found)


class KnownBets:
    """The bets of units, each made once: units that are alike are bet on alike, unless a bettor learns."""

    def __init__(self, metric: Metric, bettor: Bettor, *, share: float | None) -> None:
        self._metric, self._bettor, self._share = metric, bettor, share
        self._known: dict[Drawn, Bet | None] | None = None if metric.quantile is not None else {}

    def of(self, drawn: Drawn) -> Bet | None:
        """The bet on a unit with these values."""
        known = self._known
        if known is None:
            return self._bettor.bet(unit_of(self._metric, drawn, share=self._share))
        if drawn in known:
            return known[drawn]
        bet = self._bettor.bet(unit_of(self._metric, drawn, share=self._share))
        if len(known) < _MOST_KNOWN:
            known[drawn] = bet
        return bet


def unit_of(metric: Metric, drawn: Drawn, *, share: float | None, name: str = "") -> Unit:
    """A unit with these values: trials of one case in either arm, or sessions."""
    before, after = (
        [Sample(case=name, trial=at, arm=arm, metrics={metric.name: one}) for at, one in enumerate(values, 1)]
        for arm, values in zip((Arm.BASELINE, Arm.CANDIDATE), drawn, strict=True)
    )
    if share is None:
        return Unit(name, (tuple(before),), (tuple(after),))
    return Unit(name, tuple((one,) for one in before), tuple((one,) for one in after), share)


def traffic(rng: random.Random, share: float, block: int) -> Iterator[tuple[int, int]]:
    """How many sessions of the baseline and of the candidate each stretch of traffic has."""
    chance = rng.random

    def arrivals() -> Iterator[tuple[Arm, None]]:
        while True:
            yield (Arm.CANDIDATE if chance() < share else Arm.BASELINE), None

    for theirs, mine in cut(arrivals(), share=share, block=block):
        yield len(theirs), len(mine)
