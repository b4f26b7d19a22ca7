"""Pairing two lists so that the whole is best: each member at most once, never one after the other.

Taking the best partner for each member in turn is not optimal: a call that several expectations accept
may be spent on one that had another choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

Pairs: TypeAlias = list[tuple[int, int]]
"""Row and column of each pair, by row."""


def best_pairs(worth: Sequence[Sequence[int]]) -> Pairs:
    """The pairs whose worths add up to the most; a worth of 0 is no pair. Worths are from 0.

    Rows and columns that no worth joins are solved apart. Hungarian algorithm with potentials
    (Kuhn 1955; Edmonds and Karp 1972) on whole numbers, so that nothing is lost to rounding:
    O(rows * rows * columns).
    """
    only = _only(worth)
    if only is not None:
        return only
    found: Pairs = []
    for rows, columns in _parts(worth):
        if len(rows) <= len(columns):
            part = [[worth[row][column] for column in columns] for row in rows]
            found += [(rows[one], columns[other]) for one, other in _assign(part)]
        else:
            part = [[worth[row][column] for row in rows] for column in columns]
            found += [(rows[other], columns[one]) for one, other in _assign(part)]
    return sorted((row, column) for row, column in found if worth[row][column])


def _only(worth: Sequence[Sequence[int]]) -> Pairs | None:
    """The pairs where nobody has a choice, as in most runs: they are taken together. None elsewhere."""
    found: Pairs = []
    for row, worths in enumerate(worth):
        columns = [column for column, one in enumerate(worths) if one]
        if len(columns) > 1:
            return None
        found += [(row, column) for column in columns]
    return found if len({column for _, column in found}) == len(found) else None


def _parts(worth: Sequence[Sequence[int]]) -> list[tuple[list[int], list[int]]]:
    """The rows and columns that hang together."""
    by_column: dict[int, list[int]] = {}
    for row, worths in enumerate(worth):
        for column, one in enumerate(worths):
            if one:
                by_column.setdefault(column, []).append(row)
    found: list[tuple[list[int], list[int]]] = []
    seen: set[int] = set()
    for start, worths in enumerate(worth):
        if start in seen or not any(worths):
            continue
        rows, columns, waiting = {start}, set[int](), [start]
        while waiting:
            row = waiting.pop()
            for column, one in enumerate(worth[row]):
                if one and column not in columns:
                    columns.add(column)
                    new = set(by_column[column]) - rows
                    rows |= new
                    waiting += new
        seen |= rows
        found.append((sorted(rows), sorted(columns)))
    return found


def _assign(worth: Sequence[Sequence[int]]) -> Pairs:
    """A column for each row, of which there are no more than columns, so that the sum is the largest."""
    size, width = len(worth), len(worth[0])
    most = max(max(row) for row in worth)
    costs = [[most - one for one in row] for row in worth]
    of_row = [min(row) for row in costs]
    of_column = [0] * width
    owner = [-1] * width  # the row that has a column
    for row in range(size):
        _path(row, costs, of_row, of_column, owner)
    return [(row, column) for column, row in enumerate(owner) if row >= 0]


def _path(
    start: int, costs: Sequence[Sequence[int]], of_row: list[int], of_column: list[int], owner: list[int]
) -> None:
    """Give a row a column along the cheapest path of exchanges, and keep all reduced costs from 0."""
    distance: dict[int, int] = dict.fromkeys(range(len(owner)), _FAR)
    came = dict.fromkeys(distance, -1)
    done: list[tuple[int, int]] = []  # columns whose distance is settled, with it
    row, reached, last = start, 0, -1
    while True:
        cost, base = costs[row], reached - of_row[row]
        nearest, least = -1, _FAR
        for column, known in distance.items():
            length = base + cost[column] - of_column[column]
            if length < known:
                distance[column] = length
                came[column] = last
            else:
                length = known
            if length < least or (length == least and owner[column] < 0 <= owner[nearest]):
                nearest, least = column, length
        reached, last = least, nearest
        del distance[nearest]
        if owner[nearest] < 0:
            break
        done.append((nearest, reached))
        row = owner[nearest]
    for column, length in done:
        of_row[owner[column]] += reached - length
        of_column[column] -= reached - length
    of_row[start] += reached
    while last >= 0:
        before = came[last]
        owner[last] = start if before < 0 else owner[before]
        last = before


_FAR = 1 << 62


def in_order(worth: Sequence[Sequence[int]]) -> Pairs:
    """The pairs of which none crosses another, and whose worths add up to the most.

    The longest common subsequence, weighted (Wagner and Fischer 1974). O(rows * columns).
    """
    only = _only(worth)
    if only is not None and all(one[1] < other[1] for one, other in pairwise(only)):
        return only
    width = len(worth[0]) if worth else 0
    sums = [[0] * (width + 1)]
    for row in reversed(worth):
        below, here = sums[-1], [0] * (width + 1)
        for column in range(width - 1, -1, -1):
            paired = row[column] + below[column + 1] if row[column] else 0
            here[column] = max(below[column], here[column + 1], paired)
        sums.append(here)
    sums.reverse()
    found: Pairs = []
    row_at = column_at = 0
    while row_at < len(worth) and column_at < width:
        total, one = sums[row_at][column_at], worth[row_at][column_at]
        if one and total == one + sums[row_at + 1][column_at + 1]:
            found.append((row_at, column_at))
            row_at, column_at = row_at + 1, column_at + 1
        elif total == sums[row_at][column_at + 1]:
            column_at += 1
        else:
            row_at += 1
    return found
