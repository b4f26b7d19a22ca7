"""Simulated rollouts: they decide as the gate does, and the figures are those of the truth that was given."""

from __future__ import annotations

from itertools import islice

import pytest

from agentops_eval.domain import Arm, DecisionValue, Sample
from agentops_eval.gate import (
    MADE_UP,
    Asks,
    Direction,
    Gate,
    Kind,
    MadeUp,
    Metric,
    Planned,
    Role,
    RollbackNull,
    Stage,
    Truth,
    decide,
    simulate,
)
from agentops_eval.gate._draws import traffic, unit_of
from agentops_eval.gate._simulate import begin, draws_of

N = 90
PASSED = Metric(name="passed", margin=0.2)
IDENTICAL, HARM = MadeUp(name="identical"), MadeUp(name="harm", effect=-0.3, margins=False)
GATES = {
    "one rate": Gate(metrics=(PASSED,)),
    "a wide margin, tested for harm beyond it": Gate(
        metrics=(Metric(name="passed", margin=0.1, rollback=RollbackNull.MARGIN),)
    ),
    "every kind": Gate(
        metrics=(
            PASSED,
            # A simulation draws changes only: its baselines are all alike.
            Metric(name="score", kind=Kind.BOUNDED, range=(1, 5), margin=1.0, may_be_constant=True),
            Metric(name="cost", kind=Kind.UNBOUNDED, margin=0.5, role=Role.GOAL, may_be_constant=True),
            Metric(
                name="drift",
                kind=Kind.BOUNDED,
                direction=Direction.SAME,
                margin=0.4,
                max_n=60,
                may_be_constant=True,
            ),
            Metric(name="steps", kind=Kind.COUNT, margin=0.8, weight=2.0),
            Metric(name="payments", kind=Kind.LIMIT, limit=0.1, margin=0.4),
        ),
        min_n=30,
    ),
    "a tail": Gate(metrics=(Metric(name="latency", kind=Kind.UNBOUNDED, quantile=0.5, margin=0.9),)),
    "planned looks": Gate(metrics=(PASSED,), planned=Planned(n=60, looks=3)),
}


def samples_of(gate: Gate, candidate: MadeUp, truth: Truth, seed: int, n: int) -> list[list[Sample]]:
    """The first units that a simulation draws, as samples of its cases."""
    draws = draws_of(gate, candidate, truth)
    begin(draws, candidate, truth, seed=seed, number=0)
    drawn = zip(*(islice(draw.pairs(), n) for draw in draws), strict=True)
    cases: list[list[Sample]] = []
    for at, values in enumerate(drawn):
        rows: dict[tuple[Arm, int], dict[str, float]] = {}
        for metric, one in zip(gate.metrics, values, strict=True):
            unit = unit_of(metric, one, share=None)
            for cluster in (*unit.baseline, *unit.candidate):
                for row in cluster:
                    rows.setdefault((row.arm, row.trial), {}).update(row.metrics)
        cases.append(
            [Sample(case=f"c{at}", arm=arm, trial=trial, metrics=m) for (arm, trial), m in rows.items()]
        )
    return cases


def decided(gate: Gate, cases: list[list[Sample]]) -> tuple[DecisionValue, int]:
    """What ``decide`` says first, looking after every case."""
    order = [rows[0].case for rows in cases]
    for n in range(1, len(cases) + 1):
        found = decide(gate, [row for rows in cases[:n] for row in rows], order=order)
        if found.value is not DecisionValue.HOLD:
            return found.value, n
    return DecisionValue.HOLD, len(cases)


def simulated(gate: Gate, candidate: MadeUp, truth: Truth, seed: int, n: int) -> tuple[DecisionValue, int]:
    """What the simulation of one rollout says."""
    (found,) = simulate(gate, candidates=[candidate], truth=truth, repetitions=1, n=n, seed=seed).candidates
    shares = {
        DecisionValue.PROMOTE: found.promote,
        DecisionValue.HOLD: found.hold,
        DecisionValue.ROLLBACK: found.rollback,
    }
    return next(value for value, share in shares.items() if share.value == 1), found.median_n or n


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("candidate", [IDENTICAL, HARM], ids=lambda one: one.name)
def test_a_simulated_rollout_is_decided_as_real_samples_are(name: str, candidate: MadeUp):
    """The same pairs, given to ``decide`` one by one, lead to the same decision after as many of them."""
    gate, truth = GATES[name], Truth(discordance=0.3, noise=0.4)
    for seed in range(3):
        cases = samples_of(gate, candidate, truth, seed, N)
        assert simulated(gate, candidate, truth, seed, N) == decided(gate, cases)


