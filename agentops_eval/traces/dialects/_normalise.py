"""From a foreign trace to one in the conventions' words: read, freed of duplicates, joined, counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agentops_eval.domain import Attribute, Span, SpanKind, SpanLink, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces._text import well_formed
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._duplicates import without_duplicates
from agentops_eval.traces.dialects._finish import USAGE
from agentops_eval.traces.dialects._join import joined
from agentops_eval.traces.dialects._model import NormalTrace
from agentops_eval.traces.dialects._operations import TITLES, sort_of
from agentops_eval.traces.dialects._tree import Node, planted
from agentops_eval.traces.dialects.known import dialect_of
from agentops_eval.traces.llm import Usage
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading import SourceSpan, SourceTrace

_CLIENTS = {"llm", "embeddings"}
_OWN = "agentops"
_DECISION = "agentops.decision."
_ESSENTIAL = {"agent", "llm", "tool"}


def normalise(source: SourceTrace) -> NormalTrace:
    """The trace in the conventions' words. It never fails: what is not understood stays as a step.

    Spans keep their ids, times, parents and status. Of two spans with one id the first counts.
    """
    once, repeated = _once(source.spans)
    nodes = planted([_node(one) for one in once])
    sources = {node.span_id: node.source for node in nodes}
    dialects = {node.span_id: node.dialect for node in nodes}
    unmapped = {node.span_id: _unmapped(node) for node in nodes}
    kept, duplicates = without_duplicates(nodes)
    joined(kept)
    return NormalTrace(
        trace=Trace(
            spans=tuple(_span(node) for node in kept), resource=_resource(source), schema_url=sc.SCHEMA_URL
        ),
        sources=sources,
        dialects=dialects,
        unmapped=unmapped,
        duplicates=duplicates,
        usage=_usage(kept),
        repeated=tuple(dict.fromkeys((*source.repeated, *repeated))),
    )


def essential(normal: NormalTrace) -> Trace:
    """What an agent did, in any dialect: agents, llm calls, tools, hand-offs, decisions, questions to people.

    What only wraps those is taken out, and what hangs below it moves up. Plain HTTP calls stay in
    traces of our own only; in others they are mostly what an llm call is made of.
    """
    kept = [span for span in normal.trace.spans if _is_essential(span, normal.dialects.get(span.span_id))]
    parents = {span.span_id: span.parent_id for span in normal.trace.spans}
    known = {span.span_id for span in kept}
    moved: dict[str, str] = {}
    for span_id, above in parents.items():  # depth first: a parent has been settled before its children
        moved[span_id] = above if above in known else moved.get(above, "")
    spans = [replace(span, parent_id=moved[span.span_id]) for span in kept]
    return replace(normal.trace, spans=_depth_first(spans))


def _is_essential(span: Span, dialect: str | None) -> bool:
    operation = text_of(span, sc.OPERATION_NAME)
    return (
        span.name == sc.HITL_CHECKPOINT
        or operation == sc.PLAN
        or sort_of(operation) in _ESSENTIAL
        or any(key.startswith(_DECISION) for key in span.attributes)
        or (sc.HTTP_REQUEST_METHOD in span.attributes and dialect == _OWN)
    )


def _depth_first(spans: Sequence[Span]) -> tuple[Span, ...]:
    children: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda span: span.start_ns):
        children.setdefault(span.parent_id, []).append(span)
    found: list[Span] = []
    stack = children.pop("", [])[::-1]
    while stack:
        span = stack.pop()
        found.append(span)
        stack += reversed(children.pop(span.span_id, []))
    return tuple(found)


# -- parts of a normal trace ------------------------------------------------------------------


def _once(spans: Iterable[SourceSpan]) -> tuple[list[SourceSpan], list[str]]:
    """The first span of each id, and the ids of which there is another span."""
    found: dict[str, SourceSpan] = {}
    repeated = [one.span.span_id for one in spans if found.setdefault(one.span.span_id, one) != one]
    return list(found.values()), repeated


def _node(source: SourceSpan) -> Node:
    dialect = dialect_of(source)
    return Node(source=source, dialect=dialect.name, reading=dialect.read(source))


def _unmapped(node: Node) -> tuple[str, ...]:
    return tuple(sorted(key for key in node.source.span.attributes if key not in node.reading.used))


def _span(node: Node) -> Span:
    given = node.source.span
    return Span(
        name=well_formed(_name(node)),
        trace_id=given.trace_id,
        span_id=given.span_id,
        parent_id=_parent_id(node),
        kind=_kind(node),
        start_ns=given.start_ns,
        end_ns=given.end_ns,
        attributes=dict(sorted(node.reading.attributes.items())),
        status=given.status,
        status_message=well_formed(given.status_message),
        links=tuple(SpanLink(trace_id=link.trace_id, span_id=link.span_id) for link in given.links),
    )


def _parent_id(node: Node) -> str:
    """The parent's id; one that is elsewhere (another process's) is kept, one in a circle is not."""
    return node.elsewhere if node.parent is None else node.parent.span_id


def _name(node: Node) -> str:
    operation, found = node.reading.operation, node.reading.attributes
    if operation == sc.HITL_CHECKPOINT or not operation:
        return operation or node.source.span.name
    title = found.get(TITLES.get(operation, sc.REQUEST_MODEL))
    if title is None and node.sort in _CLIENTS:
        title = found.get(sc.RESPONSE_MODEL)
    return f"{operation} {title}" if isinstance(title, str) else operation


def _kind(node: Node) -> SpanKind:
    """Whoever calls an llm or a server is its client; everything else happens inside."""
    asks = node.sort in _CLIENTS or node.reading.operation == sc.RETRIEVAL
    if not asks and not node.reading.operation and sc.HTTP_REQUEST_METHOD in node.reading.attributes:
        return node.source.span.kind
    return SpanKind.CLIENT if asks else SpanKind.INTERNAL


def _resource(source: SourceTrace) -> dict[str, Attribute]:
    named = (one.origin.resource.get(sc.SERVICE_NAME) for one in source.spans)
    service = next((name for name in named if isinstance(name, str) and name), None)
    found: dict[str, Attribute] = {sc.AGENTOPS_SCHEMA_VERSION: sc.SCHEMA_VERSION}
    return found if service is None else {sc.SERVICE_NAME: well_formed(service), **found}


def _usage(nodes: Sequence[Node]) -> Usage:
    """The sum over the calls that are left when duplicates are gone."""
    called = [node.reading.attributes for node in nodes if node.sort in _CLIENTS]
    sums = [p.total(*(v.count(found.get(key)) for found in called)) for key in USAGE]
    return Usage(
        input_tokens=sums[0],
        output_tokens=sums[1],
        cache_read_tokens=sums[2],
        cache_creation_tokens=sums[3],
        reasoning_tokens=sums[4],
    )
