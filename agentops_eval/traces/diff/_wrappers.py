"""Steps that stand around others on one side only: told alone, and looked through."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from agentops_eval.traces.diff._forest import Forest
from agentops_eval.traces.diff._keys import Keys
from agentops_eval.traces.diff._likeness import Sides
from agentops_eval.traces.diff._sequence import Pair


def wrappers(
    forest: Forest, keys: Keys, tops: Sequence[int], wanted: Sequence[int], wanted_keys: Keys
) -> set[int]:
    """Which of ``tops``, and of the steps in them, stand around what the other side has without them.

    A step counts where at least half of what is below it is ``wanted``: an added agent that happens
    to make one of the removed calls is none.
    """
    whole = Counter(wanted_keys.subtree[node] for node in wanted)
    alone = Counter(wanted_keys.own[node] for node in wanted)
    found: set[int] = set()
    for top in tops:
        opened = {top}
        covered = 0
        place, end = top + 1, top + forest.size[top]
        while place < end:
            if whole[keys.subtree[place]] > 0 or (forest.children[place] and alone[keys.own[place]] > 0):
                whole[keys.subtree[place]] -= 1
                alone[keys.own[place]] -= 1
                covered += forest.size[place]
                _open(forest, place, opened)
                place += forest.size[place]
            else:
                place += 1
        if covered and covered * 2 >= forest.size[top] - len(opened):
            found |= opened
    return found


def _open(forest: Forest, place: int, opened: set[int]) -> None:
    above = forest.parents[place]
    while above is not None and above not in opened:
        opened.add(above)
        above = forest.parents[above]


def looked_through(forest: Forest, row: Sequence[int], wrapping: Collection[int]) -> list[int]:
    """The row with the children of wrapping steps in their place."""
    found: list[int] = []
    stack = list(reversed(row))
    while stack:
        node = stack.pop()
        if node in wrapping:
            stack += reversed(forest.children[node])
        else:
            found.append(node)
    return found


def renamed(sides: Sides, left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Pair steps that go by another name around at least half of what they had below them."""
    owners: defaultdict[int, list[int]] = defaultdict(list)
    for one in left:
        for child in sides.left.children[one]:
            owners[sides.left_keys.own[child]].append(one)
    found: list[Pair] = []
    used: set[int] = set()
    for other in right:
        votes: Counter[int] = Counter()
        for child in sides.right.children[other]:
            owned = owners.get(sides.right_keys.own[child], ())
            if owned:
                votes[owned[0]] += 1
        for one, count in votes.most_common(1):
            fewer = min(len(sides.left.children[one]), len(sides.right.children[other]))
            if one not in used and count * 2 >= fewer:
                used.add(one)
                found.append((one, other))
    return found
