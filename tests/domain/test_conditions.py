"""Which values of an expectation are read as conditions."""

from __future__ import annotations

import pytest
from hypothesis import given

from agentops_eval.domain import CONDITION_WORDS, is_condition, literal, misspelt
from tests.evals.tools._kit import JSON


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param({"any_of": [1]}, True, id="one word"),
        pytest.param({"near": 1, "within": 2}, True, id="two words"),
        pytest.param({"near": 1, "city": "Paris"}, False, id="a word beside a name"),
        pytest.param({}, False, id="nothing"),
        pytest.param("any_of", False, id="text"),
        pytest.param(["any_of"], False, id="a list"),
    ],
)
def test_a_mapping_of_words_alone_is_a_condition(value, found: bool):
    """Anything else stands for itself."""
    assert is_condition(value) is found


@pytest.mark.parametrize(
    ("value", "word"),
    [
        pytest.param({"betwen": [1, 2]}, "between", id="a letter is missing"),
        pytest.param({"any_off": [1]}, "any_of", id="a letter too many"),
        pytest.param({"near": 5, "witin": 1}, "within", id="one of two"),
        pytest.param({"match": {"title": "x"}}, "", id="a query of a search engine"),
        pytest.param({"note": "x"}, "", id="short names are names"),
        pytest.param({"near": 5, "city": "x"}, "", id="a name beside a word"),
        pytest.param({"contains": 1}, "", id="a word"),
    ],
)
def test_a_misspelt_word_is_noticed(value, word: str):
    """Only where nothing but a condition can have been meant."""
    assert misspelt(value) == word


@given(JSON)
def test_a_literal_value_holds_no_condition(value):
    """What literal gives is never read as a condition, but for the word that says so."""

    def read(one) -> None:
        if isinstance(one, dict):
            assert not misspelt(one)
            if is_condition(one):
                assert list(one) == ["exactly"]
                return
        for inner in one.values() if isinstance(one, dict) else one if isinstance(one, list) else []:
            read(inner)

    read(literal(value))


def test_the_words_are_in_order():
    """The table of words is sorted, so that it can be read."""
    assert list(CONDITION_WORDS) == sorted(CONDITION_WORDS)
