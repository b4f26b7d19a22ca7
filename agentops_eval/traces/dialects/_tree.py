"""Spans as a tree, whatever their parents say: circles are cut open, and nothing is walked twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import sort_of
from agentops_eval.traces.reading import SourceSpan

ACTORS = frozenset({"llm", "embeddings", "tool", "agent", "human"})
"""What does something itself; any other span only wraps."""


@dataclass(slots=True, kw_only=True)
class Node:
    """A span in the making. ``elsewhere`` is the id of a parent that is not in the trace."""

    source: SourceSpan
    dialect: str
    reading: Reading
    parent: Node | None = None
    elsewhere: str = ""
    children: list[Node] = field(default_factory=list)
    stands_for: Node | None = None

    @property
    def sort(self) -> str:
        """What kind of span it is."""
        return sort_of(self.reading.operation)

    @property
    def span_id(self) -> str:
        """The id it had at its source."""
        return self.source.span.span_id

    @property
    def start_ns(self) -> int:
        """When it began."""
        return self.source.span.start_ns


def planted(nodes: Sequence[Node]) -> list[Node]:
    """The nodes depth first, siblings by start, with parents and children set."""
    known = {node.span_id: node for node in nodes}
    for node in nodes:
        above = node.source.span.parent_id
        node.parent = known.get(above) if above != node.span_id else None
        node.elsewhere = above if above not in known else ""
    _cut_circles(nodes)
    return ordered(nodes)


def _cut_circles(nodes: Sequence[Node]) -> None:
    """Parents that lead back to a span are cut off at the first span that is met twice."""
    settled: set[int] = set()
    for node in nodes:
        path: set[int] = set()
        at: Node | None = node
        while at is not None and id(at) not in settled:
            if id(at) in path:
                at.parent = None
                break
            path.add(id(at))
            at = at.parent
        settled |= path


def ordered(nodes: Sequence[Node]) -> list[Node]:
    """The nodes depth first after their parents have been set; children are set anew."""
    for node in nodes:
        node.children = []
    roots: list[Node] = []
    for node in sorted(nodes, key=lambda node: node.start_ns):
        (roots if node.parent is None else node.parent.children).append(node)
    found: list[Node] = []
    stack = roots[::-1]
    while stack:
        node = stack.pop()
        found.append(node)
        stack += reversed(node.children)
    return found


def lifted(nodes: Sequence[Node], gone: Sequence[Node]) -> list[Node]:
    """The nodes without those that are gone; what hung below them moves up."""
    missing = {id(node) for node in gone}
    for node in nodes:  # depth first, so that a parent's own parent is settled
        while node.parent is not None and id(node.parent) in missing:
            node.elsewhere, node.parent = node.parent.elsewhere, node.parent.parent
    return ordered([node for node in nodes if id(node) not in missing])


def enclosing(nodes: Sequence[Node]) -> dict[int, Node]:
    """For every node, by ``id()``, the next actor above it. The nodes stand depth first."""
    found: dict[int, Node] = {}
    for node in nodes:
        above = node.parent
        if above is not None and above.sort in ACTORS:
            found[id(node)] = above
        elif above is not None and id(above) in found:
            found[id(node)] = found[id(above)]
    return found
