"""The steps below one parent paired: what is certain first, then what is likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence

from agentops_eval.traces.diff._gap import MAX_CELLS, cheapest
from agentops_eval.traces.diff._likeness import Sides, cost, likeness
from agentops_eval.traces.diff._order import moved
from agentops_eval.traces.diff._sequence import Pair, anchors, chain, fewest_edits, windows

Stretch = tuple[Sequence[int], Sequence[int]]
ALIKE = 0.6
ENOUGH = 8  # one in so many equal steps is a guide to the rest
MAX_ROUNDS = 24  # ordinary traces take two or three; one made to be slow would take one for every step


def in_order(sides: Sides, left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Pair two rows of siblings. Few pairs cross, and only where both are what the other is."""
    found: list[Pair] = []
    todo: list[tuple[Stretch, int]] = [((left, right), 0)]
    while todo:
        stretch, depth = todo.pop()
        here, there = _inside(sides, *stretch, found)
        if here and there and depth < MAX_ROUNDS:
            todo += [(between, depth + 1) for between in _split(sides, here, there, found)]
        elif here and there:
            names = _numbers(sides.left_keys.name, here), _numbers(sides.right_keys.name, there)
            _between(here, there, fewest_edits(*names), found)
    return found


def _inside(sides: Sides, left: Sequence[int], right: Sequence[int], found: list[Pair]) -> Stretch:
    """What is left between an equal start and an equal end, which join ``found``."""
    here, there = sides.left_keys.subtree, sides.right_keys.subtree
    shorter = min(len(left), len(right))
    start = 0
    while start < shorter and here[left[start]] == there[right[start]]:
        start += 1
    end = 0
    while end < shorter - start and here[left[-1 - end]] == there[right[-1 - end]]:
        end += 1
    found += zip(left[:start], right[:start], strict=True)
    found += zip(left[len(left) - end :], right[len(right) - end :], strict=True)
    return left[start : len(left) - end], right[start : len(right) - end]


def _split(sides: Sides, left: Sequence[int], right: Sequence[int], found: list[Pair]) -> list[Stretch]:
    """Fix what can be fixed, and give the stretches between.

    The first that applies:

    1. Most steps are the same, with all below them, and in order: these.
    2. The stretch is short: the cheapest of two ways to tell it, which leaves no stretches.
    3. There are enough equal steps (with equal neighbours, or whatever is below them): these.
    4. Most steps changed: names that occur once, else as few names left out as possible. A few equal
       steps are no guide here, for they may be what moved.
    """
    here, there = sides.left_keys, sides.right_keys
    subtrees = _numbers(here.subtree, left), _numbers(there.subtree, right)
    sure = anchors(*subtrees)
    shorter = min(len(left), len(right))
    if len(sure) * 2 >= shorter and len(_rising(sure)) == len(sure):
        return _between(left, right, sure, found)
    if len(left) * len(right) <= MAX_CELLS:
        found += _cheaper(sides, left, right, sure)
        return []
    owns = _numbers(here.own, left), _numbers(there.own, right)
    for likely in _likely(sure, subtrees, owns):
        if len(likely) * ENOUGH >= shorter:
            return _between(left, right, likely, found)
    names = _numbers(here.name, left), _numbers(there.name, right)
    likely = _rising(anchors(*map(_once, names))) or fewest_edits(*names)
    return _between(left, right, likely, found) if likely else []


def _likely(
    sure: list[Pair], subtrees: tuple[list[int], list[int]], owns: tuple[list[int], list[int]]
) -> Iterator[list[Pair]]:
    yield sure
    for width in (1, 4):
        yield _rising(anchors(windows(subtrees[0], width), windows(subtrees[1], width)))
    yield anchors(*owns)
    yield _rising(anchors(windows(owns[0], 2), windows(owns[1], 2)))
    yield fewest_edits(*owns)


