"""Deciding: promote, hold or roll back, by evidence that may be read at any time."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Arm, DecisionValue, ErrorSource, Sample
from agentops_eval.gate import (
    Direction,
    Gate,
    Kind,
    Metric,
    Role,
    RollbackNull,
    decide,
    in_order,
    order_digest,
)
from agentops_eval.stats import GRID
from tests.examples import examples
from tests.gate._made import codes, metric, outcomes, pairs

PASSED = Metric(name="passed", margin=0.05)
GATE = Gate(metrics=(PASSED,))
NEVER = Metric(name="unapproved", kind=Kind.LIMIT)


def wealth(values: list[float], null: float, sign: int) -> float:
    """The e-value as its formula says."""
    room = 1 + sign * null
    products = (math.prod(1 + sign * b * (one - null) / room for one in values) for b in GRID)
    return math.fsum(products) / len(GRID)


def test_an_equal_candidate_is_promoted():
    """Four hundred pairs that differ in a tenth of cases, both ways alike, rule out the margin."""
    found = decide(GATE, outcomes(20, 20, 360))
    assert found.value is DecisionValue.PROMOTE
    assert codes(found) == ["fit"]
    assert metric(found).e_promote >= 20 > metric(found).peak_rollback


def test_a_worse_candidate_is_rolled_back():
    """Ten points lost in two hundred pairs are beyond chance."""
    found = decide(GATE, outcomes(30, 4, 166))
    assert found.value is DecisionValue.ROLLBACK
    assert codes(found) == ["harm"]
    assert metric(found).estimate == pytest.approx(-0.13)
    assert metric(found).high < 0


def test_too_little_evidence_holds_and_says_how_much_is_missing():
    """Forty equal pairs prove nothing; with as many more as it says the candidate is promoted."""
    found = decide(GATE, outcomes(1, 1, 38))
    assert found.value is DecisionValue.HOLD
    needed = metric(found).n_needed
    assert found.n_needed == needed
    assert f"needs {needed} more pairs" in found.reasons[0].message
    times = (40 + needed) // 40 + 1
    more = decide(GATE, outcomes(times, times, 38 * times))
    assert more.value is DecisionValue.PROMOTE


@examples(40)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 60))
def test_e_values_are_those_of_the_formulas(losses: int, wins: int, ties: int):
    """What it reports is the mean of the strategies' products at the end of the pairs."""
    found = metric(decide(GATE, outcomes(losses, wins, ties)))
    values = [-1.0] * losses + [1.0] * wins + [0.0] * ties
    assert found.e_promote == pytest.approx(wealth(values, -0.05, 1), rel=1e-9)
    assert found.e_rollback == pytest.approx(wealth(values, 0.0, -1), rel=1e-9)


def test_the_same_inputs_give_the_same_decision():
    """Samples in another order of arms and cases give equal evidence, in the same order of pairs."""
    samples = pairs(60, candidate=0.9)
    first, again = decide(GATE, samples), decide(GATE, samples)
    assert first == again
    turned = decide(GATE, samples[::-1])
    assert (turned.order, turned.metrics, turned.worst) == (first.order, first.metrics, first.worst)


def test_another_seed_is_another_order_and_the_same_size():
    """The seed changes the path that evidence takes, and nothing of the estimate."""
    samples = pairs(80, candidate=0.85)
    one, other = decide(GATE, samples, seed=1), decide(GATE, samples, seed=2)
    assert one.order != other.order
    assert one.digest != other.digest
    assert metric(one).estimate == metric(other).estimate
    assert metric(one).path != metric(other).path


def test_the_digest_covers_the_gate_and_every_sample():
    """Another margin, another outcome, or a sample less is another digest."""
    samples = outcomes(2, 2, 40)
    digests = {
        decide(GATE, samples).digest,
        decide(Gate(metrics=(replace(PASSED, margin=0.04),)), samples).digest,
        decide(GATE, outcomes(2, 2, 39)).digest,
        decide(GATE, [replace(samples[0], passed=False), *samples[1:]]).digest,
        decide(GATE, [replace(samples[0], metrics={"passed": 1.0}), *samples[1:]]).digest,
    }
    assert len(digests) == 5


