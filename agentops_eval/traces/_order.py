"""The order of siblings: as the program has them, whatever the scheduler did.

Calls of different lanes (tasks, threads) are ordered by where their lanes were started, so a fan-out
behind a semaphore, or one that is served in order of completion, reads the same in every recording.
Within one lane calls stand as they began, but for those that ran at the same time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from agentops_eval.domain import ANY_LANE

T = TypeVar("T")
_Place: TypeAlias = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """When a call ran, in seconds since its run began."""

    start_s: float
    end_s: float

    def overlaps(self, other: Interval) -> bool:
        """Whether both ran at one moment. Calls without duration hardly overlap anything."""
        return self.start_s < other.end_s and other.start_s < self.end_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a call ran, and for a replayed one also when and as which event it was recorded.

    ``lane`` is the event's, ``rank`` counts the calls of that lane from 0 as they began. ``turns`` is how
    long the conversation was in which an llm was asked.
    """

    ran: Interval
    recorded: Interval | None = None
    recorded_index: int = -1
    lane: str = ""
    rank: int = 0
    turns: int = 0


def in_order(
    items: Sequence[T], timing: Callable[[T], Timing], key: Callable[[T], tuple[object, ...]]
) -> list[T]:
    """Order siblings, given as they began, so that races cannot show.

    A lane's calls go where it was started: behind those that its creator had made by then, before
    those that it made later. Lanes started at one place go in order of creation. Of a pair in one
    lane the first that applies:

    * Recorded as overlapping: parallel, the smaller ``key`` goes first.
    * Both replayed and overlapping only now: parallel, but in the recording the one was over before
      the other began, and it keeps the recorded order, in which its golden has them.
    * Overlapping, and not both replayed: parallel, the smaller ``key`` goes first.
    * Otherwise one after the other, as they ran now.

    Calls of another process (``ANY_LANE``) stand in the order in which they ran, in the recording if all
    were replayed; what ran at one time, or is joined by what did, is ordered by ``turns`` and ``key``.
    """
    lanes: dict[str, list[T]] = {}
    for item in items:
        lanes.setdefault(timing(item).lane, []).append(item)
    placed: list[tuple[_Place, T]] = []
    for lane, group in lanes.items():
        ranks = [timing(item).rank for item in group]
        started = () if lane == ANY_LANE else _started(lane)
        ordered = (_in_any_lane if lane == ANY_LANE else _in_lane)(group, timing, key)
        for rank, item in zip(ranks, ordered, strict=True):
            placed.append(((*started, (rank, 1, 0)), item))
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def _started(lane: str) -> _Place:
    """Where a lane and those above it were started: just before their creator's next call."""
    steps = (step.partition(":") for step in lane.split(".") if step)
    return tuple((int(after), 0, int(number)) for after, _, number in steps)


def _in_lane(
    items: Sequence[T], timing: Callable[[T], Timing], key: Callable[[T], tuple[object, ...]]
) -> list[T]:
    ordered: list[T] = []
    for block in _blocks(items, timing):
        ordered += block if len(block) == 1 else _topological(block, timing, key)
    return ordered


def _in_any_lane(
    items: Sequence[T], timing: Callable[[T], Timing], key: Callable[[T], tuple[object, ...]]
) -> list[T]:
    """An agent that works off a queue overlaps by chance: no pair's order may decide, only what is joined."""
    kept = [recorded for item in items if (recorded := timing(item).recorded) is not None]
    ran = kept if len(kept) == len(items) else [timing(item).ran for item in items]
    began = sorted(range(len(items)), key=lambda index: ran[index].start_s)
    blocks: list[list[T]] = []
    for cut, index in zip(_cuts([ran[index] for index in began]), began, strict=True):
        blocks += [[]] if cut else []
        blocks[-1].append(items[index])
    return [item for block in blocks for item in sorted(block, key=lambda i: (timing(i).turns, key(i)))]


def _before(earlier: Timing, later: Timing) -> bool | None:
    """Whether the call that began earlier stays first; None where they are parallel."""
    if earlier.recorded is not None and later.recorded is not None:
        if earlier.recorded.overlaps(later.recorded):
            return None
        if earlier.ran.overlaps(later.ran):
            return earlier.recorded_index < later.recorded_index
        return True
    return None if earlier.ran.overlaps(later.ran) else True


def _blocks(items: Sequence[T], timing: Callable[[T], Timing]) -> list[list[T]]:
    """Cut where everything before was over when anything after began: most runs fall into singles."""
    times = [timing(item) for item in items]
    cuts = _cuts([time.ran for time in times])
    recorded = [(number, time.recorded) for number, time in enumerate(times) if time.recorded is not None]
    known = [number for number, _ in recorded]
    joined = [not cut for cut in _cuts([interval for _, interval in recorded])]
    for position, number in enumerate(known):
        if position and joined[position]:  # no cut anywhere between two recorded neighbours
            for between in range(known[position - 1] + 1, number + 1):
                cuts[between] = False
    blocks: list[list[T]] = []
    for cut, item in zip(cuts, items, strict=True):
        if cut:
            blocks.append([item])
        else:
            blocks[-1].append(item)
    return blocks


def _cuts(times: Sequence[Interval]) -> list[bool]:
    """For every call, whether all calls before it were over before it or any later one began."""
    earliest = [time.start_s for time in times]
    for index in range(len(times) - 2, -1, -1):
        earliest[index] = min(earliest[index], earliest[index + 1])
    cuts: list[bool] = []
    latest = float("-inf")
    for index, time in enumerate(times):
        cuts.append(latest <= earliest[index])
        latest = max(latest, time.end_s, time.start_s)
    return cuts


def _topological(
    block: Sequence[T], timing: Callable[[T], Timing], key: Callable[[T], tuple[object, ...]]
) -> list[T]:
    times = [timing(item) for item in block]
    keys = [key(item) for item in block]
    followers: list[set[int]] = [set() for _ in block]
    waits = [0] * len(block)
    for later in range(len(block)):
        for earlier in range(later):
            order = _before(times[earlier], times[later])
            if order is not None:
                first, second = (earlier, later) if order else (later, earlier)
                followers[first].add(second)
                waits[second] += 1
    ready = [(keys[index], index) for index in range(len(block)) if not waits[index]]
    heapq.heapify(ready)
    left = set(range(len(block)))
    ordered: list[T] = []
    while left:
        # A circle (a swapped sequence beside a call that is parallel to both) is cut at its first call.
        index = heapq.heappop(ready)[1] if ready else min(left)
        if index not in left:
            continue
        left.discard(index)
        ordered.append(block[index])
        for later in followers[index]:
            waits[later] -= 1
            if not waits[later]:
                heapq.heappush(ready, (keys[later], later))
    return ordered
