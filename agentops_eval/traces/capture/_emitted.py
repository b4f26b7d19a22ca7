"""OpenTelemetry's span objects as spans of ours, with times by the run's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentops_eval.domain import Attribute, Span, SpanEvent, SpanKind, SpanLink, StatusCode
from agentops_eval.traces.reading import Origin, SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """A span that was emitted; ``inside`` is the index of the event in whose body it started."""

    source: SourceSpan
    inside: int | None = None

    @property
    def span_id(self) -> str:
        """Its id."""
        return self.source.span.span_id


def emitted_span(span: Any, *, start_ns: int, end_ns: int) -> SourceSpan:
    """A ``ReadableSpan`` of OpenTelemetry's SDK."""
    context, parent = span.get_span_context(), span.parent
    shift_ns = start_ns - (span.start_time or 0)
    scope, resource = span.instrumentation_scope, span.resource
    return SourceSpan(
        span=Span(
            name=str(span.name),
            trace_id=f"{context.trace_id:032x}",
            span_id=f"{context.span_id:016x}",
            parent_id="" if parent is None else f"{parent.span_id:016x}",
            kind=SpanKind[span.kind.name],
            start_ns=start_ns,
            end_ns=end_ns,
            attributes=_attributes(span.attributes),
            events=tuple(
                SpanEvent(
                    name=str(event.name),
                    time_ns=max(0, event.timestamp + shift_ns),
                    attributes=_attributes(event.attributes),
                )
                for event in span.events
            ),
            links=tuple(_links(span.links)),
            status=StatusCode[span.status.status_code.name],
            status_message=span.status.description or "",
        ),
        origin=Origin(
            resource=_attributes(None if resource is None else resource.attributes),
            scope="" if scope is None else str(scope.name),
            scope_version="" if scope is None else str(scope.version or ""),
            schema_url="" if scope is None else str(scope.schema_url or ""),
        ),
    )


def _links(links: Iterable[Any]) -> Iterable[SpanLink]:
    for link in links:
        yield SpanLink(
            trace_id=f"{link.context.trace_id:032x}",
            span_id=f"{link.context.span_id:016x}",
            attributes=_attributes(link.attributes),
        )


def _attributes(attributes: Mapping[str, Any] | None) -> dict[str, Attribute]:
    return {str(key): _value(value) for key, value in (attributes or {}).items()}


def _value(value: Any) -> Attribute:
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, Mapping):
        return _attributes(value)
    if isinstance(value, Sequence):
        return tuple(_value(item) for item in value)
    return str(value)
