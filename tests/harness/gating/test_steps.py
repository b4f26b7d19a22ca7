"""A rollout that does not say where it stands takes no step without evidence of the stage that it leaves."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Decision, DecisionValue
from agentops_eval.gate import Stage
from agentops_eval.harness.gating._steps import BEGINNING, NextStep, next_step_of

HOLD, PROMOTE, ROLLBACK = DecisionValue.HOLD, DecisionValue.PROMOTE, DecisionValue.ROLLBACK
NAMES = ("canary-5", "canary-25", "canary-50")
STAGES = tuple(Stage(name=name, share=int(name.split("-")[1]) / 100) for name in NAMES)


def asked(
    value: DecisionValue, stage: str = "canary-5", *, begun: bool = True, confirmed: tuple[str, ...] = ()
) -> NextStep:
    following = dict(pairwise(NAMES)).get(stage, "")
    decision = Decision(value=value, stage=stage, next_stage=following)
    return next_step_of(STAGES, decision, value, begun=begun, confirmed=confirmed)


def test_the_first_step_needs_no_evidence_and_is_confirmed_once() -> None:
    """A candidate without traffic gets its first; asked again while it is silent, it may have it by then."""
    assert asked(HOLD, begun=False) == NextStep(confirmed=True, of=BEGINNING)
    again = asked(HOLD, begun=False, confirmed=(BEGINNING,))
    assert not again.confirmed
    assert "no sample of the candidate has come" in again.why


def test_a_gate_that_begins_with_pairs_lets_nothing_in_without_them() -> None:
    """Where evidence can be had before any traffic, the first step waits for it."""
    stages = (Stage(name="offline"), *STAGES)
    none = Decision(value=HOLD, stage="offline", next_stage="canary-5")
    assert not next_step_of(stages, none, HOLD, begun=False, confirmed=()).confirmed
    good = Decision(value=PROMOTE, stage="offline", next_stage="canary-5")
    found = next_step_of(stages, good, PROMOTE, begun=True, confirmed=())
    assert found == NextStep(confirmed=True, of="offline")


@pytest.mark.parametrize(
    ("value", "begun", "stage", "confirmed", "opens"),
    [
        (HOLD, True, "canary-5", (BEGINNING,), False),
        (ROLLBACK, False, "canary-5", (), False),
        (ROLLBACK, True, "canary-50", (), False),
        (PROMOTE, True, "canary-5", (BEGINNING,), True),
        (PROMOTE, True, "canary-5", (BEGINNING, "canary-5"), False),
        (PROMOTE, True, "canary-25", ("canary-5",), True),
        (PROMOTE, True, "canary-50", ("canary-5", "canary-25", "canary-50"), True),
    ],
)
def test_each_stage_is_left_once_and_the_last_as_often_as_asked(
    value: DecisionValue, begun: bool, stage: str, confirmed: tuple[str, ...], opens: bool
) -> None:
    """Flagger asks before it promotes, too; there is no step that could be taken too early then."""
    assert asked(value, stage, begun=begun, confirmed=confirmed).confirmed is opens


def test_a_step_that_was_confirmed_says_what_is_missing() -> None:
    """The answer names the stage that has no evidence."""
    assert asked(PROMOTE, confirmed=("canary-5",)).why == (
        "the step from canary-5 was confirmed before; canary-25 has no evidence"
    )


@given(events=st.lists(st.sampled_from(["ask", "ask", HOLD, PROMOTE]), max_size=40))
def test_no_weight_is_reached_without_a_promotion_at_the_one_before(events: list[object]) -> None:
    """However often it is asked, and whenever evidence comes or does not, each step has its own evidence."""
    weight, promoted, confirmed = -1, set[int](), list[str]()
    value, stage, begun = HOLD, NAMES[0], False
    for event in events:
        if isinstance(event, DecisionValue):
            if weight >= 0:  # evidence is of the stage that the rollout stands at
                value, stage, begun = event, NAMES[weight], True
                if event is PROMOTE:
                    promoted.add(weight)
            continue
        step = asked(value, stage, begun=begun, confirmed=tuple(confirmed))
        confirmed += [] if step.of is None else [step.of]
        if step.confirmed and weight < len(NAMES) - 1:
            assert weight < 0 or weight in promoted
            weight += 1