def _cheaper(sides: Sides, left: Sequence[int], right: Sequence[int], sure: Sequence[Pair]) -> list[Pair]:
    """A short stretch told by what is equal, or by the least that is left out or changed."""
    by_order = cheapest(sides, left, right)
    if not sure:
        return by_order
    by_content: list[Pair] = []
    for stretch in _between(left, right, sure, by_content):
        by_content += cheapest(sides, *stretch)
    ways = [[*way, *_equal_rest(sides, left, right, way)] for way in (by_content, by_order)]
    return min(ways, key=lambda way: _price(sides, left, right, way))


def _equal_rest(sides: Sides, left: Sequence[int], right: Sequence[int], pairs: Sequence[Pair]) -> list[Pair]:
    keys = sides.left_keys.subtree, sides.right_keys.subtree
    return out_of_order(*unpaired(left, right, pairs), keys)


def _price(sides: Sides, left: Sequence[int], right: Sequence[int], pairs: Sequence[Pair]) -> float:
    """What a way to tell a stretch costs, in steps; a step that moved counts once."""
    gone, new = unpaired(left, right, pairs)
    changed = sum(cost(sides, one, other) or 0.0 for one, other in pairs)
    alone = sum(sides.left.size[one] for one in gone) + sum(sides.right.size[other] for other in new)
    return changed + alone + len(moved(sides, left, right, pairs))


def unpaired(left: Sequence[int], right: Sequence[int], pairs: Sequence[Pair]) -> tuple[list[int], list[int]]:
    """What no pair holds."""
    used, used_there = {one for one, _ in pairs}, {other for _, other in pairs}
    return [one for one in left if one not in used], [other for other in right if other not in used_there]


def _numbers(keys: Sequence[int], places: Sequence[int]) -> list[int]:
    return [keys[place] for place in places]


def _once(names: Sequence[int]) -> list[Hashable]:
    """Names that occur once; what repeats becomes unlike anything."""
    count: defaultdict[int, int] = defaultdict(int)
    for name in names:
        count[name] += 1
    return [name if count[name] == 1 else object() for name in names]


def _rising(pairs: Sequence[Pair]) -> list[Pair]:
    return [pairs[position] for position in chain([other for _, other in pairs])]


def _between(
    left: Sequence[int], right: Sequence[int], pairs: Sequence[Pair], found: list[Pair]
) -> list[Stretch]:
    """The stretches between pairs that keep their order. All pairs join ``found``, also those that cross."""
    found += [(left[one], right[other]) for one, other in pairs]
    taken = {one for one, _ in pairs}
    taken_there = {other for _, other in pairs}
    stretches: list[Stretch] = []
    before = (-1, -1)
    for one, other in [*_rising(pairs), (len(left), len(right))]:
        here = [left[place] for place in range(before[0] + 1, one) if place not in taken]
        there = [right[place] for place in range(before[1] + 1, other) if place not in taken_there]
        if here and there:
            stretches.append((here, there))
        before = (one, other)
    return stretches


def out_of_order(left: Sequence[int], right: Sequence[int], keys: Sequence[Sequence[int]]) -> list[Pair]:
    """Pair equal keys wherever they are, the first with the first."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for one in reversed(left):
        places[keys[0][one]].append(one)
    return [(places[keys[1][other]].pop(), other) for other in right if places.get(keys[1][other])]


def alike(sides: Sides, left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Pair what has the same name and most of its content in common."""
    here, there = _grouped(sides.left_keys.name, left), _grouped(sides.right_keys.name, right)
    found: list[Pair] = []
    for name, ones in here.items():
        others = there.get(name, [])
        if others and len(ones) * len(others) <= MAX_CELLS:
            found += _best(ones, others, lambda one, other: likeness(sides, one, other))
    return found


def _grouped(names: Sequence[int], places: Sequence[int]) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in places:
        found[names[place]].append(place)
    return found


def _best(left: Sequence[int], right: Sequence[int], score: Callable[[int, int], float]) -> list[Pair]:
    """The most alike first; of equals the first in order."""
    scored = sorted((-score(one, other), one, other) for one in left for other in right)
    found: list[Pair] = []
    used: set[int] = set()
    used_there: set[int] = set()
    for worth, one, other in scored:
        if -worth >= ALIKE and one not in used and other not in used_there:
            used.add(one)
            used_there.add(other)
            found.append((one, other))
    return found
