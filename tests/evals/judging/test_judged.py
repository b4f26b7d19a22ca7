"""One rubric put to a judge: samples, pairs, overrides, and what is missing."""

from __future__ import annotations

import pytest

from agentops_eval.domain import ErrorSource, Expectation, Scenario, ScenarioInvalid, ToolCall, VerdictValue
from agentops_eval.evals import build_all, evaluate, evaluators
from agentops_eval.evals.judging import (
    RUBRICS,
    Choice,
    Judged,
    Opinion,
    Override,
    Prompt,
    Rubric,
    conclude,
    conclude_pair,
    judged_by,
)
from tests.evals.judging._kit import ASKED, Judge, passing, reply, run

CORRECT, HELPFUL = RUBRICS["correctness"], RUBRICS["helpfulness"]
PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN


def test_a_verdict_has_reason_evidence_and_score() -> None:
    """A judge's pass says why, under which text of the rubric, and quotes what decides it."""
    judge = Judge(lambda prompt, _: reply(prompt, verdict="pass", quotes=["42 EUR"]))
    with judged_by(judge):
        found = Judged(rubric=CORRECT)(run(), ASKED)
    assert (found.value, found.score, found.reason) == (PASS, 1.0, "so it is")
    assert found.evidence == (f"rubric:correctness@{CORRECT.digest}", "llm:judge-1", "answer: 42 EUR")
    assert found.source is None


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("pass pass fail", PASS),
        ("fail fail pass", FAIL),
        ("pass fail", UNKNOWN),
        ("pass unknown", UNKNOWN),
        ("pass pass unknown", PASS),
        ("pass fail unknown", UNKNOWN),
        ("pass pass nonsense fail", UNKNOWN),
        ("nonsense", UNKNOWN),
    ],
)
def test_more_than_half_of_all_samples_decide(words: str, value: VerdictValue) -> None:
    """A sample that says nothing counts for neither side, and among all."""
    said = words.split()
    judge = Judge(lambda prompt, sample: reply(prompt, verdict=said[sample - 1]), samples=len(said))
    with judged_by(judge):
        found = Judged(rubric=CORRECT)(run(), ASKED)
    assert (found.value, len(judge.asked)) == (value, len(said))
    assert (found.source is ErrorSource.JUDGE) == (value is UNKNOWN)


def test_the_share_that_agreed_is_told() -> None:
    """Two of three samples is what the reason begins with, and the score is the mean of them all."""
    judge = Judge(lambda prompt, sample: reply(prompt, verdict="pass" if sample < 3 else "fail"))
    with judged_by(judge):
        found = Judged(rubric=CORRECT, samples=3)(run(), ASKED)
    assert found.reason.startswith("2 of 3 samples: ")
    assert found.score == pytest.approx(2 / 3)


def test_grades_become_scores() -> None:
    """The mean grade is the score; the majority of what each grade passes decides."""
    judge = Judge(lambda prompt, sample: reply(prompt, grade=(5, 4, 2)[sample - 1]), samples=3)
    with judged_by(judge):
        found = Judged(rubric=HELPFUL)(run(), ASKED)
    assert (found.value, found.score) == (PASS, pytest.approx((1 + 0.75 + 0.25) / 3))


PAIRS = {
    ("first", "second"): PASS,
    ("second", "first"): FAIL,
    ("tie", "tie"): PASS,
    ("first", "first"): UNKNOWN,
    ("second", "second"): UNKNOWN,
    ("first", "tie"): UNKNOWN,
    ("first", "unknown"): UNKNOWN,
}


