"""Giving each of some wanted things one of its own: as many as there can be, not first come, first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


def assigned(fits: Sequence[Sequence[int]]) -> list[int | None]:
    """For each wanted thing the number of the candidate it is given, out of those that fit it; None for none.

    The number of those given one is the largest possible (augmenting paths, Kuhn 1955, the shortest first).
    O(wanted things * fits).
    """
    given: list[int | None] = [None] * len(fits)
    taken: dict[int, int] = {}
    for wanted in range(len(fits)):
        _augment(wanted, fits, given, taken)
    return given


def _augment(
    start: int, fits: Sequence[Sequence[int]], given: list[int | None], taken: dict[int, int]
) -> None:
    """Find the shortest way to a free candidate, and move everyone along it."""
    came: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        wanted = waiting.popleft()
        for candidate in fits[wanted]:
            if candidate in came:
                continue
            came[candidate] = wanted
            if candidate in taken:
                waiting.append(taken[candidate])
                continue
            free: int | None = candidate
            while free is not None:
                owner = came[free]
                taken[free] = owner
                given[owner], free = free, given[owner]
            return
