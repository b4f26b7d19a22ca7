"""OTLP JSON, written: hex ids, integer enums, 64-bit integers as decimal strings, keys sorted."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping

from agentops_eval.domain import Attribute, Json, Span, SpanEvent, SpanLink, StatusCode
from agentops_eval.traces.otlp._model import OtlpScope

_INT64 = 2**63


def encode_request(scope: OtlpScope) -> Json:
    """One ExportTraceServiceRequest."""
    named: dict[str, Json] = {"name": scope.scope}
    if scope.scope_version:
        named["version"] = scope.scope_version
    spans: dict[str, Json] = {
        "schemaUrl": scope.schema_url,
        "scope": named,
        "spans": [encode_span(span) for span in scope.spans],
    }
    resource = {"attributes": encode_attributes(scope.resource)}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [spans]}]}


def encode_span(span: Span) -> Json:
    """One span; what is empty is left out, as protobuf's JSON does. Unknown keys are written back."""
    encoded: dict[str, Json] = {
        **span.extra,
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
        encoded["events"] = [_event(event) for event in span.events]
    if span.links:
        encoded["links"] = [_link(link) for link in span.links]
    status: dict[str, Json] = {}
    if span.status is not StatusCode.UNSET:
        status["code"] = int(span.status)
    if span.status_message:
        status["message"] = span.status_message
    if status:
        encoded["status"] = status
    return encoded


def _event(event: SpanEvent) -> Json:
    return {
        "name": event.name,
        "timeUnixNano": str(event.time_ns),
        "attributes": encode_attributes(event.attributes),
    }


def _link(link: SpanLink) -> Json:
    encoded: dict[str, Json] = {"traceId": link.trace_id, "spanId": link.span_id}
    if link.attributes:
        encoded["attributes"] = encode_attributes(link.attributes)
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
