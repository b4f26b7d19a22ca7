"""OTLP JSON, written and read: hex ids, integer enums, 64-bit integers as decimal strings."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agentops_eval.domain import Attribute, Json, Span, SpanEvent, SpanKind, StatusCode

E = TypeVar("E", SpanKind, StatusCode)

_INT64 = 2**63
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_DECIMAL = re.compile(r"-?\d{1,20}")


class OtlpError(ValueError):
    """What was read is not OTLP JSON; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpScope:
    """Spans of one resource and one instrumentation scope."""

    resource: Mapping[str, Attribute]
    scope: str
    schema_url: str
    spans: tuple[Span, ...]


# -- writing ----------------------------------------------------------------------------------


def encode_request(scope: OtlpScope) -> Json:
    """One ExportTraceServiceRequest."""
    spans: dict[str, Json] = {
        "schemaUrl": scope.schema_url,
        "scope": {"name": scope.scope},
        "spans": [encode_span(span) for span in scope.spans],
    }
    resource = {"attributes": encode_attributes(scope.resource)}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [spans]}]}


def encode_span(span: Span) -> Json:
    """One span; what is empty is left out, as protobuf's JSON does."""
    encoded: dict[str, Json] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": int(span.kind),
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": encode_attributes(span.attributes),
    }
    if span.parent_id:
        encoded["parentSpanId"] = span.parent_id
    if span.events:
        encoded["events"] = [
            {
                "name": event.name,
                "timeUnixNano": str(event.time_ns),
                "attributes": encode_attributes(event.attributes),
            }
            for event in span.events
        ]
    status: dict[str, Json] = {}
    if span.status is not StatusCode.UNSET:
        status["code"] = int(span.status)
    if span.status_message:
        status["message"] = span.status_message
    if status:
        encoded["status"] = status
    return encoded


def encode_attributes(attributes: Mapping[str, Attribute]) -> Json:
    """Key-value pairs, sorted by key."""
    return [{"key": key, "value": encode_value(attributes[key])} for key in sorted(attributes)]


