"""Two sequences of numbers aligned in near-linear time: anchors first, then few edits, never a full table."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]
MAX_EDITS = 128


def anchors(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Pair]:
    """Pair what occurs equally often on both sides, occurrence by occurrence, in the order of ``left``.

    Where one side only has more than the other these pairs are right: none of them can be another's.
    """
    here, there = _places(left), _places(right)
    found: list[Pair] = []
    for key, places in here.items():
        others = there.get(key, ())
        if len(places) == len(others):
            found += zip(places, others, strict=True)
    return sorted(found)


def windows(keys: Sequence[int], width: int) -> list[tuple[int, ...]]:
    """Every key with ``width`` neighbours to each side: what repeats is told apart by where it stands."""
    edge = [-1] * width
    padded = [*edge, *keys, *edge]
    return [tuple(padded[index : index + 2 * width + 1]) for index in range(len(keys))]


def chain(values: Sequence[int], *, equal: bool = False) -> list[int]:
    """The positions of a longest rising subsequence of ``values``; never falling where ``equal`` is set."""
    search = bisect_right if equal else bisect_left
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        length = search(tails, value)
        before.append(at[length - 1] if length else -1)
        if length == len(tails):
            tails.append(value)
            at.append(position)
        else:
            tails[length], at[length] = value, position
    found: list[int] = []
    position = at[-1] if at else -1
    while position >= 0:
        found.append(position)
        position = before[position]
    return found[::-1]


def fewest_edits(left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Equal keys paired in order, with as few left out as possible (Myers' greedy search).

    After MAX_EDITS edits the best way so far is kept and the search starts anew where it ended: time
    and memory stay bounded, and what is found is no longer the least.
    """
    found: list[Pair] = []
    start, other = 0, 0
    while start < len(left) and other < len(right):
        part, start, other = _search(left, right, start, other)
        found += part
    return found


def _places(keys: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        found[key].append(index)
    return found


def _search(left: Sequence[int], right: Sequence[int], x0: int, y0: int) -> tuple[list[Pair], int, int]:
    """Pairs from (x0, y0) on, and where the search ended: at both ends, or out of edits."""
    rows, columns = len(left) - x0, len(right) - y0
    reach = {1: 0}  # how far ``left`` is used up on each diagonal, x - y
    trail: list[dict[int, int]] = []
    for edits in range(MAX_EDITS + 1):
        trail.append(dict(reach))
        for diagonal in range(-edits, edits + 1, 2):
            x = reach[diagonal + 1] if _down(reach, diagonal, edits) else reach[diagonal - 1] + 1
            y = x - diagonal
            while x < rows and y < columns and left[x0 + x] == right[y0 + y]:
                x, y = x + 1, y + 1
            reach[diagonal] = x
            if x >= rows and y >= columns:
                return _back(trail, diagonal, x, x0, y0), len(left), len(right)
    best = max(range(-MAX_EDITS, MAX_EDITS + 1, 2), key=lambda d: _progress(reach[d], d, rows, columns))
    x = reach[best]
    return _back(trail, best, x, x0, y0), x0 + x, y0 + x - best


def _down(reach: Mapping[int, int], diagonal: int, edits: int) -> bool:
    """Whether the last edit on the way to a diagonal left out a key of ``right``."""
    return diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])


def _progress(x: int, diagonal: int, rows: int, columns: int) -> int:
    """How far a way has come; one that ran off an edge goes nowhere."""
    y = x - diagonal
    return x + y if x <= rows and y <= columns else -1


def _back(trail: Sequence[Mapping[int, int]], diagonal: int, x: int, x0: int, y0: int) -> list[Pair]:
    """The pairs on the way that led here."""
    found: list[Pair] = []
    for edits in range(len(trail) - 1, -1, -1):
        reach = trail[edits]
        down = _down(reach, diagonal, edits)
        previous = diagonal + 1 if down else diagonal - 1
        after_edit = reach[previous] if down else reach[previous] + 1
        while x > after_edit:  # the edit came first, then equal keys along the diagonal
            x -= 1
            found.append((x0 + x, y0 + x - diagonal))
        x, diagonal = reach[previous], previous
    return found[::-1]
