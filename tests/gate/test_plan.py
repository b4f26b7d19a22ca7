"""Plans: the known sizes of single tests, and what a sequential gate needs beside them."""

from __future__ import annotations

import pytest

from agentops_eval.gate import (
    Gate,
    Kind,
    MadeUp,
    Metric,
    Planned,
    Role,
    Stage,
    Truth,
    plan,
    simulate,
)

PASSED = Metric(name="passed", margin=0.05)


def test_the_sizes_of_single_tests_are_the_known_ones():
    """Five points are ruled out by 495 pairs and ten are found by 118, at a discordance of .20."""
    promote, rollback = plan(Gate(metrics=(PASSED,)))
    assert (promote.question, promote.effect, promote.fixed) == ("promote", 0.0, 495)
    assert (rollback.question, rollback.effect, rollback.fixed) == ("rollback", -0.1, 118)
    (_, five) = plan(Gate(metrics=(PASSED,)), harm=MadeUp(name="five", effect=-0.05, margins=False))
    assert five.fixed == 489


def test_a_plan_is_close_to_what_is_simulated_and_errs_upwards():
    """The approximation is up to a third above the simulated size, and not below it."""
    approximate, simulated = plan(Gate(metrics=(PASSED,))), plan(Gate(metrics=(PASSED,)), repetitions=400)
    for guess, found in zip(approximate, simulated, strict=True):
        assert found.n80 is not None
        assert guess.n80 is not None
        assert 0.95 * found.n80 <= guess.n80 <= 1.35 * found.n80
        assert found.fixed == guess.fixed


def test_looking_when_planned_costs_little():
    """Five planned looks need a few pairs more than one, far fewer than looking at any time."""
    for row in plan(Gate(metrics=(PASSED,), planned=Planned(n=495))):
        assert row.fixed is not None
        assert row.planned is not None
        assert row.n80 is not None
        assert row.fixed < row.planned < 1.1 * row.fixed
        assert row.planned < row.n80


def test_more_guardrails_need_more_pairs_to_roll_back_and_no_more_to_promote():
    """The error of rollbacks is split over guardrails; that of promotion is not."""
    one, two = plan(Gate(metrics=(PASSED,))), plan(Gate(metrics=(PASSED, Metric(name="other", margin=0.05))))
    assert two[0].n80 == one[0].n80
    assert two[1].n80 is not None
    assert one[1].n80 is not None
    assert two[1].n80 > one[1].n80


def test_traffic_is_planned_in_sessions_of_both_arms():
    """A share of 5 % needs more sessions than half of the traffic, and pairs are not spoken of."""
    gate = Gate(metrics=(PASSED,), stages=(Stage(name="5 %", share=0.05), Stage(name="50 %", share=0.5)))
    rows = plan(gate, truth=Truth(baseline=0.95))
    assert [row.stage for row in rows] == ["5 %", "5 %", "50 %", "50 %"]
    assert {row.unit for row in rows} == {"session"}
    assert all(row.planned is None for row in rows)
    few, half = rows[1], rows[3]
    assert few.n80 is not None
    assert half.n80 is not None
    assert few.n80 > 2 * half.n80


def test_one_event_suffices_where_none_may_be():
    """Against a limit of zero a rollback takes until the first event, wherever that is."""
    gate = Gate(metrics=(Metric(name="unapproved", kind=Kind.LIMIT),), min_n=150)
    (row,) = plan(gate, harm=MadeUp(name="some", effect=-0.0108, margins=False))
    assert row.question == "rollback"
    assert row.n80 == 149
    (found,) = simulate(
        gate,
        candidates=[MadeUp(name="some", effect=-0.0108, margins=False)],
        repetitions=400,
        n=149,
        peeking=False,
    ).candidates
    assert found.rollback.low < 0.8 < found.rollback.high


def test_every_kind_of_metric_is_planned():
    """Costs, tails, scores, counts, goals and cases of many trials have sizes too."""
    gate = Gate(
        metrics=(
            Metric(name="cost", kind=Kind.UNBOUNDED, margin=0.2),
            Metric(name="tail", kind=Kind.UNBOUNDED, margin=0.4, quantile=0.9),
            Metric(name="score", kind=Kind.BOUNDED, range=(1, 5), margin=0.4),
            Metric(name="steps", kind=Kind.COUNT, margin=0.3),
            Metric(name="better", margin=-0.1, role=Role.GOAL),
            Metric(name="payments", kind=Kind.LIMIT, limit=0.01, margin=0.05),
        )
    )
    rows = plan(gate, truth=Truth(trials=3, baseline=0.7))
    assert [row.metric for row in rows if row.question == "promote"] == [one.name for one in gate.metrics]
    assert all(row.n80 is not None and row.median is not None and 1 <= row.median <= row.n80 for row in rows)
    goal = next(row for row in rows if row.metric == "better")
    assert goal.effect == pytest.approx(0.2)


def test_what_cannot_be_promoted_has_no_size():
    """Without any room for loss no number of pairs shows that a candidate is no worse."""
    promote, rollback = plan(Gate(metrics=(Metric(name="passed", margin=0.0),)))
    assert (promote.median, promote.n80, promote.planned, promote.fixed) == (None, None, None, None)
    assert rollback.n80 is None
