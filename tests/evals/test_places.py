"""Paths in JSON values, and giving each its own."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals._assign import assigned
from agentops_eval.evals._paths import EVERY, found_at, path_of, spelled, without

VALUE = {"orders": [{"id": 1, "at": 5}, {"id": 2, "at": 6}], "a.txt": "x"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("", (), id="whole"),
        pytest.param("$.orders[0].id", ("orders", 0, "id"), id="names-and-items"),
        pytest.param("orders[*].at", ("orders", EVERY, "at"), id="every"),
        pytest.param("*.id", (EVERY, "id"), id="every-field"),
        pytest.param("""["a.txt"]['b c']""", ("a.txt", "b c"), id="quoted"),
    ],
)
def test_paths_are_read(text, path):
    """And spelled again so that they mean the same."""
    assert path_of(text) == path
    assert path_of(spelled(path)) == path


@pytest.mark.parametrize("text", ["a[", "a..b", "a[x]", "a b c["])
def test_what_is_no_path_is_refused(text):
    """The reason has it, and how one is written."""
    with pytest.raises(ValueError, match="is no path"):
        path_of(text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("orders[1].id", (2,), id="one"),
        pytest.param("orders[*].id", (1, 2), id="every"),
        pytest.param("orders[7]", (), id="beyond"),
        pytest.param("orders.id", (), id="no-field"),
        pytest.param('["a.txt"]', ("x",), id="quoted"),
    ],
)
def test_what_stands_at_a_path(path, found):
    """Nothing, one value, or several."""
    assert found_at(VALUE, path_of(path)) == found


def test_what_a_path_leads_to_can_be_left_out():
    """The value itself stays as it is."""
    left = without(VALUE, [path_of("orders[*].at"), path_of('["a.txt"]')])
    assert left == {"orders": [{"id": 1}, {"id": 2}]}
    assert VALUE["a.txt"] == "x"


@given(st.lists(st.lists(st.integers(0, 4), unique=True), max_size=4))
def test_as_many_as_possible_get_one_of_their_own(fits):
    """No other way of giving serves more, and nobody gets what does not fit."""
    found = assigned(fits)
    served = [one for one in found if one is not None]
    assert all(one is None or one in fit for one, fit in zip(found, fits, strict=True))
    assert len(served) == len(set(served))
    ways = permutations(range(5), len(fits))
    assert len(served) == max(sum(map(list.__contains__, fits, way)) for way in ways)


def test_a_long_chain_is_followed():
    """Everyone moves up by one, however many they are."""
    many = 3_000
    fits = [[number, number + 1] for number in range(many)] + [[0]]
    assert None not in assigned(fits)