def encode_value(value: Attribute) -> Json:
    """An AnyValue; None is the empty one."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)} if -_INT64 <= value < _INT64 else {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _infinite(value)}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, (bytes, bytearray)):
        return {"bytesValue": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": encode_attributes(value)}}
    return {"arrayValue": {"values": [encode_value(item) for item in value]}}


def _infinite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


# -- reading ----------------------------------------------------------------------------------


def decode_request(value: Json) -> tuple[OtlpScope, ...]:
    """Every scope of one ExportTraceServiceRequest. Raises OtlpError, naming the field."""
    found: list[OtlpScope] = []
    for resource_at, holder in _objects(_object(value, "the line"), "resourceSpans", ""):
        resource = decode_attributes(
            _object(holder.get("resource"), "resource").get("attributes"), resource_at
        )
        for at, scope in _objects(holder, "scopeSpans", resource_at):
            spans = tuple(decode_span(span, where) for where, span in _objects(scope, "spans", at))
            name = _object(scope.get("scope"), f"{at}.scope").get("name", "")
            schema_url = scope.get("schemaUrl", "")
            found.append(
                OtlpScope(resource=resource, scope=str(name), schema_url=str(schema_url), spans=spans)
            )
    return tuple(found)


def decode_span(span: Mapping[str, Json], at: str) -> Span:
    """One span. Raises OtlpError, naming the field."""
    status = _object(span.get("status"), f"{at}.status")
    events = tuple(_event(event, where) for where, event in _objects(span, "events", at))
    return Span(
        name=_text(span.get("name"), f"{at}.name"),
        trace_id=_identity(span.get("traceId"), 32, f"{at}.traceId"),
        span_id=_identity(span.get("spanId"), 16, f"{at}.spanId"),
        parent_id=_identity(span["parentSpanId"], 16, f"{at}.parentSpanId")
        if span.get("parentSpanId")
        else "",
        kind=_enum(SpanKind, span.get("kind"), "SPAN_KIND_", f"{at}.kind"),
        start_ns=_integer(span.get("startTimeUnixNano", 0), f"{at}.startTimeUnixNano"),
        end_ns=_integer(span.get("endTimeUnixNano", 0), f"{at}.endTimeUnixNano"),
        attributes=decode_attributes(span.get("attributes"), at),
        events=events,
        status=_enum(StatusCode, status.get("code"), "STATUS_CODE_", f"{at}.status.code"),
        status_message=_text(status.get("message"), f"{at}.status.message"),
    )


def _event(event: Mapping[str, Json], at: str) -> SpanEvent:
    return SpanEvent(
        name=_text(event.get("name"), f"{at}.name"),
        time_ns=_integer(event.get("timeUnixNano", 0), f"{at}.timeUnixNano"),
        attributes=decode_attributes(event.get("attributes"), at),
    )


def decode_attributes(pairs: Json, at: str) -> dict[str, Attribute]:
    """Key-value pairs as a mapping. Raises OtlpError for a key that occurs twice."""
    found: dict[str, Attribute] = {}
    for where, pair in _objects({"attributes": pairs}, "attributes", at):
        key = _text(pair.get("key"), f"{where}.key")
        if key in found:
            raise OtlpError(f"{at}.attributes holds {key!r} twice")
        found[key] = decode_value(pair.get("value"), f"{at}.{key}")
    return found


def decode_value(value: Json, at: str) -> Attribute:
    """What an AnyValue holds. Raises OtlpError, naming the field."""
    fields = _object(value, at)
    if not fields:
        return None
    if len(fields) > 1:
        raise OtlpError(f"{at} holds more than one value: {', '.join(sorted(fields))}")
    ((kind, content),) = fields.items()
    if kind == "stringValue":
        return _text(content, at)
    if kind == "boolValue" and isinstance(content, bool):
        return content
    if kind == "intValue":
        return _integer(content, at)
    if kind == "doubleValue":
        return _double(content, at)
    if kind == "bytesValue":
        return _bytes(content, at)
    if kind == "arrayValue":
        items = _array(_object(content, at).get("values"), at)
        return tuple(decode_value(item, f"{at}[{number}]") for number, item in enumerate(items))
    if kind == "kvlistValue":
        return decode_attributes(_object(content, at).get("values"), at)
    raise OtlpError(f"{at} holds an unknown value: {kind}")


def _object(value: Json, at: str) -> Mapping[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OtlpError(f"{at} is no object")
    return value


def _array(value: Json, at: str) -> Sequence[Json]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise OtlpError(f"{at} is no array")
    return value


def _objects(holder: Mapping[str, Json], key: str, at: str) -> list[tuple[str, Mapping[str, Json]]]:
    at = f"{at}.{key}".lstrip(".")
    named = ((f"{at}[{number}]", item) for number, item in enumerate(_array(holder.get(key), at)))
    return [(where, _object(item, where)) for where, item in named]


def _text(value: Json, at: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OtlpError(f"{at} is no string")
    return value


def _integer(value: Json, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise OtlpError(f"{at} is no integer")
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value):
            raise OtlpError(f"{at} is no integer")
        value = int(value)
    if not -_INT64 <= value < _INT64 * 2:
        raise OtlpError(f"{at} does not fit 64 bits")
    return value


def _double(value: Json, at: str) -> float:
    if isinstance(value, str) and value in {"NaN", "Infinity", "-Infinity"}:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise OtlpError(f"{at} is no number")
    return float(value)


def _bytes(value: Json, at: str) -> bytes:
    try:
        return base64.b64decode(_text(value, at), validate=True)
    except binascii.Error as error:
        raise OtlpError(f"{at} is no base64: {error}") from None


def _identity(value: Json, length: int, at: str) -> str:
    text = _text(value, at)
    if len(text) != length or not _HEX.fullmatch(text) or not text.strip("0"):
        raise OtlpError(f"{at} is no id of {length} lower-case hex digits")
    return text


def _enum(kind: type[E], value: Json, prefix: str, at: str) -> E:
    if value is None:
        return kind(0)
    try:
        if isinstance(value, str) and value.startswith(prefix):
            return kind[value.removeprefix(prefix)]
        return kind(_integer(value, at))
    except (KeyError, ValueError):
        raise OtlpError(f"{at} is no {kind.__name__}: {value!r}") from None
