"""Rows of numbers aligned: in order, as many as possible, and bounded."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces.diff._sequence import MAX_EDITS, anchors, chain, fewest_edits, windows

ROWS = st.lists(st.integers(0, 4), max_size=14)


def longest_common(left, right):
    """How many items two rows have in common in order, by the plain table."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for row in reversed(range(len(left))):
        for column in reversed(range(len(right))):
            table[row][column] = (
                table[row + 1][column + 1] + 1
                if left[row] == right[column]
                else max(table[row + 1][column], table[row][column + 1])
            )
    return table[0][0]


def check(left, right, pairs):
    assert all(left[one] == right[other] for one, other in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@given(ROWS, ROWS)
def test_fewest_edits_are_fewest(left, right):
    """As many equal items are paired as any alignment can pair."""
    pairs = fewest_edits(left, right)
    check(left, right, pairs)
    assert len(pairs) == longest_common(left, right)


@given(st.randoms(use_true_random=False))
def test_beyond_the_bound_pairs_still_hold(rng):
    """Where more edits are needed than are tried, pairs are equal and in order, if not the most."""
    left, right = ([rng.randrange(9) for _ in range(3 * MAX_EDITS)] for _ in range(2))
    pairs = fewest_edits(left, right)
    check(left, right, pairs)
    assert len(pairs) * 2 >= longest_common(left, right)


@given(st.lists(st.integers(0, 9), max_size=12))
def test_a_chain_is_the_longest_that_rises(values):
    """Its values rise, and none longer does."""
    found = [values[position] for position in chain(values)]
    assert found == sorted(set(found))
    assert len(found) == longest_common(values, sorted(set(values)))


@given(st.lists(st.integers(0, 4), max_size=12))
def test_a_chain_may_stay_level(values):
    """With equal values allowed it is the longest that never falls."""
    found = [values[position] for position in chain(values, equal=True)]
    assert len(found) == longest_common(values, sorted(values))


@given(ROWS, ROWS)
def test_anchors_occur_equally_often(left, right):
    """Every item that both rows hold equally often is paired, the first with the first."""
    expected = sum(left.count(item) for item in set(left) if left.count(item) == right.count(item))
    found = anchors(left, right)
    assert len(found) == expected
    assert all(left[one] == right[other] for one, other in found)


def test_windows_tell_repeating_items_apart():
    """An item with its neighbours is another than the same item elsewhere."""
    assert windows([1, 2, 1], 1) == [(-1, 1, 2), (1, 2, 1), (2, 1, -1)]


def test_importing_the_diff_loads_nothing_heavy():
    """DeepDiff and jinja2 are loaded by the first difference and the first page."""
    script = "import sys, agentops_eval.traces.diff; print({'deepdiff', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