def test_the_order_is_fixed_by_names_and_seed():
    """A new case finds its place among the others and moves none; those seen before stay in front."""
    cases = [f"c{at}" for at in range(50)]
    order = in_order(cases, seed=3)
    more = in_order([*cases, "new"], seed=3)
    assert [one for one in more if one != "new"] == order
    assert in_order(cases, seed=3, first=["c7", "gone", "c2"])[:2] == ["c7", "c2"]
    assert order_digest(order) != order_digest(in_order(cases, seed=4))


def test_trials_of_a_case_are_one_observation():
    """Twenty trials of each of thirty cases are thirty units of evidence."""
    found = decide(GATE, pairs(30, trials=20))
    assert found.n == metric(found).n == 30


def test_replays_of_one_recording_are_one_trial():
    """A case replayed ten times from one recording weighs like one that ran once."""
    told = outcomes(5, 1, 54)
    many = [
        replace(one, trial=trial, recording=f"{one.case} {one.arm}") for one in told for trial in range(1, 11)
    ]
    assert metric(decide(GATE, many)).e_rollback == pytest.approx(metric(decide(GATE, told)).e_rollback)


def test_errors_that_are_not_the_agents_are_no_scores():
    """Trials that the infrastructure broke are left out and counted; the agent's own errors are failures."""
    told = outcomes(1, 1, 100)
    broken = [
        Sample(case=f"case-{at}", trial=2, arm=arm, error=ErrorSource.INFRASTRUCTURE)
        for at in range(5)
        for arm in Arm
    ]
    found = decide(GATE, [*told, *broken])
    assert metric(found).estimate == metric(decide(GATE, told)).estimate
    assert ("infrastructure errors", 10) in found.left_out
    failed = [
        replace(one, passed=None, error=ErrorSource.AGENT) if one.arm is Arm.CANDIDATE else one
        for one in told
    ]
    assert decide(GATE, failed).value is DecisionValue.ROLLBACK


def test_rollback_error_is_split_over_guardrails_by_weight():
    """Twenty guardrails share alpha; one of twice the weight has twice the share; goals have none."""
    metrics = (
        *(Metric(name=f"m{at}", margin=0.05) for at in range(8)),
        Metric(name="heavy", margin=0.05, weight=2),
    )
    gate = Gate(metrics=(*metrics, Metric(name="goal", margin=0.0, role=Role.GOAL)))
    found = decide(gate, [])
    alphas = {one.name: one.alpha_rollback for one in found.metrics}
    assert alphas["m0"] == pytest.approx(0.005)
    assert alphas["heavy"] == pytest.approx(0.01)
    assert alphas["goal"] is None
    assert sum(one for one in alphas.values() if one) == pytest.approx(0.05)


def test_all_metrics_must_be_shown_before_promotion():
    """One metric that is not shown to be within its margin holds the candidate."""
    gate = Gate(metrics=(PASSED, Metric(name="polite", margin=0.01)))
    samples = [replace(one, metrics={"polite": float(one.case != "case-3")}) for one in outcomes(20, 20, 360)]
    found = decide(gate, samples)
    assert found.value is DecisionValue.HOLD
    assert metric(found).value is DecisionValue.PROMOTE
    assert [reason.metric for reason in found.reasons] == ["polite"]


def test_rollback_can_ask_for_more_than_the_margin():
    """With the margin as its null a loss of three points of five is let be; with the baseline it is not."""
    samples = outcomes(50, 14, 1136)
    assert decide(GATE, samples).value is DecisionValue.ROLLBACK
    patient = Gate(metrics=(replace(PASSED, rollback=RollbackNull.MARGIN),))
    assert decide(patient, samples).value is not DecisionValue.ROLLBACK
    assert decide(patient, outcomes(40, 4, 156)).value is DecisionValue.ROLLBACK


