"""Spans as they may leave: without secrets, and with nothing that a receiver would choke on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import Attribute, Json, Span, SpanEvent
from agentops_eval.traces._normal import TextRedactor, redacted
from agentops_eval.traces.reading import Origin, SourceSpan

_FIELDS = {
    "traceState": "trace_state",
    "flags": "flags",
    "droppedAttributesCount": "dropped_attributes_count",
    "droppedEventsCount": "dropped_events_count",
    "droppedLinksCount": "dropped_links_count",
}
_UINT32, _UINT64 = 2**32, 2**64


def without_secrets(spans: Sequence[SourceSpan], redactor: TextRedactor) -> tuple[SourceSpan, ...]:
    """The spans of one trace as one document, so that equal secrets get equal placeholders."""
    origins = {id(one.origin): one.origin for one in spans}
    around: dict[str, Attribute] = {
        "resources": tuple(origin.resource for origin in origins.values()),
        "scopes": tuple(_scope(origin) for origin in origins.values()),
        "links": tuple(link.attributes for one in spans for link in one.span.links),
        "states": tuple(str(one.span.extra.get("traceState") or "") for one in spans),
    }
    cleaned, clean = redacted(tuple(one.span for one in spans), around, redactor)
    around_each = zip(origins.items(), _maps(clean["resources"]), _tuple(clean["scopes"]), strict=True)
    made = {key: _origin(origin, resource, scope) for (key, origin), resource, scope in around_each}
    links, states = iter(_maps(clean["links"])), iter(_tuple(clean["states"]))
    found: list[SourceSpan] = []
    for one, span in zip(spans, cleaned, strict=True):
        extra, state = dict(span.extra), next(states)
        if "traceState" in extra:
            extra["traceState"] = str(state)
        kept = tuple(replace(link, attributes=next(links)) for link in span.links)
        span = replace(span, links=kept, extra=extra)  # noqa: PLW2901  # the same span, whole
        found.append(SourceSpan(span=span, origin=made[id(one.origin)]))
    return tuple(found)


def _scope(origin: Origin) -> tuple[str, str, str]:
    return origin.scope, origin.scope_version, origin.schema_url


def _origin(origin: Origin, resource: Mapping[str, Attribute], scope: Attribute) -> Origin:
    name, version, schema_url = map(str, _tuple(scope))
    return replace(origin, resource=resource, scope=name, scope_version=version, schema_url=schema_url)


def _tuple(value: Attribute) -> tuple[Attribute, ...]:
    assert isinstance(value, tuple)
    return value


def _maps(value: Attribute) -> list[Mapping[str, Attribute]]:
    return [item for item in _tuple(value) if isinstance(item, Mapping)]


def sendable(span: Span) -> Span:
    """The span with times in range and, of what is unknown to us, only the fields that OTLP has."""
    return replace(
        span,
        start_ns=_time(span.start_ns),
        end_ns=_time(span.end_ns),
        events=tuple(_event(event) for event in span.events),
        extra=_known(span.extra),
    )


def _event(event: SpanEvent) -> SpanEvent:
    return replace(event, time_ns=_time(event.time_ns))


def _time(value: int) -> int:
    return value if 0 <= value < _UINT64 else 0


def _known(extra: Mapping[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, snake in _FIELDS.items():
        value = extra.get(name, extra.get(snake))
        if name == "traceState" and isinstance(value, str) and value:
            found[name] = value
        elif name != "traceState" and isinstance(value, (int, str)) and (count := _uint32(value)):
            found[name] = count
    return found


def _uint32(value: int | str) -> int:
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 10):
        return 0
    number = int(value)
    return number if 0 < number < _UINT32 else 0
