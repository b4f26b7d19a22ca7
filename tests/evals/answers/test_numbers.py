"""The number of an answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals._judged import FAIL, PASS, judged, refused, value
from tests.evals.answers._paraphrases import AMOUNTS, amounts


@pytest.mark.parametrize(
    ("arguments", "output", "found"),
    [
        pytest.param(59.9, "It is 59,90 \u20ac", PASS, id="german"),
        pytest.param(1234.5, "about 1,234.50 USD", PASS, id="thousands"),
        pytest.param(1234, "1,234", PASS, id="either-reading"),
        pytest.param({"expected": 1234, "decimal": ","}, "1,234", FAIL, id="decimal-comma"),
        pytest.param({"expected": 1.234, "decimal": ","}, "1,234", PASS, id="decimal-comma-meant"),
        pytest.param(12, "12 %", PASS, id="percent"),
        pytest.param(-5, "-5 degrees", PASS, id="negative"),
        pytest.param(7, "seven", PASS, id="spelled"),
        pytest.param(59.9, 59.9, PASS, id="a-number"),
        pytest.param(1, True, FAIL, id="true-is-no-number"),
        pytest.param(59.9, math.nan, FAIL, id="nan"),
        pytest.param(59.9, "no idea", FAIL, id="none"),
        pytest.param(59.9, {"a": 59.9}, FAIL, id="a-mapping"),
        pytest.param({"expected": 59.9, "field": "a"}, {"a": 59.9}, PASS, id="a-field"),
        pytest.param(3, "3 of 5", FAIL, id="several"),
        pytest.param({"expected": 3, "which": "first"}, "3 of 5", PASS, id="first"),
        pytest.param({"expected": 5, "which": "last"}, "3 of 5", PASS, id="last"),
        pytest.param({"expected": 5, "which": "any"}, "3 of 5", PASS, id="any"),
        pytest.param({"expected": 4, "which": "any"}, "3 of 5", FAIL, id="not-any"),
        pytest.param({"expected": 100, "abs_tol": 1}, "101", PASS, id="within"),
        pytest.param({"expected": 100, "abs_tol": 1}, "101.01", FAIL, id="beyond"),
        pytest.param({"expected": -100, "rel_tol": 0.01}, "-101", PASS, id="within-share"),
        pytest.param({"expected": 0.3, "abs_tol": 0.1}, "0.2", PASS, id="exact-in-decimals"),
        pytest.param(5, "5 " * 200_000, FAIL, id="huge"),
        pytest.param(5, "9" * 100_000, FAIL, id="digits"),
    ],
)
def test_numbers(arguments, output, found):
    """However it is spelled, and within the tolerance."""
    assert value("answer_number", arguments, output=output) is found


def test_the_reason_has_both_numbers():
    """And the tolerance."""
    verdict = judged("answer_number", {"expected": 59.9, "abs_tol": 0.5}, output="40 EUR")
    assert verdict.reason == "the answer says 40 where 59.9 is expected within 0.5"


@given(st.sampled_from(sorted(AMOUNTS)), amounts)
def test_every_spelling_of_an_amount_is_its_number(spelled, amount):
    """Separators, signs and words do not change the number."""
    assert value("answer_number", float(amount), output=AMOUNTS[spelled](amount)) is PASS


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_itself(number):
    """To the last digit."""
    assert value("answer_number", number, output=number) is PASS


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"expected": 1, "abs_tol": -1}, id="negative"),
        pytest.param({"expected": 1, "rel_tol": math.inf}, id="infinite"),
        pytest.param({"expected": math.nan}, id="nan"),
    ],
)
def test_tolerances_that_are_none_are_refused(arguments):
    """They are errors of the file."""
    assert "AE501" in refused("answer_number", arguments)