def test_a_simulated_case_of_many_trials_is_decided_as_real_ones_are():
    """Trials of one case are one observation in a simulation too."""
    gate, truth = GATES["one rate"], Truth(baseline=0.6, trials=4, case_spread=0.2)
    for seed in range(3):
        cases = samples_of(gate, HARM, truth, seed, N)
        assert simulated(gate, HARM, truth, seed, N) == decided(gate, cases)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_simulated_traffic_is_decided_as_real_traffic_is(share: float):
    """The same sessions, in the order of their arrival, lead to the same decision after as many of them."""
    gate = Gate(metrics=(PASSED,), stages=(Stage(name="canary", share=share),))
    truth, rows, n = Truth(baseline=0.8), list[Sample](), 0
    (draw,) = draws_of(gate, HARM, truth)
    arrivals = begin([draw], HARM, truth, seed=5, number=0)
    expected = simulated(gate, HARM, truth, 5, 1_000)
    for theirs, mine in traffic(arrivals, share, 1):
        unit = unit_of(PASSED, draw.session(theirs, mine), share=share)
        rarer_first = (unit.candidate, unit.baseline) if share <= 0.5 else (unit.baseline, unit.candidate)
        for cluster in (one for arm in rarer_first for one in arm):
            rows.append(
                Sample(
                    case=f"s{n}",
                    arm=cluster[0].arm,
                    metrics=cluster[0].metrics,
                    at_s=float(n),
                    stage="canary",
                )
            )
            n += 1
        found = decide(gate, rows)
        if found.value is not DecisionValue.HOLD:
            break
    assert expected == (found.value, n)


def test_a_rollout_goes_through_its_stages():
    """A stage that asks for no harm lets pass what a later one still holds; both count to the decision."""
    gate = Gate(
        metrics=(Metric(name="passed", margin=0.05),),
        stages=(
            Stage(name="shadow", min_n=30, asks=Asks.NO_HARM),
            Stage(name="half", share=0.5),
            Stage(name="all", share=1.0),
        ),
    )
    (found,) = simulate(gate, candidates=[IDENTICAL], repetitions=40, n=30, peeking=False).candidates
    assert found.hold.value >= 0.9
    assert found.peeking_rollback is None
    (harmed,) = simulate(gate, candidates=[HARM], repetitions=40, n=400, peeking=False).candidates
    assert harmed.rollback.value == 1
    assert harmed.median_rollback is not None
    assert harmed.median_rollback <= 60


def test_equal_seeds_give_equal_figures_and_others_do_not():
    """A simulation depends on its seed, and on nothing else; a candidate not on those beside it."""
    gate = GATES["one rate"]
    both = simulate(gate, candidates=[HARM, IDENTICAL], repetitions=60, n=80, seed=3)
    assert simulate(gate, candidates=[HARM, IDENTICAL], repetitions=60, n=80, seed=3) == both
    alone = simulate(gate, candidates=[IDENTICAL], repetitions=60, n=80, seed=3)
    assert alone.candidates[0] == both.candidates[1]
    assert simulate(gate, candidates=[HARM], repetitions=60, n=80, seed=4).candidates[0] != both.candidates[0]


def test_metrics_that_move_together_are_one_metric_to_a_gate():
    """Equal metrics with equal fates are promoted as often as one alone."""
    two = Gate(metrics=(PASSED, Metric(name="again", margin=0.2)), alpha=0.1)
    one = Gate(metrics=(PASSED,))
    asked = {"candidates": [IDENTICAL], "repetitions": 50, "n": 80, "peeking": False}
    together = simulate(two, truth=Truth(together=True), **asked).candidates[0]
    alone = simulate(one, truth=Truth(together=True), **asked).candidates[0]
    apart = simulate(two, **asked).candidates[0]
    assert together == alone
    assert apart.median_n != alone.median_n


def test_every_kind_is_at_its_margin_when_the_candidate_is():
    """A candidate's effect is in margins of each metric, on the side that is harm."""
    at = MadeUp(name="at", effect=-1.0)
    assert at.of(Metric(name="a", margin=0.05)) == -0.05
    assert at.of(Metric(name="b", kind=Kind.UNBOUNDED, margin=0.2)) == -0.2
    assert at.of(Metric(name="c", kind=Kind.LIMIT, limit=0.01, margin=0.05)) == pytest.approx(-0.04)
    assert at.of(Metric(name="d", kind=Kind.LIMIT)) == -0.01
    assert MadeUp(name="one", effect=-1.0, metrics=("b",)).of(Metric(name="a", margin=0.05)) == 0
    assert [one.effect for one in MADE_UP] == sorted((one.effect for one in MADE_UP), reverse=True)


def test_nothing_to_simulate_is_refused():
    """No repetition, no unit, and a gate that compares nothing have no figures."""
    with pytest.raises(ValueError, match="show nothing"):
        simulate(GATES["one rate"], repetitions=0)
    with pytest.raises(ValueError, match="show nothing"):
        simulate(GATES["one rate"], n=0)
    with pytest.raises(ValueError, match="compares"):
        simulate(Gate(metrics=(PASSED,), stages=(Stage(name="all", share=1.0),)))


@pytest.mark.parametrize(
    "wrong",
    [{"baseline": 1.2}, {"discordance": -0.1}, {"spread": float("nan")}, {"noise": 1e9}, {"trials": 0}],
    ids=str,
)
def test_a_truth_that_cannot_be_is_refused(wrong: dict[str, float]):
    """Shares are within 0 and 1, spreads finite, and there is a trial."""
    with pytest.raises(ValueError, match=r"no share|one trial"):
        Truth(**wrong)
