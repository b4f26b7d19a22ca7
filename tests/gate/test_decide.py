"""Deciding: promote, hold or roll back, by evidence that may be read at any time."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_eval.domain import Arm, DecisionValue, ErrorSource, Sample
from agentops_eval.gate import (
    Asks,
    Direction,
    Gate,
    Kind,
    Metric,
    Planned,
    Role,
    RollbackNull,
    Stage,
    decide,
    in_order,
    order_digest,
)
from agentops_eval.stats import GRID
from tests.gate._made import codes, metric, outcomes, pairs, traffic

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


@settings(max_examples=40)
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


def test_one_event_against_a_hard_limit_rolls_back():
    """One unapproved payment is one too many, whatever else is missing or wrong."""
    gate = Gate(metrics=(PASSED, NEVER))
    samples = [replace(one, metrics={"unapproved": 0.0}) for one in outcomes(1, 1, 10)]
    samples[-1] = replace(samples[-1], metrics={"unapproved": 1.0})
    found = decide(gate, [*samples, samples[0]])
    assert "duplicate" in codes(found)
    assert found.value is DecisionValue.ROLLBACK
    assert codes(found)[-1] == "limit"


def test_an_event_of_the_baseline_is_no_ones_fault():
    """A hard limit is the candidate's alone, and no comparison."""
    gate = Gate(metrics=(PASSED, NEVER))
    samples = [
        replace(one, metrics={"unapproved": float(one.arm is Arm.BASELINE)}) for one in outcomes(20, 20, 360)
    ]
    assert decide(gate, samples).value is DecisionValue.PROMOTE


def test_a_limit_with_a_margin_must_be_ruled_out():
    """No event in 200 cases does not rule out one in a hundred; none in 460 does."""
    gate = Gate(metrics=(replace(NEVER, margin=0.01),))
    none = [replace(one, metrics={"unapproved": 0.0}) for one in outcomes(20, 20, 420)]
    assert decide(gate, none).value is DecisionValue.PROMOTE
    few = decide(gate, none[:400])
    assert few.value is DecisionValue.HOLD
    assert metric(few, "unapproved").n_needed in range(200, 261)


def test_a_rate_that_is_allowed_is_let_pass():
    """With a limit of 5 % events, 2 % are no reason to roll back and 20 % are."""
    gate = Gate(metrics=(replace(NEVER, limit=0.05, margin=0.1),))
    for share, value in ((50, DecisionValue.PROMOTE), (5, DecisionValue.ROLLBACK)):
        samples = [
            replace(one, metrics={"unapproved": float(int(one.case[5:]) % share == 0)})
            for one in outcomes(20, 20, 260)
        ]
        assert decide(gate, samples).value is value


def test_dearer_is_worse_and_as_dear_is_not():
    """Half as much again is rolled back, the same cost with a heavy tail is promoted."""

    def cost(times: float):
        return lambda draw, arm: draw.lognormvariate(0, 1) * (times if arm is Arm.CANDIDATE else 1)

    gate = Gate(metrics=(Metric(name="cost_usd", kind=Kind.UNBOUNDED, margin=0.2),))
    dear = decide(gate, pairs(800, cost_usd=cost(1.5)))
    assert dear.value is DecisionValue.ROLLBACK
    assert metric(dear, "cost_usd").scale == "relative"
    assert metric(dear, "cost_usd").estimate == pytest.approx(0.5, abs=0.2)
    assert decide(gate, pairs(1_500, cost_usd=cost(1.0))).value is DecisionValue.PROMOTE


def test_a_longer_tail_is_seen_where_the_tail_is_asked_for():
    """With the same median and three times as many slow runs, only the quantile shows harm."""

    def latency(draw, arm):
        slow = draw.random() < (0.15 if arm is Arm.CANDIDATE else 0.05)
        return draw.uniform(1, 2) * (10 if slow else 1)

    tail = Metric(name="latency_s", kind=Kind.UNBOUNDED, margin=0.2, quantile=0.9)
    samples = pairs(900, latency_s=latency)
    assert decide(Gate(metrics=(tail,)), samples).value is DecisionValue.ROLLBACK
    typical = Gate(metrics=(replace(tail, quantile=None, rollback=RollbackNull.MARGIN),))
    assert decide(typical, samples).value is not DecisionValue.ROLLBACK
    same = pairs(3_000, latency_s=lambda draw, _: draw.lognormvariate(0, 1))
    assert decide(Gate(metrics=(replace(tail, margin=0.5),)), same).value is DecisionValue.PROMOTE


def test_events_are_counted_by_exposure():
    """Three times as many retries are rolled back; as many are promoted."""

    def retries(times: int):
        return lambda draw, arm: float(draw.random() < 0.2) * (times if arm is Arm.CANDIDATE else 1)

    gate = Gate(metrics=(Metric(name="retries", kind=Kind.COUNT, margin=0.5),))
    assert decide(gate, pairs(300, retries=retries(3))).value is DecisionValue.ROLLBACK
    assert decide(gate, pairs(1_500, retries=retries(1))).value is DecisionValue.PROMOTE


