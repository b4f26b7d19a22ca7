"""Users' evaluators are plain functions; what a file gives them is checked before anything runs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import (
    ErrorSource,
    Expectation,
    Run,
    Scenario,
    ScenarioInvalid,
    Verdict,
    VerdictValue,
)
from agentops_eval.evals import build_all, evaluate, from_function, overall, verdict_of

RUN = Run(scenario="c", output="hello", state={"n": 1})
VALUES = st.lists(st.sampled_from(VerdictValue), max_size=5)


def _scenario(name: str, arguments: Any = None) -> Scenario:
    expected = Expectation(evaluator=name, arguments=arguments, where="f.yaml: scenarios[0].expect")
    return Scenario(id="c", expect=(expected,))


def _judge(function: Any, arguments: Any = None) -> Verdict:
    (found,) = evaluate(RUN, _scenario("x:f", arguments), resolve=lambda _: function)
    return found


def test_parameters_are_given_by_their_names() -> None:
    """What a function wants to see it names; the rest comes from the file."""

    def says(output: str, state: Any, text: str, *, scenario: Scenario) -> bool:
        return text in output and state["n"] == 1 and scenario.id == "c"

    assert _judge(says, {"text": "hell"}).passed
    assert _judge(says, "hell").passed
    assert not _judge(says, "goodbye").passed


@pytest.mark.parametrize(
    ("returned", "value", "score"),
    [
        (True, VerdictValue.PASS, 1.0),
        (False, VerdictValue.FAIL, 0.0),
        (None, VerdictValue.UNKNOWN, None),
        (0.5, VerdictValue.FAIL, 0.5),
        ((True, "why"), VerdictValue.PASS, 1.0),
        (Verdict(value=VerdictValue.FAIL, score=0.25), VerdictValue.FAIL, 0.25),
    ],
    ids=["true", "false", "none", "score", "with reason", "verdict"],
)
def test_what_a_function_returns_is_read(returned: Any, value: VerdictValue, score: float | None) -> None:
    """A bool, a score, a pair with the reason, a verdict, or None where it cannot say."""
    found = verdict_of(returned)
    assert (found.value, found.score) == (value, score)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_score_passes_from_its_threshold_upwards(score: float, least: float) -> None:
    """``at_least`` stands in the file."""
    found = _judge(lambda output: score, {"at_least": least})
    assert found.passed == (score >= least)


@pytest.mark.parametrize(
    "returned",
    ["yes", 2, -0.1, float("nan"), object(), (1, 2)],
    ids=["text", "above", "below", "nan", "object", "pair"],
)
def test_anything_else_is_unknown_and_says_why(returned: Any) -> None:
    """A function that returns nonsense has not passed anything."""
    found = _judge(lambda output: returned)
    assert found.value is VerdictValue.UNKNOWN
    assert "a verdict is a bool" in found.reason


def test_a_function_that_raises_is_unknown() -> None:
    """Its error is the reason; other evaluators still judge."""

    def broken(output: str) -> bool:
        raise KeyError("gone")

    found = _judge(broken)
    assert (found.value, found.reason) == (VerdictValue.UNKNOWN, "the evaluator raised KeyError: 'gone'")
    assert found.evaluator == "x:f"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"txt": "a"}, "takes no argument 'txt'"), (None, "missing a required argument: 'text'")],
    ids=["misspelt", "missing"],
)
def test_what_does_not_fit_is_said_with_its_place(arguments: Any, said: str) -> None:
    """The path in the file stands in the error."""

    def says(output: str, text: str) -> bool:
        return text in output

    with pytest.raises(ScenarioInvalid, match=said) as caught:
        from_function(says, _scenario("x:f", arguments).expect[0])
    assert caught.value.where.startswith("f.yaml")


def test_an_unknown_evaluator_is_named_with_the_nearest() -> None:
    """The name that was probably meant stands in the error."""
    with pytest.raises(ScenarioInvalid, match="there is no evaluator 'nonsense'"):
        build_all(_scenario("nonsense"))


@given(VALUES)
def test_one_failure_decides_and_nothing_is_no_pass(values: list[VerdictValue]) -> None:
    """Fail before unknown before pass; without any verdict nobody knows."""
    found = overall(Verdict(value=value) for value in values)
    if VerdictValue.FAIL in values:
        assert found is VerdictValue.FAIL
    elif VerdictValue.UNKNOWN in values or not values:
        assert found is VerdictValue.UNKNOWN
    else:
        assert found is VerdictValue.PASS


def test_a_verdict_keeps_everything_but_who_gave_it() -> None:
    """The evaluator's name is put on what it said, and nothing else of it changes."""
    told = {
        "value": VerdictValue.UNKNOWN,
        "score": 0.5,
        "reason": "why",
        "evidence": ("span",),
        "evaluator": "another",
        "source": ErrorSource.JUDGE,
    }
    assert told.keys() == {field.name for field in fields(Verdict)}
    assert _judge(lambda output: Verdict(**told)) == Verdict(**{**told, "evaluator": "x:f"})