def test_a_loss_within_the_margin_is_said_to_be_one():
    """Who rolls back at any loss, though the margin would let it pass, is told how to let it pass."""
    found = decide(GATE, outcomes(150, 60, 2_790))
    assert (found.value, metric(found).e_promote >= 20) == ("rollback", True)
    assert "though within its margin" in found.reasons[0].message
    assert "rollback: margin" in found.reasons[0].remedy


def test_a_goal_must_be_better_and_never_rolls_back():
    """A goal with a negative margin asks for an improvement; harm to it holds."""
    gate = Gate(metrics=(Metric(name="passed", margin=-0.05, role=Role.GOAL),))
    assert decide(gate, outcomes(5, 5, 190)).value is DecisionValue.HOLD
    assert decide(gate, outcomes(5, 60, 135)).value is DecisionValue.PROMOTE
    assert decide(gate, outcomes(60, 5, 135)).value is DecisionValue.HOLD


@pytest.mark.parametrize(
    ("direction", "losses", "wins", "value"),
    [
        (Direction.HIGHER, 40, 4, DecisionValue.ROLLBACK),
        (Direction.LOWER, 40, 4, DecisionValue.PROMOTE),
        (Direction.LOWER, 4, 40, DecisionValue.ROLLBACK),
        (Direction.SAME, 4, 40, DecisionValue.ROLLBACK),
        (Direction.SAME, 40, 4, DecisionValue.ROLLBACK),
    ],
)
def test_direction_says_which_change_is_harm(
    direction: Direction, losses: int, wins: int, value: DecisionValue
):
    """Fewer is harm, or more is, or either."""
    gate = Gate(metrics=(replace(PASSED, direction=direction),))
    assert decide(gate, outcomes(losses, wins, 156)).value is value


def test_the_same_asks_for_both_sides():
    """A metric that must stay the same is promoted once neither more nor less is possible."""
    gate = Gate(metrics=(replace(PASSED, direction=Direction.SAME),))
    assert decide(gate, outcomes(20, 20, 360)).value is DecisionValue.PROMOTE


def test_the_worst_cases_are_named_with_their_traces():
    """Cases that were lost come first, with where to look, at most five."""
    samples = [replace(one, trace=f"{one.case}.{one.arm}.json") for one in outcomes(9, 1, 100)]
    found = decide(GATE, samples)
    assert len(found.worst) == 5
    assert all((one.baseline, one.candidate) == (1.0, 0.0) for one in found.worst)
    assert found.worst[0].candidate_trace == f"{found.worst[0].case}.candidate.json"


def test_the_path_is_kept_short_and_ends_at_the_end():
    """Of 3,000 pairs a few hundred points are kept, in order, the last one being the last pair."""
    path = metric(decide(GATE, pairs(3_000))).path
    assert len(path) <= 300
    assert [point.n for point in path] == sorted({point.n for point in path})
    assert path[-1].n == 3_000


def test_the_path_holds_the_peak_that_a_rollback_rests_on():
    """However many points are thinned out, the highest evidence of harm is among them."""
    lost = outcomes(30, 0, 0)
    won = [replace(one, case=f"later-{one.case}") for one in outcomes(0, 900, 100)]
    found = metric(decide(GATE, [*lost, *won], order=[f"case-{at}" for at in range(30)]))
    assert math.exp(max(point.rollback for point in found.path)) == pytest.approx(found.peak_rollback)


def test_more_than_the_maximum_is_not_looked_at():
    """At most max_n pairs count, those first in the order; an undecided candidate is then held."""
    gate = replace(GATE, max_n=50)
    found = decide(gate, pairs(80))
    assert found.n == 50
    assert ("beyond the maximum", 30) in found.left_out
    assert found.value is DecisionValue.HOLD


def test_evidence_of_a_rollback_stays():
    """A candidate that lost forty pairs and then won a hundred stays rolled back, whoever looks when."""
    lost, won = outcomes(40, 0, 0), [replace(one, case=f"later-{one.case}") for one in outcomes(0, 100, 0)]
    seen = [one.case for one in lost]
    found = decide(GATE, [*lost, *won], order=list(dict.fromkeys(seen)))
    assert found.value is DecisionValue.ROLLBACK
    assert metric(found).e_rollback < 20 <= metric(found).peak_rollback
