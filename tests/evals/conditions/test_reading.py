"""What counts as the same value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.conditions._reading import Reading
from tests.evals.tools._kit import JSON

READINGS = st.builds(
    Reading,
    numbers=st.sampled_from(["equal", "int_for_float", "typed"]),
    text=st.sampled_from(["exact", "loose", ("case",), ("space", "quotes")]),
    lists=st.sampled_from(["ordered", "unordered"]),
)


@pytest.mark.parametrize(
    ("wanted", "given_", "equal", "int_for_float", "typed"),
    [
        pytest.param(5.0, 5, True, True, False, id="int for float"),
        pytest.param(5, 5.0, True, False, False, id="float for int"),
        pytest.param(5, 5, True, True, True, id="int for int"),
        pytest.param(5.5, 5, False, False, False, id="another number"),
        pytest.param(1, True, False, False, False, id="true for one"),
        pytest.param(0.0, False, False, False, False, id="false for zero"),
        pytest.param("5", 5, False, False, False, id="a number for its text"),
        pytest.param(None, 0, False, False, False, id="zero for null"),
        pytest.param([5.0], [5], True, True, False, id="within a list"),
        pytest.param({"a": {"b": 5.0}}, {"a": {"b": 5}}, True, True, False, id="within an object"),
    ],
)
def test_numbers(wanted, given_, equal, int_for_float, typed):
    """By default a number is its value; the options ask for its type, in one direction or both."""
    modes = {"equal": equal, "int_for_float": int_for_float, "typed": typed}
    assert {mode: Reading(numbers=mode).same(wanted, given_) for mode in modes} == modes


@pytest.mark.parametrize(
    ("step", "wanted", "given_"),
    [
        pytest.param("case", "New York", "new YORK", id="case"),
        pytest.param("case", "stra\u00dfe", "STRASSE", id="case beyond ASCII"),
        pytest.param("space", "a  b", " a\tb\n", id="white space"),
        pytest.param("quotes", "it's \u201csafe\u201d \u2013 yes", 'it\u2019s "safe" - yes', id="quotes"),
        pytest.param("unicode", "caf\u00e9", "cafe\u0301", id="composition"),
        pytest.param("unicode", "10 m\u00b2", "10 m2", id="compatibility"),
    ],
)
def test_text_steps(step: str, wanted: str, given_: str):
    """Each step makes alike what it is about and nothing else; loose is all of them."""
    assert Reading(text=(step,)).same(wanted, given_)
    assert Reading(text="loose").same([wanted], [given_])
    assert not Reading().same(wanted, given_)
    others = tuple({"case", "space", "quotes", "unicode"} - {step})
    assert not Reading(text=others).same(wanted, given_)


def test_lists_in_any_order():
    """Unordered lists are the same where each item has one of its own in the other."""
    unordered = Reading(lists="unordered")
    assert unordered.same([1, 1, 2], [2, 1, 1.0])
    assert not unordered.same([1, 1, 2], [2, 2, 1])
    assert unordered.same({"a": [[1, 2], [3]]}, {"a": [[3], [2, 1]]})
    assert not Reading().same([1, 2], [2, 1])


def test_what_was_cut_is_like_nothing():
    """A value that was nested too deep to be kept is not known, so that it is no match, even for its like."""
    cut = {"$truncated": "dict"}
    assert not Reading().same(cut, cut)


@given(JSON, READINGS)
def test_a_value_is_the_same_as_its_copy(value, reading: Reading):
    """Whatever the options, a value equals what it becomes on a way through JSON."""
    assert reading.same(value, json.loads(json.dumps(value)))


@given(JSON, JSON, READINGS)
def test_sides_can_be_exchanged(one, other, reading: Reading):
    """Sameness has no direction, except where an int may stand for a float and not the reverse."""
    if reading.numbers != "int_for_float":
        assert reading.same(one, other) == reading.same(other, one)


@given(JSON, JSON)
def test_strict_readings_accept_less(one, other):
    """What a stricter option for numbers, text or lists accepts, the looser one accepts, too."""
    accepted = [Reading(numbers=mode).same(one, other) for mode in ("typed", "int_for_float", "equal")]
    assert accepted == sorted(accepted)
    assert Reading().same(one, other) <= Reading(text="loose").same(one, other)
    assert Reading().same(one, other) <= Reading(lists="unordered").same(one, other)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"numbers": "equals"}, "did you mean 'equal'?", id="numbers"),
        pytest.param({"text": "lose"}, "did you mean 'loose'?", id="text"),
        pytest.param({"text": ["cases"]}, "did you mean 'case'?", id="a step"),
        pytest.param({"lists": "unorderd"}, "did you mean 'unordered'?", id="lists"),
    ],
)
def test_a_word_that_means_nothing_is_refused(options, said: str):
    """The message names the nearest word."""
    with pytest.raises(ValueError) as caught:
        Reading(**options)
    assert said in str(caught.value)
