"""Which of the paired siblings moved: those that crossed others that they had to keep order with."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence

from agentops_eval.traces.diff._likeness import Sides
from agentops_eval.traces.diff._parallel import crowds, parallel
from agentops_eval.traces.diff._sequence import Pair, chain

MAX_WALK = 1_000


def moved(sides: Sides, left: Sequence[int], right: Sequence[int], pairs: Sequence[Pair]) -> list[Pair]:
    """As few of ``pairs`` as possible, so that the others keep their order; parallel steps have none."""
    place, place_there = _places(left), _places(right)
    crowd, crowd_there = crowds(sides.left, left), crowds(sides.right, right)
    rows = sorted(
        (crowd[place[one]], crowd_there[place_there[other]], place[one], place_there[other])
        for one, other in pairs
    )
    staying = chain([row[1] for row in rows], equal=True)
    if len(staying) == len(rows):
        return []
    kept = sorted((rows[position][2], rows[position][3]) for position in staying)
    stays = set(staying)
    found: list[Pair] = []
    for position, (_, _, here, there) in enumerate(rows):
        if position in stays:
            continue
        if _free(sides, left, right, kept, (here, there)):
            insort(kept, (here, there))
        else:
            found.append((left[here], right[there]))
    return found


def _places(row: Sequence[int]) -> Mapping[int, int]:
    return {node: place for place, node in enumerate(row)}


def _free(sides: Sides, left: Sequence[int], right: Sequence[int], kept: Sequence[Pair], pair: Pair) -> bool:
    """Whether a pair crosses only what it ran in parallel with, on either side."""
    at = bisect_left(kept, pair)
    walks = (range(at - 1, max(-1, at - 1 - MAX_WALK), -1), range(at, min(len(kept), at + MAX_WALK)))
    for walk in walks:
        for position in walk:
            here, there = kept[position]
            if (here < pair[0]) == (there < pair[1]):
                break
            if not (
                parallel(sides.left, left[here], left[pair[0]])
                or parallel(sides.right, right[there], right[pair[1]])
            ):
                return False
        else:
            if len(walk) == MAX_WALK:
                return False
    return True
