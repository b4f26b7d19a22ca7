"""Where a step stands in its tree, spelt as in a golden; made only for the steps that are told."""

from __future__ import annotations

from agentops_eval.traces._elide import ELIDED
from agentops_eval.traces._ids import segment
from agentops_eval.traces.diff._forest import Forest

MAX_SEGMENTS = 20
"""Deeper steps are told by their nearest ancestors: whole paths of a deep tree would fill the memory."""


class Paths:
    """The paths of one forest's nodes."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self._names: list[str | None] = [None] * len(forest)

    def of(self, index: int | None) -> str:
        """``/invoke_agent:desk#0/execute_tool:refund#1``; the number counts siblings of one name."""
        found: list[str] = []
        while index is not None and len(found) < MAX_SEGMENTS:
            found.append(self._name(index))
            index = self._forest.parents[index]
        return f"{'' if index is None else ELIDED}/" + "/".join(reversed(found))

    def _name(self, index: int) -> str:
        if self._names[index] is None:
            parent = self._forest.parents[index]
            row = self._forest.roots if parent is None else self._forest.children[parent]
            seen: dict[str, int] = {}
            for sibling in row:
                name = segment(self._forest.nodes[sibling].span)
                self._names[sibling] = f"{name}#{seen.setdefault(name, 0)}"
                seen[name] += 1
        return self._names[index] or ""
