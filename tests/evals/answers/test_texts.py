"""Answers equal to, holding, or matching a text; short enough; given at all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals._judged import BROKEN_BY_AGENT, BROKEN_BY_JUDGE, FAIL, PASS, UNKNOWN, judged, refused, value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
WORDS = st.text(min_size=1, max_size=30).filter(str.strip)


# -- equal ------------------------------------------------------------------------------------------


@given(JSON)
def test_every_answer_equals_itself(answer):
    """Also one that is not finite, and one of any type."""
    assert value("answer_equals", {"expected": answer}, output=answer) is PASS


@pytest.mark.parametrize(
    ("expected", "output", "found"),
    [
        pytest.param("yes", "yes", PASS, id="text"),
        pytest.param("yes", "Yes", FAIL, id="case"),
        pytest.param({"a": 1}, '{"a": 1.0}', PASS, id="json-text"),
        pytest.param({"a": 1}, 'Here:\n```json\n{"a": 1}\n```\nBye.', PASS, id="fence"),
        pytest.param({"a": 1}, "```\n{}\n```\n```\n{}\n```", FAIL, id="two-fences"),
        pytest.param({"a": True}, {"a": 1}, FAIL, id="true-is-not-1"),
        pytest.param([1, 2], [2, 1], FAIL, id="order"),
        pytest.param(42, "42", PASS, id="number-in-text"),
        pytest.param("42", 42, PASS, id="text-of-a-number"),
        pytest.param(None, None, PASS, id="nothing"),
        pytest.param(None, "null", PASS, id="nothing-as-json"),
        pytest.param("x", None, FAIL, id="no-answer"),
        pytest.param(math.nan, math.nan, PASS, id="nan"),
        pytest.param({"a": 1}, "[" * 100_000, FAIL, id="deep"),
    ],
)
def test_equality(expected, output, found):
    """Text is compared as text, anything else as JSON."""
    assert value("answer_equals", {"expected": expected}, output=output) is found


def test_the_reason_shows_where_long_texts_part():
    """Not the first letters, which are the same."""
    verdict = judged("answer_equals", "same " * 40 + "end", output="same " * 40 + "END")
    assert "END" in verdict.reason
    assert '"...' in verdict.reason


def test_normalised_text_has_no_case_and_single_spaces():
    """On request only."""
    assert value("answer_equals", {"expected": "All Done", "normalise": True}, output=" all\n done ") is PASS


# -- holding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param("refunded", PASS, id="one"),
        pytest.param(["refunded", "1042"], PASS, id="all"),
        pytest.param(["refunded", "cancelled"], FAIL, id="not-all"),
        pytest.param({"texts": ["cancelled", "1042"], "how": "any"}, PASS, id="any"),
        pytest.param({"texts": ["cancelled"], "how": "any"}, FAIL, id="not-any"),
        pytest.param({"texts": ["sorry"], "how": "none"}, PASS, id="none"),
        pytest.param({"texts": ["1042", "sorry"], "how": "none"}, FAIL, id="not-none"),
        pytest.param("ORDER", FAIL, id="case-counts"),
        pytest.param({"texts": "ORDER", "case": False}, PASS, id="case-counts-for-nothing"),
        pytest.param("order  1042 was", PASS, id="white-space"),
    ],
)
def test_holding(arguments, found):
    """All, any or none of some texts, with white space run together."""
    assert value("answer_contains", arguments, output="order\n1042 was refunded") is found


@given(WORDS, st.lists(WORDS, max_size=3), st.sampled_from(["all", "any"]))
def test_saying_more_takes_no_text_away(text, more, how):
    """What an answer holds, a longer one holds, too."""
    said = " ".join([text, *more])
    assert value("answer_contains", {"texts": text, "how": how}, output=f"{said} and more") is PASS
    assert value("answer_contains", {"texts": text, "how": "none"}, output=f"{said} and more") is FAIL


def test_the_score_is_the_share_of_the_texts():
    """One of two is a half."""
    assert judged("answer_contains", ["a", "z"], output="abc").score == 0.5


def test_an_empty_text_is_refused():
    """It is in every answer, and so it tests nothing."""
    assert "every answer" in refused("answer_contains", " ")
    assert "every answer" in refused("answer_contains", [])


# -- matching ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param(r"order \d{4}", PASS, id="found"),
        pytest.param(r"order \d{5}", FAIL, id="not-found"),
        pytest.param({"pattern": r"sorry", "expected": False}, PASS, id="expected-not"),
        pytest.param({"pattern": r"\d", "expected": False}, FAIL, id="found-though-not-expected"),
        pytest.param({"pattern": "ORDER", "case": False}, PASS, id="case"),
        pytest.param({"pattern": r"order \d+", "whole": True}, FAIL, id="not-whole"),
        pytest.param({"pattern": r"order \d+.*", "whole": True}, PASS, id="whole"),
    ],
)
def test_matching(arguments, found):
    """Somewhere in the answer, or all of it; expected or not."""
    assert value("answer_matches", arguments, output="order 1042 was refunded") is found


@pytest.mark.parametrize("expected", [True, False])
def test_a_huge_answer_is_not_searched_and_fails(expected):
    """What was not looked at cannot pass either way."""
    arguments = {"pattern": "x", "expected": expected}
    verdict = judged("answer_matches", arguments, output="y" * 1_000_000)
    assert verdict.value is FAIL
    assert "1,000,000 characters" in verdict.reason


def test_a_pattern_that_is_none_is_refused():
    """The error of the file says what is wrong with it."""
    assert "unterminated" in refused("answer_matches", "(")


# -- short, given -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param(4, PASS, id="words"),
        pytest.param(3, FAIL, id="too-many-words"),
        pytest.param({"max_chars": 18}, PASS, id="characters"),
        pytest.param({"max_chars": 17}, FAIL, id="too-many-characters"),
        pytest.param({"max_sentences": 2}, PASS, id="sentences"),
        pytest.param({"max_sentences": 1}, FAIL, id="too-many-sentences"),
    ],
)
def test_concise(arguments, found):
    """Words, characters and sentences are counted."""
    assert value("concise", arguments, output="Done. It is 59.90!") is found


def test_concise_without_a_limit_is_refused():
    """Nothing would be tested."""
    assert "max_words" in refused("concise")


@pytest.mark.parametrize(
    ("run", "found"),
    [
        pytest.param({"output": "Done."}, PASS, id="answer"),
        pytest.param({"output": {"done": True}}, PASS, id="json"),
        pytest.param({"output": " \n"}, FAIL, id="blank"),
        pytest.param({"output": None}, FAIL, id="none"),
        pytest.param({"output": "Done.", "error": BROKEN_BY_AGENT}, FAIL, id="agents-error"),
        pytest.param({"output": None, "error": BROKEN_BY_JUDGE}, UNKNOWN, id="anothers-error"),
    ],
)
def test_completes(run, found):
    """A run completes with an answer and without an error of the agent's."""
    assert value("completes", None, **run) is found