@pytest.mark.parametrize("words", PAIRS, ids="-".join)
def test_a_preference_has_to_survive_the_swap(words: tuple[str, str]) -> None:
    """An answer that is preferred only where it stands first is preferred by its place: unknown."""
    judge = Judge(lambda prompt, _: reply(prompt, better=words[len(judge.asked) - 1]))
    with judged_by(judge):
        found = Judged(rubric=CORRECT, reference="It is 41 EUR.", swap=True)(run(), ASKED)
    assert found.value is PAIRS[words]
    first, second = (asked[0].user for asked in judge.asked)
    assert first.index("42 EUR") < first.index("41 EUR")
    assert second.index("41 EUR") < second.index("42 EUR")


def test_a_run_without_what_the_rubric_needs_is_unknown_and_nobody_is_asked() -> None:
    """There is nothing to judge in a run without an answer."""
    judge = Judge(passing)
    with judged_by(judge):
        found = Judged(rubric=CORRECT)(run(None), ASKED)
    assert (found.value, "no answer" in found.reason, judge.asked) == (UNKNOWN, True, [])


def test_without_a_judge_the_verdict_says_how_to_get_one() -> None:
    """Nobody judges by default: unknown, the judge's doing, with what to set."""
    found = Judged(rubric=CORRECT)(run(), ASKED)
    assert (found.value, found.source) == (UNKNOWN, ErrorSource.JUDGE)
    assert "[tool.agentops.judge]" in found.reason


def test_a_judge_that_does_not_answer_is_unknown() -> None:
    """An llm that is out of reach is no verdict, and the reason says so."""
    with judged_by(Judge(lambda *_: None)):
        found = Judged(rubric=CORRECT)(run(), ASKED)
    assert (found.value, found.reason) == (UNKNOWN, "the judge gave no verdict: out of reach")


def test_a_persons_word_stands_above_the_judge() -> None:
    """An override decides without asking, and tells what the judge had said."""
    judge = Judge(passing, said=Override(value=FAIL, why="wrong currency", role="reviewer", said=PASS))
    with judged_by(judge):
        found = Judged(rubric=CORRECT)(run(), ASKED)
    assert (found.value, judge.asked) == (FAIL, [])
    assert found.reason == "reviewer says fail: wrong currency (the judge said pass)"


def test_a_judge_below_its_floor_is_no_judge_where_calibration_is_asked_for() -> None:
    """With calibrated, a judge that is not trusted gives no verdict; without, it does."""
    with judged_by(Judge(passing, doubt="never calibrated")):
        assert Judged(rubric=CORRECT, calibrated=True)(run(), ASKED).value is UNKNOWN
        assert Judged(rubric=CORRECT)(run(), ASKED).value is PASS


def test_secrets_are_shown_to_no_judge() -> None:
    """What the judge calls a secret is in no prompt, neither alone nor in a pair."""
    judge = Judge(lambda prompt, _: reply(prompt, better="tie", verdict="pass"), secret="hunter22")
    made = run("It is hunter22.", calls=(ToolCall(name="get", result="hunter22"),))
    with judged_by(judge):
        Judged(rubric=RUBRICS["faithfulness"], reference="hunter22")(made, ASKED)
        Judged(rubric=CORRECT, reference="hunter22", swap=True)(made, ASKED)
    assert len(judge.asked) == 3
    assert all("hunter22" not in asked[0].user for asked in judge.asked)


def test_a_failed_call_is_shown_as_failed() -> None:
    """The judge of the goal sees that a tool failed, whatever the agent claims."""
    seen: list[Prompt] = []
    judge = Judge(lambda prompt, _: seen.append(prompt) or passing(prompt, 1))
    calls = (
        ToolCall(name="refund", arguments={"order": 7}, error="declined"),
        ToolCall(name="x", arguments=None),
    )
    with judged_by(judge):
        Judged(rubric=RUBRICS["goal_success"])(run("Refunded!", calls=calls), ASKED)
    assert '1. refund {"order": 7} failed: declined\n2. x not known gave nothing' in seen[0].user


