"""Stages of a rollout, and looks that were planned."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import DecisionValue, Sample
from agentops_eval.gate import Asks, Gate, Kind, Metric, Planned, Stage, decide
from tests.gate._made import codes, metric, outcomes, pairs, traffic

PASSED = Metric(name="passed", margin=0.05)
GATE = Gate(metrics=(PASSED,))
NEVER = Metric(name="unapproved", kind=Kind.LIMIT)


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


def test_what_an_earlier_stage_lacks_can_be_made_up_for():
    """A rollout that left shadow thirty pairs short asks for thirty units more in traffic."""
    short = staged(outcomes(1, 1, 18), SHADOW)
    gate = Gate(metrics=(PASSED,), stages=(SHADOW, Stage(name="half", share=0.5, min_n=50)))
    few = decide(gate, [*short, *traffic(160, share=0.5, stage="half")])
    assert few.reasons[0].code == "too-few"
    assert "30 that earlier stages lack" in few.reasons[0].message
    many = decide(gate, [*short, *traffic(6_000, share=0.5, stage="half")])
    assert many.value is DecisionValue.PROMOTE
