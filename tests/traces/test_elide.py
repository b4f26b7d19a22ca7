"""Two values side by side, equal parts elided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces._elide import elide, elide_arguments, same
from tests.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("golden", "run", "shown"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ("a=1, b=2", "a=..., b=3")),
        ({"a": 1}, {"a": 1, "b": 3}, ("a=1", "a=..., b=3")),
        ({"a": 1, "b": 2}, {"b": 2}, ("a=1, b=2", "b=...")),
        ({"a": [1, 2, 3]}, {"a": [1, 2, 4]}, ("a=[1, 2, 3]", "a=[..., 4]")),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ('a={"b": 1, "c": 2}', 'a={"b": ..., "c": 3}')),
        ({"a": "x"}, {"a": 1}, ('a="x"', "a=1")),
        ({"a": 1}, {"a": True}, ("a=1", "a=true")),
    ],
)
def test_arguments(golden, run, shown):
    """The golden shows equal parts in short, the run elides them."""
    assert elide_arguments(golden, run) == shown


def test_many_equal_arguments_do_not_hide_the_difference():
    """Where the golden's line would grow too long, its equal parts are elided too."""
    golden = {f"argument{number}": f"value number {number}" for number in range(40)}
    left, right = elide_arguments(golden, {**golden, "argument39": "other"})
    assert len(left) <= 200
    assert 'argument39="value number 39"' in left
    assert 'argument39="other"' in right


@examples(200)
@given(JSON, JSON)
def test_differences_stay_visible(golden, run):
    """Both sides are short and printable, whatever the values."""
    left, right = elide(golden, run)
    assert left.isprintable()
    assert right.isprintable()
    assert max(len(left), len(right)) <= 200
    assert same(golden, run) == same(run, golden)


def test_equality_is_that_of_json():
    """1 is 1.0, but True is not 1."""
    assert same([1], [1.0])
    assert not same([1], [True])
