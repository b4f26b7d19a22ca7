"""OTLP JSON, read: as the specification says, and as exporters really write it.

One reader serves goldens, where every fault is an error, and traces from elsewhere, where a fault
is told and the rest is kept. The difference is ``complain``: it raises, or it takes a note.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, TypeAlias, TypeVar

from agentops_eval.domain import Attribute, Json, Span, SpanEvent, SpanKind, SpanLink, StatusCode
from agentops_eval.traces.otlp._model import OtlpError, OtlpScope

E = TypeVar("E", SpanKind, StatusCode)
Complain: TypeAlias = Callable[[str], None]

MAX_DEPTH = 40
"""Deeper values are cut: nothing that an agent says is nested like that, but an attack may be."""

_INT64 = 2**63
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_DECIMAL = re.compile(r"-?\d{1,20}")
_SPAN_KEYS = frozenset(
    {
        "name", "traceId", "spanId", "parentSpanId", "kind", "startTimeUnixNano", "endTimeUnixNano",
        "attributes", "events", "status", "links",
    }
)  # fmt: skip
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SNAKE = {key: _HUMP.sub("_", key).lower() for key in _SPAN_KEYS}
_SNAKE_KEYS = frozenset(_SNAKE.values())


def refuse(what: str) -> NoReturn:
    """The strict way to complain."""
    raise OtlpError(what)


def decode_request(value: Json, *, complain: Complain = refuse) -> tuple[OtlpScope, ...]:
    """Every scope of one ExportTraceServiceRequest or TracesData. Raises OtlpError where strict."""
    found: list[OtlpScope] = []
    for resource_at, holder in _objects(value, "resourceSpans", "", complain):
        resource = _resource(holder, resource_at, complain)
        for at, scope in _objects(holder, "scopeSpans", resource_at, complain):
            spans = [decode_span(s, where, complain) for where, s in _objects(scope, "spans", at, complain)]
            named = _object(scope.get("scope"), f"{at}.scope", complain)
            found.append(
                OtlpScope(
                    resource=resource,
                    scope=str(named.get("name") or ""),
                    scope_version=str(named.get("version") or ""),
                    schema_url=str(_get(scope, "schemaUrl") or ""),
                    spans=tuple(span for span in spans if span is not None),
                )
            )
    return tuple(found)


def _resource(holder: Mapping[str, Json], at: str, complain: Complain) -> dict[str, Attribute]:
    resource = _object(holder.get("resource"), "resource", complain)
    return decode_attributes(resource.get("attributes"), at, complain)


def decode_span(span: Mapping[str, Json], at: str, complain: Complain = refuse) -> Span | None:
    """One span; None where it has no identity and ``complain`` did not raise."""
    trace_id = identity(_get(span, "traceId"), 16, f"{at}.traceId", complain)
    span_id = identity(_get(span, "spanId"), 8, f"{at}.spanId", complain)
    if not trace_id or not span_id:
        return None
    parent = _get(span, "parentSpanId")
    status = _object(span.get("status"), f"{at}.status", complain)
    return Span(
        name=_text(span.get("name"), f"{at}.name", complain),
        trace_id=trace_id,
        span_id=span_id,
        parent_id=identity(parent, 8, f"{at}.parentSpanId", complain) if _is_id(parent) else "",
        kind=_enum(SpanKind, span.get("kind"), "SPAN_KIND_", f"{at}.kind", complain),
        start_ns=integer(_get(span, "startTimeUnixNano") or 0, f"{at}.startTimeUnixNano", complain),
        end_ns=integer(_get(span, "endTimeUnixNano") or 0, f"{at}.endTimeUnixNano", complain),
        attributes=decode_attributes(span.get("attributes"), at, complain),
        events=tuple(_event(item, where, complain) for where, item in _objects(span, "events", at, complain)),
        links=tuple(_links(span, at, complain)),
        status=_enum(StatusCode, status.get("code"), "STATUS_CODE_", f"{at}.status.code", complain),
        status_message=_text(status.get("message"), f"{at}.status.message", complain),
        extra={k: v for k, v in span.items() if k not in _SPAN_KEYS and k not in _SNAKE_KEYS},
    )


def _is_id(value: Json) -> bool:
    """Roots have no parent, an empty one, or one of zeros."""
    return value is not None and (not isinstance(value, str) or bool(value.strip("0A=")))


def _event(event: Mapping[str, Json], at: str, complain: Complain) -> SpanEvent:
    return SpanEvent(
        name=_text(event.get("name"), f"{at}.name", complain),
        time_ns=integer(_get(event, "timeUnixNano") or 0, f"{at}.timeUnixNano", complain),
        attributes=decode_attributes(event.get("attributes"), at, complain),
    )


def _links(span: Mapping[str, Json], at: str, complain: Complain) -> list[SpanLink]:
    found: list[SpanLink] = []
    for where, link in _objects(span, "links", at, complain):
        trace_id = identity(_get(link, "traceId"), 16, f"{where}.traceId", complain)
        span_id = identity(_get(link, "spanId"), 8, f"{where}.spanId", complain)
        if trace_id and span_id:
            attributes = decode_attributes(link.get("attributes"), where, complain)
            found.append(SpanLink(trace_id=trace_id, span_id=span_id, attributes=attributes))
    return found


def decode_attributes(
    pairs: Json, at: str, complain: Complain = refuse, *, depth: int = 0
) -> dict[str, Attribute]:
    """Key-value pairs as a mapping; of a key that occurs twice the first value counts."""
    found: dict[str, Attribute] = {}
    for where, pair in _objects({"attributes": pairs}, "attributes", at, complain):
        key = _text(pair.get("key"), f"{where}.key", complain)
        if key in found:
            complain(f"{at}.attributes holds {key!r} twice")
        else:
            found[key] = decode_value(pair.get("value"), f"{at}.{key}", complain, depth=depth)
    return found


def decode_value(value: Json, at: str, complain: Complain = refuse, *, depth: int = 0) -> Attribute:
    """What an AnyValue holds; None for the empty one, and where a note was taken of a fault."""
    fields = _object(value, at, complain)
    if not fields:
        return None
    if len(fields) > 1:
        complain(f"{at} holds more than one value: {', '.join(sorted(map(str, fields)))}")
    kind, content = next(iter(fields.items()))
    if depth > MAX_DEPTH:
        complain(f"{at} is nested more than {MAX_DEPTH} deep")
        return None
    read = _VALUES.get(str(kind).replace("_v", "V"))
    if read is None:
        complain(f"{at} holds an unknown value: {kind}")
        return None
    return read(content, at, complain, depth)


def _bool(value: Json, at: str, complain: Complain, _: int) -> Attribute:
    if isinstance(value, bool):
        return value
    complain(f"{at} is no boolean")
    return None


def _int(value: Json, at: str, complain: Complain, _: int) -> Attribute:
    """None, never 0, where it is none: a count or a price that cannot be read is unknown."""
    faults: list[str] = []
    found = integer(value, at, faults.append)
    for fault in faults:
        complain(fault)
    return None if faults else found


def _double(value: Json, at: str, complain: Complain, _: int) -> Attribute:
    if isinstance(value, str) and value in {"NaN", "Infinity", "-Infinity"}:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        complain(f"{at} is no number")
        return None
    try:
        return float(value)
    except OverflowError:
        complain(f"{at} is too large for a number")
        return None


def _bytes(value: Json, at: str, complain: Complain, _: int) -> Attribute:
    try:
        return base64.b64decode(_text(value, at, complain), validate=True)
    except (binascii.Error, ValueError) as error:
        complain(f"{at} is no base64: {error}")
        return None


def _items(value: Json, at: str, complain: Complain, depth: int) -> Attribute:
    items = _array(_object(value, at, complain).get("values"), at, complain)
    return tuple(decode_value(v, f"{at}[{n}]", complain, depth=depth + 1) for n, v in enumerate(items))


def _pairs(value: Json, at: str, complain: Complain, depth: int) -> Attribute:
    return decode_attributes(_object(value, at, complain).get("values"), at, complain, depth=depth + 1)


_VALUES: Mapping[str, Callable[[Json, str, Complain, int], Attribute]] = {
    "stringValue": lambda value, at, complain, _: _text(value, at, complain),
    "boolValue": _bool,
    "intValue": _int,
    "doubleValue": _double,
    "bytesValue": _bytes,
    "arrayValue": _items,
    "kvlistValue": _pairs,
}


# -- fields -----------------------------------------------------------------------------------


def _get(holder: Mapping[str, Json], key: str) -> Json:
    """A field by its JSON name, or by the name that protobuf gave it."""
    value = holder.get(key)
    return value if value is not None else holder.get(_HUMP.sub("_", key).lower())


def _object(value: Json, at: str, complain: Complain) -> Mapping[str, Json]:
    if isinstance(value, Mapping):
        return value
    if value is not None:
        complain(f"{at} is no object")
    return {}


def _array(value: Json, at: str, complain: Complain) -> Sequence[Json]:
    if isinstance(value, list):
        return value
    if value is not None:
        complain(f"{at} is no array")
    return ()


def _objects(holder: Json, key: str, at: str, complain: Complain) -> list[tuple[str, Mapping[str, Json]]]:
    fields = _object(holder, at or "the document", complain)
    at = f"{at}.{key}".lstrip(".")
    items = _array(_get(fields, key), at, complain)
    return [(f"{at}[{n}]", _object(item, f"{at}[{n}]", complain)) for n, item in enumerate(items)]


def _text(value: Json, at: str, complain: Complain) -> str:
    if isinstance(value, str):
        return value
    if value is not None:
        complain(f"{at} is no string")
    return ""


def integer(value: Json, at: str, complain: Complain = refuse) -> int:
    """A 64-bit integer, written as a number or in decimal digits; 0 where it is none."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        complain(f"{at} is no integer")
        return 0
    if not -_INT64 <= value < _INT64 * 2:
        complain(f"{at} does not fit 64 bits")
        return 0
    return value


def identity(value: Json, size: int, at: str, complain: Complain = refuse) -> str:
    """An id of ``size`` bytes as lower-case hex, from hex or base64; empty where it is none."""
    text = _text(value, at, complain)
    if len(text) == size * 2 and _HEX.fullmatch(text.lower()):
        found = text.lower()
    else:
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            data = b""
        found = data.hex() if len(data) == size else ""
    if not found.strip("0"):
        complain(f"{at} is no id of {size * 2} hex digits")
        return ""
    return found


def _enum(kind: type[E], value: Json, prefix: str, at: str, complain: Complain) -> E:
    if value is None:
        return kind(0)
    try:
        if isinstance(value, str) and not _DECIMAL.fullmatch(value):
            return kind[value.upper().removeprefix(prefix)]
        return kind(integer(value, at))
    except (KeyError, ValueError):
        complain(f"{at} is no {kind.__name__}: {value!r:.40}")
        return kind(0)
