"""Two trees aligned, level by level from the top; nothing here recurses or grows with their product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.traces.diff._forest import Forest
from agentops_eval.traces.diff._keys import Interner, keys_of
from agentops_eval.traces.diff._likeness import Sides, share_children
from agentops_eval.traces.diff._row import align_row
from agentops_eval.traces.diff._sequence import Pair
from agentops_eval.traces.diff._siblings import out_of_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Which step is which: for each side, the other side's index or None; and the pairs that moved."""

    left: Sequence[int | None]
    right: Sequence[int | None]
    moved: frozenset[Pair]


def align(left: Forest, right: Forest) -> Alignment:
    """Align two forests. Exchanging them exchanges the answer's sides and changes nothing else.

    The search is not symmetric, so it always goes from the lesser forest to the greater.
    """
    if _rank(left) <= _rank(right):
        return _aligned(left, right)
    back = _aligned(right, left)
    return Alignment(
        left=back.right, right=back.left, moved=frozenset((other, one) for one, other in back.moved)
    )


def _rank(forest: Forest) -> tuple[int, list[tuple[str, ...]], list[int]]:
    parents = [-1 if parent is None else parent for parent in forest.parents]
    return len(forest), [node.own for node in forest.nodes], parents


def _aligned(left: Forest, right: Forest) -> Alignment:
    interner = Interner()
    sides = Sides(
        left=left,
        right=right,
        left_keys=keys_of(left, interner),
        right_keys=keys_of(right, interner),
    )
    search = _Search(sides)
    search.descend(*_tops(sides, search))
    search.across()
    return Alignment(left=search.here, right=search.there, moved=frozenset(search.moved))


def _tops(sides: Sides, search: _Search) -> tuple[Sequence[int], Sequence[int]]:
    """The roots; what is the only root on both sides is one step, whatever it is called now."""
    left, right = sides.left, sides.right
    if len(left.roots) == len(right.roots) == 1 and not align_row(sides, left.roots, right.roots).pairs:
        one, other = left.nodes[0], right.nodes[0]
        if one.kind == other.kind:
            search.pair(0, 0, 1)
            return left.children[0], right.children[0]
    return left.roots, right.roots


class _Search:
    """The alignment in the making."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self.here: list[int | None] = [None] * len(sides.left)
        self.there: list[int | None] = [None] * len(sides.right)
        self.moved: set[Pair] = set()

    def pair(self, one: int, other: int, size: int) -> None:
        """Pair two steps; with a ``size`` all of their equal subtrees, which lie in one piece."""
        for offset in range(size):
            self.here[one + offset] = other + offset
            self.there[other + offset] = one + offset

    def descend(self, left: Sequence[int], right: Sequence[int]) -> None:
        """Align two rows, and the rows below all that is paired in them and not the same."""
        sides = self.sides
        todo = [(left, right)]
        while todo:
            row = align_row(sides, *todo.pop())
            self.moved.update(row.moved)
            for one, other in row.pairs:
                if sides.left_keys.exact[one] == sides.right_keys.exact[other]:
                    self.pair(one, other, sides.left.size[one])
                else:
                    self.pair(one, other, 1)
                    todo.append((sides.left.children[one], sides.right.children[other]))

    def across(self) -> None:
        """Pair what is gone here and new there, wherever that is in the trees: it moved.

        Whole subtrees first, then steps that are the same around something else, then what that
        has left over.
        """
        here, there = self.sides.left_keys, self.sides.right_keys
        for keys in ((here.subtree, there.subtree), (here.own, there.own), (here.subtree, there.subtree)):
            for one, other in self._leftovers(*keys):
                if share_children(self.sides, one, other) and self._are_free(one, other):
                    self.moved.add((one, other))
                    self.pair(one, other, 1)
                    self.descend(self.sides.left.children[one], self.sides.right.children[other])

    def _leftovers(self, keys: Sequence[int], keys_there: Sequence[int]) -> list[Pair]:
        left = [index for index, partner in enumerate(self.here) if partner is None]
        right = [index for index, partner in enumerate(self.there) if partner is None]
        return out_of_order(left, right, (keys, keys_there))

    def _are_free(self, one: int, other: int) -> bool:
        """Whether nothing in two steps has found its place already."""
        below, below_there = self.sides.left.size[one], self.sides.right.size[other]
        return (
            self.here[one : one + below].count(None) == below
            and self.there[other : other + below_there].count(None) == below_there
        )
