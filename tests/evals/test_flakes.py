"""Trials of one case that do not agree, and who is to blame."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Ending, ErrorSource, Result, RunError, Verdict, VerdictValue
from agentops_eval.evals import flakes


def _trial(number: int, *, output: str = "a", **verdicts: bool) -> Result:
    told = tuple(
        Verdict(value=VerdictValue.PASS if passed else VerdictValue.FAIL, evaluator=name)
        for name, passed in verdicts.items()
    )
    value = VerdictValue.PASS if all(verdicts.values()) else VerdictValue.FAIL
    return Result(suite="s", case="c", trial=number, value=value, verdicts=told, output=output)


BROKEN = Result(
    suite="s", case="c", trial=9, ending=Ending.ERROR, error=RunError(source=ErrorSource.SIMULATOR, kind="x")
)


def test_a_judge_that_disagrees_with_itself_is_to_blame() -> None:
    """Equal answers, and only the judge's verdict differs: the judge flaps, not the agent."""
    (found,) = flakes([_trial(1, helpfulness=True), _trial(2, helpfulness=False)], judges={"helpfulness"})
    assert (found.source, found.evaluators, found.passed, found.trials) == (
        ErrorSource.JUDGE,
        ("helpfulness",),
        1,
        2,
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_trial(1, helpfulness=True), _trial(2, helpfulness=False, output="b")),
        (_trial(1, helpfulness=True, tools=True), _trial(2, helpfulness=False, tools=False)),
        (_trial(1, tools=True), _trial(2, tools=False)),
    ],
    ids=["another answer", "another evaluator as well", "no judge"],
)
def test_else_the_agent_is_to_blame(first: Result, second: Result) -> None:
    """An agent that answers or acts differently flaps, whatever a judge says of it."""
    (found,) = flakes([first, second], judges={"helpfulness"})
    assert found.source is ErrorSource.AGENT


def test_a_trial_that_broke_off_is_blamed_on_what_it_broke_off_with() -> None:
    """The judged trials agree; what differs is that one of them never came to a verdict."""
    (found,) = flakes([_trial(1, tools=True), BROKEN])
    assert found.source is ErrorSource.SIMULATOR


def test_a_case_that_needs_a_recording_does_not_flap() -> None:
    """What was not run says nothing."""
    needed = replace(BROKEN, ending=Ending.NEEDS_RECORDING)
    assert flakes([_trial(1, tools=True), needed]) == ()


@given(st.lists(st.booleans(), max_size=6))
def test_a_case_flaps_exactly_where_its_trials_differ(passes: list[bool]) -> None:
    """All alike is no flake; any difference is one."""
    found = flakes([_trial(number, tools=passed) for number, passed in enumerate(passes, 1)])
    assert bool(found) == (len(set(passes)) == 2)
