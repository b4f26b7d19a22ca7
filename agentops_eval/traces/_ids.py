"""Stable ids and a logical clock: both follow from the case and the shape of the tree alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import shown

TICK_NS = 1_000_000
"""One tick of the logical clock: a millisecond, counted from the epoch."""

_SPELT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a span belongs: its ids and ticks, as they follow from the tree's shape.

    ``path`` is spelt to a depth of 100; ids follow from all of it.
    """

    path: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int


def restructure(trace: Trace) -> Trace:
    """The same tree, depth first, with the ids and times that its shape gives it.

    A span whose parent is not in the trace becomes a root.
    """
    order, parents = depth_first(trace.spans)
    spans = [trace.spans[index] for index in order]
    position = {index: new for new, index in enumerate(order)}
    upward = [None if parents[index] is None else position[parents[index] or 0] for index in order]
    places = places_of(spans, upward, str(trace.resource.get(sc.AGENTOPS_CASE, "")))
    placed = tuple(
        replace(
            span,
            trace_id=place.trace_id,
            span_id=place.span_id,
            parent_id=place.parent_id,
            start_ns=place.start_ns,
            end_ns=place.end_ns,
            events=tuple(replace(event, time_ns=place.start_ns) for event in span.events),
        )
        for span, place in zip(spans, places, strict=True)
    )
    return replace(trace, spans=placed)


def places_of(spans: Sequence[Span], parents: Sequence[int | None], case: str) -> list[Place]:
    """The place of every span. Spans come depth first; ``parents`` holds positions in ``spans``."""
    root = hashlib.sha256(f"{case}\0".encode("utf-8", "surrogatepass"))
    paths: list[str] = []
    depths: list[int] = []
    hashes: list[hashlib._Hash] = []  # continued from the parent's: whole paths would grow with the depth
    seen: dict[tuple[int | None, str], int] = {}
    for span, parent in zip(spans, parents, strict=True):
        step = segment(span)
        number = seen.get((parent, step), 0)
        seen[parent, step] = number + 1
        added = f"/{step}#{number}"
        hashed = (root if parent is None else hashes[parent]).copy()
        hashed.update(added.encode("utf-8", "surrogatepass"))
        hashes.append(hashed)
        depths.append(0 if parent is None else depths[parent] + 1)
        above = "" if parent is None else paths[parent]
        paths.append(above + added if depths[-1] < _SPELT else f"{above.removesuffix('/...')}/...")
    starts, ends = _ticks(parents)
    top = root.copy()
    top.update(b"/")
    trace_id = _never_zero(top.digest()[:16])
    ids = [_never_zero(one.digest()[:8]) for one in hashes]
    return [
        Place(
            path=paths[index],
            trace_id=trace_id,
            span_id=ids[index],
            parent_id="" if parent is None else ids[parent],
            start_ns=starts[index] * TICK_NS,
            end_ns=ends[index] * TICK_NS,
        )
        for index, parent in enumerate(parents)
    ]


def segment(span: Span) -> str:
    """A span's step in a path. An llm's name is no part of it: another model is the same step."""
    operation = span.attributes.get(sc.OPERATION_NAME)
    named = {sc.EXECUTE_TOOL: sc.TOOL_NAME, sc.INVOKE_AGENT: sc.AGENT_NAME}
    if isinstance(operation, str) and operation in named:
        step = f"{operation}:{shown(span, named[operation])}"
    else:
        step = operation if isinstance(operation, str) else span.name
    return step.replace("%", "%25").replace("/", "%2F").replace("#", "%23")


def depth_first(spans: Sequence[Span]) -> tuple[list[int], list[int | None]]:
    """The order in which a walk meets the spans, and every span's parent, both as positions in ``spans``.

    What no parent claims is a root. Of spans that share an id, the first is the parent of those
    that name it.
    """
    first: dict[str, int] = {}
    for index, span in enumerate(spans):
        first.setdefault(span.span_id, index)
    parents: list[int | None] = [
        first.get(span.parent_id) if span.parent_id and span.parent_id != span.span_id else None
        for span in spans
    ]
    children: dict[int, list[int]] = {}
    for index, parent in enumerate(parents):
        if parent is not None:
            children.setdefault(parent, []).append(index)
    order: list[int] = []
    reached: set[int] = set()

    def visit(top: int) -> None:
        stack = [top]
        while stack:
            index = stack.pop()
            if index not in reached:
                reached.add(index)
                order.append(index)
                stack += reversed(children.get(index, []))

    for index, parent in enumerate(parents):
        if parent is None:
            visit(index)
    for index in range(len(spans)):  # what hangs in a circle is cut open at its first span
        if index not in reached:
            parents[index] = None
            visit(index)
    return order, parents


def _ticks(parents: Sequence[int | None]) -> tuple[list[int], list[int]]:
    """Entering and leaving a span each take one tick."""
    starts, ends = [0] * len(parents), [0] * len(parents)
    now, open_spans = 0, list[int]()
    for index, parent in enumerate(parents):
        while open_spans and open_spans[-1] != parent:
            ends[open_spans.pop()] = now
            now += 1
        starts[index] = now
        now += 1
        open_spans.append(index)
    while open_spans:
        ends[open_spans.pop()] = now
        now += 1
    return starts, ends


def _never_zero(digest: bytes) -> str:
    return (digest if any(digest) else b"\x01" * len(digest)).hex()