def test_conclusions_keep_the_law_of_majorities() -> None:
    """No opinions, and none that is known, conclude nothing."""
    rubric = Rubric(id="r", question="q")
    assert conclude(rubric, []).value is UNKNOWN
    assert conclude(rubric, [Opinion(problem="broken")]).reason == "the judge gave no verdict: broken"
    assert conclude(rubric, [Opinion(reason="hard to say")]).reason.endswith("undecided: hard to say")
    assert conclude_pair(rubric, (Choice.FIRST, "better"), None).value is PASS


# -- as files write them ------------------------------------------------------------------------


def _verdict(name: str, arguments: object, judge: Judge, *, output: object = "An answer.") -> object:
    scenario = Scenario(
        id="case", turns=("q",), expect=(Expectation(evaluator=name, arguments=arguments, where="s.yaml:3"),)
    )
    with judged_by(judge):
        return evaluate(run(output), scenario)[0]


def test_every_shipped_rubric_is_an_evaluator() -> None:
    """Each rubric stands in the table under its id, and is asked without any argument."""
    for name, rubric in RUBRICS.items():
        assert name in evaluators()
        judge = Judge(lambda prompt, _: reply(prompt, verdict="pass", grade=5))
        found = _verdict(name, None, judge)
        assert (found.value, found.evaluator) == (PASS, name)
        assert judge.asked[0][0].rubric == rubric.name


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("judge", "correctness"),
        ("judge", {"rubric": "The answer names a price.", "samples": 3, "llm": "other"}),
        ("judge", {"rubric": "The world has one row.", "sees": ["state", "answer"]}),
        ("correctness", "It is 42 EUR."),
        ("judge", {"rubric": "correctness", "reference": {"total": 42}, "samples": 2}),
        ("goal_success", {"reference": "The order is refunded."}),
        ("helpfulness", {"at_least": 0.5}),
        ("conciseness", {"reference": "Another answer.", "swap": True}),
    ],
    ids=["id", "words", "sees", "reference", "json", "goal", "threshold", "pair"],
)
def test_forms_in_a_file(name: str, arguments: object) -> None:
    """What a scenario file may say is built, asked and judged."""
    judge = Judge(lambda prompt, _: reply(prompt, verdict="pass", grade=5, better="tie"))
    assert _verdict(name, arguments, judge).value is PASS
    wanted = arguments.get("llm", "") if isinstance(arguments, dict) else ""
    assert {llm for _, llm, _ in judge.asked} == {wanted}


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("judge", "corectness", "did you mean 'correctness'"),
        ("judge", None, "rubric"),
        ("judge", {"rubric": "correctness", "sees": ["state"]}, "criteria of your own"),
        ("judge", {"rubric": "Be nice now.", "sees": ["stat"]}, "did you mean 'state'"),
        ("judge", {"rubric": "Be nice now.", "samples": 0.5}, "whole number"),
        ("judge", {"rubric": "Be nice now.", "samples": 1000}, "from 1 to 99"),
        ("judge", {"rubric": "Be nice now.", "at_least": 0.5}, "rubrics with grades"),
        ("judge", {"rubric": "Be nice now.", "swap": True}, "give it as the reference"),
        ("helpfulness", {"at_least": 5}, "a score from 0 to 1"),
        ("coherence", "something", "not held against a reference"),
        ("correctness", {"refrence": 1}, "did you mean 'reference'"),
    ],
    ids=[
        "misspelt", "nothing", "sees-of-shipped", "sees", "half-a-sample", "samples", "threshold", "swap",
        "score", "no-reference", "argument",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_place(name: str, arguments: object, says: str) -> None:
    """A bad argument is an error before anything runs, with the file and what to write instead."""
    expectation = Expectation(evaluator=name, arguments=arguments, where="s.yaml:cases[0].expect[1]")
    with pytest.raises(ScenarioInvalid) as raised:
        build_all(Scenario(id="case", expect=(expectation,)))
    assert says in str(raised.value)
    assert "s.yaml:cases[0].expect[1]" in raised.value.where
