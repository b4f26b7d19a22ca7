"""Numbers for nodes: comparing two of them is comparing what they stand for."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from agentops_eval.traces.diff._forest import Forest
from agentops_eval.traces.diff._parallel import crowds


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Numbers that are equal where nodes are: ``own``, ``whole`` and ``name`` in themselves.

    ``subtree`` is about all below them too, where the order of parallel steps does not count, and
    ``exact`` where it does.
    """

    subtree: Sequence[int]
    exact: Sequence[int]
    own: Sequence[int]
    whole: Sequence[int]
    name: Sequence[int]


class Interner:
    """Numbers values; shared by two forests, so that equal numbers mean equal values, not equal hashes."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, value: Hashable) -> int:
        """The number of a value."""
        return self._known.setdefault(value, len(self._known))


def keys_of(forest: Forest, interner: Interner) -> Keys:
    """The numbers of a forest's nodes."""
    own = [interner.of(node.own) for node in forest.nodes]
    subtree, exact = list(own), list(own)
    for index in range(len(forest) - 1, -1, -1):
        row = forest.children[index]
        if row:
            exact[index] = interner.of((own[index], *(exact[child] for child in row)))
            crowd = crowds(forest, row)
            below = sorted(zip(crowd, (subtree[child] for child in row), strict=True))
            subtree[index] = interner.of(("subtree", own[index], tuple(below)))
    return Keys(
        subtree=subtree,
        exact=exact,
        own=own,
        whole=[interner.of(node.whole) for node in forest.nodes],
        name=[interner.of(node.name) for node in forest.nodes],
    )
