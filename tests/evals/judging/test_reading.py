"""Reading replies: nothing but an exact verdict with the check word is one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import VerdictValue
from agentops_eval.evals.judging import (
    RUBRICS,
    Choice,
    See,
    Shown,
    choice_prompt,
    read_choice,
    read_opinion,
    verdict_prompt,
)
from tests.evals.judging._kit import reply

CORRECT, HELPFUL = RUBRICS["correctness"], RUBRICS["helpfulness"]
SHOWN = (Shown(see=See.ANSWER, text="The total is\n42 EUR, I promise."),)
PROMPT = verdict_prompt(CORRECT, SHOWN)
FENCED = f"```json\n{reply(PROMPT, verdict='pass')}\n```"
GRADED = verdict_prompt(HELPFUL, SHOWN)
PAIR = choice_prompt(CORRECT, SHOWN, first="a", second="b")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(text=st.text())
def test_no_text_passes_by_accident(text: str) -> None:
    """Whatever an llm says, without the check word it is no verdict and no preference."""
    for prompt, rubric in ((PROMPT, CORRECT), (GRADED, HELPFUL)):
        found = read_opinion(text, prompt, rubric, SHOWN)
        assert (found.value, found.score) == (VerdictValue.UNKNOWN, None)
        assert found.problem
    assert read_choice(text, PAIR)[0] is Choice.UNKNOWN


@given(
    body=st.dictionaries(st.sampled_from(["check", "verdict", "grade", "better", "reason", "quotes"]), JSON)
)
def test_no_json_passes_by_accident(body: dict[str, object]) -> None:
    """An object of any members and values is no verdict unless it repeats the check word."""
    text = json.dumps(body)
    assert read_opinion(text, PROMPT, CORRECT, SHOWN).value is VerdictValue.UNKNOWN
    assert read_opinion(text, GRADED, HELPFUL, SHOWN).value is VerdictValue.UNKNOWN


@given(value=JSON.filter(lambda one: one not in ("pass", "fail", "unknown")), quotes=JSON, reason=JSON)
def test_with_the_check_word_only_a_word_of_the_scale_counts(
    value: object, quotes: object, reason: object
) -> None:
    """A reply with the right check word and any other verdict is unknown, whatever else it holds."""
    text = json.dumps({"check": PROMPT.check, "verdict": value, "quotes": quotes, "reason": reason})
    word = value.strip().lower() if isinstance(value, str) else ""
    found = read_opinion(text, PROMPT, CORRECT, SHOWN)
    assert found.value.value == (word if word in ("pass", "fail") else "unknown")


@given(grade=JSON)
def test_only_whole_grades_of_the_scale_count(grade: object) -> None:
    """A grade is a whole number of the scale: no boolean, no text, nothing outside."""
    found = read_opinion(reply(GRADED, grade=grade), GRADED, HELPFUL, SHOWN)
    valid = not isinstance(grade, bool) and isinstance(grade, int | float) and grade in (1, 2, 3, 4, 5)
    assert (found.score is not None) == valid
    if valid:
        assert found.score == (grade - 1) / 4
        assert (found.value is VerdictValue.PASS) == (grade >= 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (reply(PROMPT, verdict="pass"), "pass"),
        (f"\n {reply(PROMPT, verdict='FAIL ')} \n", "fail"),
        (f"```json\n{reply(PROMPT, verdict='pass')}\n```", "pass"),
        (f"Here it is:\n\n```\n{reply(PROMPT, verdict='fail')}\n```\nDone.", "fail"),
        (reply(PROMPT, verdict="unknown"), "unknown"),
        (f"My verdict is {reply(PROMPT, verdict='pass')}", "unknown"),
        (f"[{reply(PROMPT, verdict='pass')}]", "unknown"),
        (f"{reply(PROMPT, verdict='pass')} {reply(PROMPT, verdict='pass')}", "unknown"),
        (f"{FENCED}\n{FENCED}", "unknown"),
        (f'```\n{{"verdict": "pass"}}\n```\n```\n{reply(PROMPT, verdict="pass")}\n```', "unknown"),
        (f'{{"check": "{PROMPT.check}", "verdict": "fail", "verdict": "pass"}}', "unknown"),
        (f'{{"check": "{PROMPT.check}", "check": "x", "verdict": "pass"}}', "unknown"),
        (f'{{"check": ["{PROMPT.check}"], "verdict": "pass"}}', "unknown"),
        (reply(GRADED, verdict="pass"), "unknown"),
        ("[" * 100_000, "unknown"),
        ("x" * 200_000, "unknown"),
        ("", "unknown"),
    ],
    ids=[
        "plain", "spaces", "fenced", "fenced-in-prose", "undecided", "in-a-sentence", "in-a-list", "twice",
        "two-blocks", "a-block-without-the-word", "verdict-twice", "check-twice", "check-in-a-list",
        "other-check-word", "deep", "long", "empty",
    ],
)  # fmt: skip
def test_forms_of_replies(text: str, value: str) -> None:
    """A verdict stands alone or in one fenced block; what could be read in two ways is unknown."""
    assert read_opinion(text, PROMPT, CORRECT, SHOWN).value.value == value


def test_quotes_are_kept_only_where_they_stand_in_what_was_shown() -> None:
    """A judge that invents a quote is not repeated, and a quote may be broken over lines."""
    text = reply(PROMPT, verdict="pass", quotes=["total is 42 eur", "the moon", 7, ""])
    assert read_opinion(text, PROMPT, CORRECT, SHOWN).quotes == ("answer: total is 42 eur",)


def test_a_reason_is_one_line_and_bounded() -> None:
    """What a judge writes is hostile too: its reason is cut and holds no line ends."""
    found = read_opinion(reply(PROMPT, verdict="fail", reason="a\n" * 5_000), PROMPT, CORRECT)
    assert len(found.reason) <= 400
    assert "\n" not in found.reason


def test_at_least_moves_the_grade_that_passes() -> None:
    """The same grade passes under one threshold and fails under another."""
    text = reply(GRADED, grade=3)
    assert read_opinion(text, GRADED, HELPFUL, at_least=0.5).value is VerdictValue.PASS
    assert read_opinion(text, GRADED, HELPFUL, at_least=0.51).value is VerdictValue.FAIL


@pytest.mark.parametrize("word", ["first", "second", "tie", "unknown"])
def test_choices_are_read(word: str) -> None:
    """Each of the four words is a preference."""
    assert read_choice(reply(PAIR, better=word), PAIR) == (Choice(word), "so it is")


@pytest.mark.parametrize("word", ["both", None, True, ["first"]], ids=repr)
def test_other_choices_are_unknown(word: object) -> None:
    """Any other preference is unknown, and says what was wrong."""
    choice, why = read_choice(reply(PAIR, better=word), PAIR)
    assert (choice, "its choice is" in why) == (Choice.UNKNOWN, True)
