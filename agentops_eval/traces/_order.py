"""The order of siblings: as they began, but for those that ran at the same time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Interval:
    """When a call ran, in seconds on the clock named ``base``; two clocks cannot be compared."""

    start_s: float
    end_s: float
    base: int = 0

    def overlaps(self, other: Interval) -> bool:
        """Whether both ran at one moment. Calls without duration overlap nothing."""
        if self.base != other.base:
            return False
        return self.start_s < other.end_s and other.start_s < self.end_s


def in_order(
    items: Sequence[T], interval: Callable[[T], Interval], key: Callable[[T], tuple[object, ...]]
) -> list[T]:
    """Order siblings, given as they began, so that races cannot show.

    A call that ended before another began stays before it. Between calls that overlapped the
    smaller ``key`` goes first, whichever happened to begin earlier.
    """
    ordered: list[T] = []
    for block in _blocks(items, interval):
        ordered += block if len(block) == 1 else _topological(block, interval, key)
    return ordered


def _blocks(items: Sequence[T], interval: Callable[[T], Interval]) -> list[list[T]]:
    """Cut where everything before ended before anything after began: most runs fall into singles."""
    times = [interval(item) for item in items]
    mixed = len({time.base for time in times}) > 1
    latest: list[float] = []
    for time in times:
        latest.append(max(time.end_s, time.start_s, latest[-1] if latest else time.start_s))
    earliest = [time.start_s for time in times]
    for index in range(len(times) - 2, -1, -1):
        earliest[index] = min(earliest[index], earliest[index + 1])
    blocks: list[list[T]] = []
    for index, item in enumerate(items):
        if index and (mixed or latest[index - 1] > earliest[index]):
            blocks[-1].append(item)
        else:
            blocks.append([item])
    return blocks


def _topological(
    block: Sequence[T], interval: Callable[[T], Interval], key: Callable[[T], tuple[object, ...]]
) -> list[T]:
    times = [interval(item) for item in block]
    keys = [key(item) for item in block]
    followers: list[list[int]] = [[] for _ in block]
    waits = [0] * len(block)
    for later in range(len(block)):
        for earlier in range(later):
            if not times[earlier].overlaps(times[later]):
                followers[earlier].append(later)
                waits[later] += 1
    ready = [(keys[index], index) for index in range(len(block)) if not waits[index]]
    heapq.heapify(ready)
    ordered: list[T] = []
    while ready:
        _, index = heapq.heappop(ready)
        ordered.append(block[index])
        for later in followers[index]:
            waits[later] -= 1
            if not waits[later]:
                heapq.heappush(ready, (keys[later], later))
    return ordered
