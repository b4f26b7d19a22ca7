"""Pairings are the best there are, by comparison with trying all of them."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.tools._pairing import best_pairs, in_order


def tables(cells: st.SearchStrategy) -> st.SearchStrategy:
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5)
    )


WORTHS = tables(st.sampled_from([0, 0, 1, 2, 3, 7, 720_720]))


def total(worth, pairs):
    return sum(worth[row][column] for row, column in pairs)


def brute_force(worth) -> int:
    """The most that any choice of columns for rows adds up to."""
    if not worth:
        return 0
    width = len(worth[0])
    columns = [*range(width), *[None] * len(worth)]
    return max(
        sum(worth[row][column] for row, column in enumerate(choice) if column is not None)
        for choice in set(permutations(columns, len(worth)))
    )


def brute_in_order(worth) -> int:
    height, width = len(worth), len(worth[0]) if worth else 0
    return max(
        total(worth, zip(rows, columns, strict=True))
        for size in range(min(height, width) + 1)
        for rows in combinations(range(height), size)
        for columns in combinations(range(width), size)
    )


def greedy(worth) -> int:
    """What taking the best free column for each row in turn comes to."""
    taken: set[int] = set()
    found = 0
    for row in worth:
        free = [column for column in range(len(row)) if column not in taken]
        if free:
            best = max(free, key=lambda column: row[column])
            taken.add(best)
            found += row[best]
    return found


@given(WORTHS)
def test_the_best_pairs_are_the_best_of_all(worth):
    """The sum is that of the best of all choices, and no row or column is used twice."""
    pairs = best_pairs(worth)
    assert total(worth, pairs) == brute_force(worth)
    assert len({row for row, _ in pairs}) == len(pairs) == len({column for _, column in pairs})
    assert all(worth[row][column] for row, column in pairs)


@given(WORTHS)
def test_the_best_pairs_are_never_worse_than_greedy_ones(worth):
    """Optimal is at least greedy."""
    assert total(worth, best_pairs(worth)) >= greedy(worth)


def test_greedy_pairing_is_worse_where_choices_compete():
    """The row with one choice gets it, although an earlier row would take it first."""
    worth = [[3, 2], [3, 0]]
    assert (greedy(worth), best_pairs(worth)) == (3, [(0, 1), (1, 0)])


@given(WORTHS)
def test_rows_and_columns_can_be_exchanged(worth):
    """The best sum is the same from either side."""
    turned = [list(column) for column in zip(*worth, strict=True)]
    assert total(worth, best_pairs(worth)) == total(turned, best_pairs(turned))


@given(WORTHS)
def test_pairs_in_order_are_the_best_that_do_not_cross(worth):
    """The sum is that of the best choice without crossing, and the pairs do not cross."""
    pairs = in_order(worth)
    assert total(worth, pairs) == brute_in_order(worth)
    assert all(one < two and left < right for (one, left), (two, right) in pairwise(pairs))


@pytest.mark.parametrize(("height", "width"), [(1, 40), (40, 1), (30, 30), (25, 40), (40, 25)])
def test_large_tables_agree_with_scipy(height: int, width: int):
    """The assignment is worth as much as that of scipy's solver."""
    from scipy.optimize import linear_sum_assignment

    worth = [
        [(row * 7919 + column * 104_729 + row * column) % 1009 for column in range(width)]
        for row in range(height)
    ]
    rows, columns = linear_sum_assignment(worth, maximize=True)
    assert total(worth, best_pairs(worth)) == total(worth, zip(rows, columns, strict=True))
