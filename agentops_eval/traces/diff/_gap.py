"""A short stretch in which nothing is sure: the cheapest way to tell it, by trying all."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.traces.diff._likeness import Sides, cost
from agentops_eval.traces.diff._sequence import Pair

MAX_CELLS = 4_096


def cheapest(sides: Sides, left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Pair steps in their order so that the rest and the changes are as few as possible.

    A step that is left out costs itself and all below it.
    """
    rows, columns = len(left), len(right)
    prices = [[cost(sides, one, other) for other in right] for one in left]
    out = [sides.left.size[one] for one in left]
    new = [sides.right.size[other] for other in right]
    table = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        table[row][columns] = table[row + 1][columns] + out[row]
    for column in range(columns - 1, -1, -1):
        table[rows][column] = table[rows][column + 1] + new[column]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            best = min(out[row] + table[row + 1][column], new[column] + table[row][column + 1])
            price = prices[row][column]
            if price is not None:
                best = min(best, price + table[row + 1][column + 1])
            table[row][column] = best
    found: list[Pair] = []
    row = column = 0
    while row < rows and column < columns:
        price = prices[row][column]
        if price is not None and table[row][column] == price + table[row + 1][column + 1]:
            found.append((left[row], right[column]))
            row, column = row + 1, column + 1
        elif table[row][column] == out[row] + table[row + 1][column]:
            row += 1
        else:
            column += 1
    return found
