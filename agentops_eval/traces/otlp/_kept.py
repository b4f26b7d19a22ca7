"""OTLP JSON as our own encoder writes it, read back many times faster than what anybody may write."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import msgspec

from agentops_eval.domain import Attribute, Span, SpanEvent, SpanKind, SpanLink, StatusCode
from agentops_eval.traces.otlp._model import OtlpError, OtlpScope

_KINDS = {int(kind): kind for kind in SpanKind}
_STATUSES = {int(code): code for code in StatusCode}


class _Struct(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    """Unknown fields are an error: they would be lost here, and the other reader keeps them."""


class _Value(_Struct):
    string_value: str | None = None
    int_value: str | None = None
    bool_value: bool | None = None
    double_value: float | str | None = None
    bytes_value: str | None = None
    array_value: _Array | None = None
    kvlist_value: _Pairs | None = None


class _Pair(_Struct):
    key: str
    value: _Value


class _Array(_Struct):
    values: list[_Value]


class _Pairs(_Struct):
    values: list[_Pair]


class _Event(_Struct):
    name: str
    time_unix_nano: str
    attributes: list[_Pair]


class _Link(_Struct):
    trace_id: str
    span_id: str
    attributes: list[_Pair] = []


class _Status(_Struct):
    code: int = 0
    message: str = ""


class _Span(_Struct):
    trace_id: str
    span_id: str
    name: str
    kind: int
    start_time_unix_nano: str
    end_time_unix_nano: str
    attributes: list[_Pair]
    parent_span_id: str = ""
    events: list[_Event] = []
    links: list[_Link] = []
    status: _Status | None = None


class _Named(_Struct):
    name: str
    version: str = ""


class _Scope(_Struct):
    schema_url: str
    scope: _Named
    spans: list[_Span]


class _Resource(_Struct):
    attributes: list[_Pair]


class _Holder(_Struct):
    resource: _Resource
    scope_spans: tuple[_Scope]


class _Request(_Struct):
    resource_spans: tuple[_Holder]


_DECODER = msgspec.json.Decoder(_Request)


def decode_kept(data: bytes) -> OtlpScope:
    """The scope that ``encode_request`` wrote to ``data`` as JSON.

    Raises OtlpError for anything that it would have written otherwise, which need not be wrong:
    ``decode_request`` reads that. Ids are taken as they stand, as they were when they were written.
    """
    try:
        (holder,) = _DECODER.decode(data).resource_spans
        (scope,) = holder.scope_spans
        return OtlpScope(
            resource=_attributes(holder.resource.attributes),
            scope=scope.scope.name,
            scope_version=scope.scope.version,
            schema_url=scope.schema_url,
            spans=tuple(map(_span, scope.spans)),
        )
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError) as error:
        raise OtlpError(f"not as we write it: {error}") from None


def _span(span: _Span) -> Span:
    status = span.status
    return Span(
        name=span.name,
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=span.parent_span_id,
        kind=_KINDS[span.kind],
        start_ns=int(span.start_time_unix_nano),
        end_ns=int(span.end_time_unix_nano),
        attributes=_attributes(span.attributes),
        events=tuple(map(_event, span.events)) if span.events else (),
        links=tuple(map(_link, span.links)) if span.links else (),
        status=StatusCode.UNSET if status is None else _STATUSES[status.code],
        status_message="" if status is None else status.message,
    )


def _event(event: _Event) -> SpanEvent:
    return SpanEvent(
        name=event.name, time_ns=int(event.time_unix_nano), attributes=_attributes(event.attributes)
    )


def _link(link: _Link) -> SpanLink:
    return SpanLink(trace_id=link.trace_id, span_id=link.span_id, attributes=_attributes(link.attributes))


def _attributes(pairs: Sequence[_Pair]) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {}
    for pair in pairs:
        text = pair.value.string_value
        found[pair.key] = _value(pair.value) if text is None else text
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _value(value: _Value) -> Attribute:
    """What an AnyValue holds; the encoder writes one kind of it, or none for None."""
    if value.int_value is not None:
        return int(value.int_value)
    if value.bool_value is not None:
        return value.bool_value
    if value.double_value is not None:
        return float(value.double_value)
    if value.array_value is not None:
        return tuple(
            _value(item) if item.string_value is None else item.string_value
            for item in value.array_value.values
        )
    if value.kvlist_value is not None:
        return _attributes(value.kvlist_value.values)
    return None if value.bytes_value is None else base64.b64decode(value.bytes_value, validate=True)
