"""Kinds of metrics: limits, costs, tails, counts and scores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_eval.domain import Arm, DecisionValue
from agentops_eval.gate import Gate, Kind, Metric, RollbackNull, decide
from tests.gate._made import codes, metric, outcomes, pairs

PASSED = Metric(name="passed", margin=0.05)
GATE = Gate(metrics=(PASSED,))
NEVER = Metric(name="unapproved", kind=Kind.LIMIT)


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
    """No event in 200 cases does not rule out one in a hundred; the 162 more that are asked for do."""
    gate = Gate(metrics=(replace(NEVER, margin=0.01),))
    none = [replace(one, metrics={"unapproved": 0.0}) for one in outcomes(20, 20, 420)]
    assert decide(gate, none).value is DecisionValue.PROMOTE
    few = decide(gate, none[:400])
    assert few.value is DecisionValue.HOLD
    assert metric(few, "unapproved").n_needed == 162
    assert decide(gate, none[:722]).value is DecisionValue.HOLD
    assert decide(gate, none[:724]).value is DecisionValue.PROMOTE


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


def test_thousands_of_events_in_a_unit_are_no_trouble():
    """A count of tokens that a candidate doubles is rolled back, and the same count is not."""
    gate = Gate(metrics=(Metric(name="tokens", kind=Kind.COUNT, margin=0.5),))

    def tokens(times: int):
        def drawn(draw, arm):
            mean = 1_000 * (times if arm is Arm.CANDIDATE else 1)
            return float(round(draw.gauss(mean, mean**0.5)))

        return drawn

    assert decide(gate, pairs(40, tokens=tokens(2))).value is DecisionValue.ROLLBACK
    assert decide(gate, pairs(40, tokens=tokens(1))).value is DecisionValue.PROMOTE