def test_scores_have_a_range():
    """Grades from 1 to 5 are compared in grades."""
    gate = Gate(metrics=(Metric(name="grade", kind=Kind.BOUNDED, range=(1, 5), margin=0.5),))

    def grade(less: float):
        return lambda draw, arm: draw.uniform(3, 5) - (less if arm is Arm.CANDIDATE else 0)

    worse = decide(gate, pairs(200, grade=grade(1.0)))
    assert worse.value is DecisionValue.ROLLBACK
    assert metric(worse, "grade").estimate == pytest.approx(-1, abs=0.2)
    assert decide(gate, pairs(300, grade=grade(0.0))).value is DecisionValue.PROMOTE


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


SHADOW = Stage(name="shadow", min_n=50)
FIVE = Stage(name="5 %", share=0.05, min_n=50)
HALF = Stage(name="50 %", share=0.5, asks=Asks.NO_HARM)
ALL = Stage(name="100 %", share=1.0, asks=Asks.NO_HARM)
ROLLOUT = Gate(metrics=(PASSED,), stages=(SHADOW, FIVE, HALF, ALL))


def staged(samples: list[Sample], stage: Stage) -> list[Sample]:
    return [replace(one, stage=stage.name) for one in samples]


def test_stages_follow_each_other_and_carry_evidence():
    """What shadow pairs have shown counts at 5 %, where little of the candidate's own is needed."""
    shadow = staged(outcomes(20, 20, 360), SHADOW)
    first = decide(ROLLOUT, shadow)
    assert (first.value, first.stage, first.next_stage) == ("promote", "shadow", "5 %")
    live = traffic(2_000, share=0.05, stage="5 %")
    both = decide(ROLLOUT, [*shadow, *live])
    assert (both.value, both.stage, both.next_stage) == ("promote", "5 %", "50 %")
    alone = decide(replace(ROLLOUT, stages=(FIVE, HALF, ALL)), live)
    assert metric(both).e_promote > 20 > metric(alone).e_promote


def test_a_stage_asks_for_its_own_minimum():
    """Carried evidence is not enough where a stage has hardly begun."""
    shadow = staged(outcomes(20, 20, 360), SHADOW)
    found = decide(ROLLOUT, [*shadow, *traffic(300, share=0.05, stage="5 %")])
    assert found.value is DecisionValue.HOLD
    assert codes(found)[0] == "too-few"


def test_harm_in_a_later_stage_is_found_soon_after_a_good_start():
    """A candidate that was fine in shadow and fails twice as often in traffic is rolled back."""
    shadow = staged(outcomes(20, 20, 360), SHADOW)
    live = traffic(9_000, share=0.05, candidate=0.10, stage="5 %")
    assert decide(ROLLOUT, [*shadow, *live]).value is DecisionValue.ROLLBACK


def test_a_stage_that_was_skipped_holds():
    """Samples of 50 % without any of 5 % are no rollout."""
    shadow = staged(outcomes(20, 20, 360), SHADOW)
    found = decide(ROLLOUT, [*shadow, *traffic(2_000, share=0.5, stage="50 %")])
    assert found.value is DecisionValue.HOLD
    assert "no-data" in codes(found)


def test_all_traffic_has_no_baseline_and_still_its_limits():
    """At 100 % nothing is compared; an event against a hard limit rolls back there too."""
    gate = Gate(metrics=(PASSED, NEVER), stages=(SHADOW, ALL))
    shadow = [replace(one, metrics={"unapproved": 0.0}) for one in staged(outcomes(20, 20, 360), SHADOW)]
    live = [replace(one, metrics={"unapproved": 0.0}) for one in traffic(100, share=1.0, stage="100 %")]
    found = decide(gate, [*shadow, *live])
    assert (found.value, found.next_stage) == ("promote", "")
    live[50] = replace(live[50], metrics={"unapproved": 1.0})
    assert decide(gate, [*shadow, *live]).value is DecisionValue.ROLLBACK


def test_planned_looks_decide_at_their_units_alone():
    """Between looks nothing is decided, and the evidence is that of the last look."""
    gate = replace(GATE, planned=Planned(n=200, looks=4))
    at_look, between = decide(gate, outcomes(2, 2, 96)), decide(gate, pairs(120, candidate=0.6))
    assert metric(at_look).z_promote is not None
    assert metric(between).path[-1].n == 100
    early = decide(gate, pairs(30, candidate=0.2))
    assert early.value is DecisionValue.HOLD
    assert metric(early).n_needed == 20
    assert metric(early).alpha_spent == 0


def test_planned_looks_roll_back_and_promote():
    """A clear loss is rolled back before the last look, and an equal candidate promoted at the end."""
    gate = replace(GATE, planned=Planned(n=400, looks=4))
    worse = decide(gate, pairs(400, candidate=0.75))
    assert worse.value is DecisionValue.ROLLBACK
    assert decide(gate, outcomes(10, 10, 380)).value is DecisionValue.PROMOTE


def test_no_loss_seen_yet_is_no_proof_of_a_margin():
    """Twenty-five equal pairs at the first look do not rule out a margin of five points."""
    gate = replace(GATE, planned=Planned(n=100, looks=4))
    found = decide(gate, outcomes(0, 0, 24) + outcomes(0, 1, 0))
    assert found.value is DecisionValue.HOLD
