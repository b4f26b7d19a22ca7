"""How often equal candidates are rolled back, and bad ones promoted: no more often than the gate says.

Each test draws rollouts from a seed and looks after every unit. Among so many, at an error of 5 % in truth,
there are more than the bound in one of a thousand tests: the bounds are the quantiles of the binomial
distribution at 0.999, and were fixed before anything was drawn. Bets make errors in one to four of a hundred,
so that correct ones stay well below.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import pytest
from scipy import stats

from agentops_eval.domain import Arm, DecisionValue, Sample
from agentops_eval.gate import Gate, Kind, Metric, Planned, decide
from agentops_eval.gate._bettors import bettor_of
from agentops_eval.gate._decide_metric import looked_at
from agentops_eval.gate._track import Track
from agentops_eval.gate._units import Unit, cut
from tests.gate._made import codes

ENOUGH = math.log(20)
COST = Metric(name="value", kind=Kind.UNBOUNDED, margin=0.2)
TAIL = Metric(name="value", kind=Kind.UNBOUNDED, margin=0.2, quantile=0.9)
RETRIES = Metric(name="value", kind=Kind.COUNT, margin=0.2)


def most(rollouts: int) -> float:
    """How many errors are believable among so many rollouts."""
    return float(stats.binom.ppf(0.999, rollouts, 0.05))


def sample(arm: Arm, value: float, *, case: str = "case", trial: int = 1) -> Sample:
    return Sample(case=case, trial=trial, arm=arm, metrics={"value": value})


def pair(before: list[float], after: list[float]) -> Unit:
    """One case with the values of its trials."""
    theirs, mine = (
        tuple(sample(arm, value, trial=at) for at, value in enumerate(values, 1))
        for arm, values in zip((Arm.BASELINE, Arm.CANDIDATE), (before, after), strict=True)
    )
    return Unit("case", (theirs,), (mine,))


def errors(
    metric: Metric, rollouts: int, units: int, draw: Callable[[random.Random], Iterator[Unit]], *, live: bool
) -> tuple[int, int]:
    """In how many rollouts the evidence for a rollback, and for promotion, ever sufficed."""
    rolled = promoted = 0
    for number in range(rollouts):
        track = Track(metric, reserves=(1.0,))
        track.begin(live=live, block=1)
        bettor, fit = bettor_of(metric, live=live, block=1), False
        for _, unit in zip(range(units), draw(random.Random(number)), strict=False):
            bet = bettor.bet(unit)
            if bet is not None:
                track.settle(bet)
            fit = fit or track.log_promote >= ENOUGH
        rolled += track.log_peak >= ENOUGH
        promoted += fit
    return rolled, promoted


def scattered(trials: tuple[int, int], *, times: float = 1.0) -> Callable[[random.Random], Iterator[Unit]]:
    """Cases with so many trials in each arm, lognormal; the candidate's are so many times as large."""

    def drawn(rng: random.Random) -> Iterator[Unit]:
        while True:
            before, after = ([rng.lognormvariate(0, 1) for _ in range(count)] for count in trials)
            yield pair(before, [times * one for one in after])

    return drawn


@pytest.mark.parametrize("metric", [COST, TAIL], ids=["typical", "tail"])
@pytest.mark.parametrize("trials", [(1, 5), (5, 1)], ids=str)
def test_arms_with_unequal_numbers_of_trials_are_compared_alike(metric: Metric, trials: tuple[int, int]):
    """The mean of five skewed trials is above most single ones and has a shorter tail: that is no harm."""
    rolled, _ = errors(metric, 40, 250, scattered(trials), live=False)
    _, promoted = errors(metric, 40, 250, scattered(trials, times=1.2), live=False)
    assert (rolled <= most(40), promoted <= most(40)) == (True, True), (rolled, promoted)


def sessions_with_retries(times: float, share: float) -> Callable[[random.Random], Iterator[Unit]]:
    """Traffic whose sessions have two retries on average, the candidate's so many times as many."""

    def arrivals(rng: random.Random) -> Iterator[tuple[Arm, tuple[Sample, ...]]]:
        while True:
            arm = Arm.CANDIDATE if rng.random() < share else Arm.BASELINE
            events, left = -1, math.exp(-2 * (times if arm is Arm.CANDIDATE else 1))
            product = 1.0
            while product > left:
                product *= rng.random()
                events += 1
            yield arm, (sample(arm, float(events)),)

    def drawn(rng: random.Random) -> Iterator[Unit]:
        for theirs, mine in cut(arrivals(rng), share=share):
            yield Unit("block", tuple(theirs), tuple(mine), share)

    return drawn


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_events_of_traffic_are_counted_by_the_sessions_there_were(share: float):
    """Two retries of one session fall to one arm, both: what is expected is the part of the sessions."""
    rolled, _ = errors(RETRIES, 100, 150, sessions_with_retries(1.0, share), live=True)
    _, promoted = errors(RETRIES, 100, 150, sessions_with_retries(1.2, share), live=True)
    assert (rolled <= most(100), promoted <= most(100)) == (True, True), (rolled, promoted)


@pytest.mark.parametrize("cases", [50, 100])
def test_planned_looks_do_not_believe_cases_that_hardly_differ(cases: int):
    """A candidate that loses one case in twenty altogether is at the margin, steady as the others are."""
    gate = Gate(metrics=(Metric(name="value", margin=0.05),), planned=Planned(n=cases, looks=5))
    promoted = 0
    for number in range(100):
        rng = random.Random(number)
        track = Track(gate.metrics[0], reserves=(1.0,))
        track.begin(live=False, block=1)
        for _ in range(cases):
            before = [float(rng.random() < 0.99) for _ in range(20)]
            lost = rng.random() < 0.0506
            after = [0.0 if lost else float(rng.random() < 0.99) for _ in range(20)]
            track.take(pair(before, after), keep_plain=True)
        promoted += looked_at(gate, track).value is DecisionValue.PROMOTE
    assert promoted <= most(100)


def test_evidence_outlives_millions_of_events_that_were_alike():
    """What so many events leave of a bet is little and not nothing: harm that comes after them is found."""
    track = Track(RETRIES, reserves=(1.0,))
    track.begin(live=False, block=1)
    track.take(pair([5e6], [5e6]))
    for _ in range(3):
        track.take(pair([1e6], [2e6]))
    assert track.log_peak >= ENOUGH


def bursts(size: int) -> list[Sample]:
    """Both arms of 200 cases, with 0 to 3 times so many events."""
    rng = random.Random(1)
    return [
        sample(arm, float(size * rng.choice((0, 1, 1, 3))), case=f"case-{at}")
        for at in range(200)
        for arm in (Arm.BASELINE, Arm.CANDIDATE)
    ]


def test_events_that_come_in_bursts_hold():
    """Five retries at a time are no five witnesses; one at a time they are."""
    gate = Gate(metrics=(RETRIES,))
    held = decide(gate, bursts(5))
    assert held.value is DecisionValue.HOLD
    assert codes(held) == ["bursts"]
    assert "bursts" not in codes(decide(gate, bursts(1)))