@pytest.mark.parametrize(
    ("evaluator", "arguments"),
    [
        pytest.param("answer_equals", "x", id="equals"),
        pytest.param("answer_contains", "x", id="contains"),
        pytest.param("answer_matches", "x", id="matches"),
        pytest.param("answer_number", 1, id="number"),
        pytest.param("answer_schema", {"type": "string"}, id="schema"),
        pytest.param("answer_diff", {"expected": "x"}, id="diff"),
        pytest.param("answer_similar", "x", id="similar"),
        pytest.param("concise", 5, id="concise"),
        pytest.param("refuses", True, id="refuses"),
    ],
)
def test_a_run_that_broke_off_has_no_answer(evaluator, arguments):
    """The agent's own error fails, another's is unknown, and the reason says what it was."""
    assert "no order" in judged(evaluator, arguments, error=BROKEN_BY_AGENT).reason
    assert value(evaluator, arguments, error=BROKEN_BY_AGENT) is FAIL
    assert value(evaluator, arguments, error=BROKEN_BY_JUDGE) is UNKNOWN


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"expected": "x", "turn": 0}, id="turn-0"),
        pytest.param({"expected": "x", "field": "a["}, id="no-path"),
    ],
)
def test_turns_and_fields_that_are_none_are_refused(arguments):
    """They are errors of the file, not of the run."""
    assert "AE501" in refused("answer_equals", arguments)


@pytest.mark.parametrize(
    ("output", "found", "why"),
    [
        pytest.param('{"total": {"value": 5}}', PASS, "as expected", id="there"),
        pytest.param('{"total": {}}', FAIL, "no values at total.value", id="missing"),
        pytest.param("five", FAIL, "it is no JSON", id="no-json"),
    ],
)
def test_a_field_of_the_answer(output, found, why):
    """A field stands at its path in JSON, or the verdict says why not."""
    verdict = judged("answer_equals", {"expected": 5, "field": "total.value"}, output=output)
    assert verdict.value is found
    assert why in verdict.reason
