"""Spans and traces: what a run did, in OpenTelemetry's nouns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from agentops_eval.domain._json import Json

Attribute: TypeAlias = (
    "None | bool | int | float | str | bytes | tuple[Attribute, ...] | Mapping[str, Attribute]"
)


class SpanKind(IntEnum):
    """OTLP's span kinds, with its numbers."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class StatusCode(IntEnum):
    """OTLP's status codes, with its numbers."""

    UNSET = 0
    OK = 1
    ERROR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEvent:
    """A named instant inside a span."""

    name: str
    time_ns: int = 0
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanLink:
    """A span elsewhere that this one has to do with, such as the one that queued its work."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One timed operation. Ids are lower-case hex; times are nanoseconds since the epoch.

    ``extra`` keeps what an import found beside these fields, as JSON: it is written back as it was.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str = ""
    kind: SpanKind = SpanKind.INTERNAL
    start_ns: int = 0
    end_ns: int = 0
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    events: tuple[SpanEvent, ...] = ()
    status: StatusCode = StatusCode.UNSET
    status_message: str = ""
    links: tuple[SpanLink, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The tree of spans of one agent run, depth first, siblings in their order."""

    spans: tuple[Span, ...] = ()
    resource: Mapping[str, Attribute] = field(default_factory=dict)
    schema_url: str = ""

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)

    @property
    def trace_id(self) -> str:
        """The id of its first span, which is that of all; empty in an empty trace."""
        return self.spans[0].trace_id if self.spans else ""

    @property
    def root(self) -> Span | None:
        """The first span without a parent, or None in an empty trace."""
        return next((span for span in self.spans if not span.parent_id), None)

    def children(self, span_id: str) -> tuple[Span, ...]:
        """The direct children of a span, in order."""
        return tuple(span for span in self.spans if span.parent_id == span_id)

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The names of executed tools, in order."""
        spans = (s for s in self.spans if s.attributes.get("gen_ai.operation.name") == "execute_tool")
        return tuple(str(span.attributes.get("gen_ai.tool.name", "")) for span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first call where a run leaves its golden, with both sides, equal parts elided.

    ``call`` counts from 1 over the compared calls, ``total`` is the golden's number of calls.
    An empty side means that the call is missing there. ``others`` counts the calls that differ behind
    it.
    """

    call: int
    total: int
    path: str
    golden: str
    run: str
    others: int = 0
