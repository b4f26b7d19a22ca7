"""Log records as events of the spans that they belong to."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Attribute, Json, SpanEvent
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.otlp import Complain, decode_attributes, decode_value, identity, integer

Joined = tuple[str, str, SpanEvent]
"""Trace id, span id, and the record as an event."""


def decode_logs(document: Json, complain: Complain) -> list[Joined]:
    """Every log record of an ExportLogsServiceRequest that names its span."""
    found: list[Joined] = []
    for resource in _items(document, "resourceLogs", "resource_logs"):
        for scope in _items(resource, "scopeLogs", "scope_logs"):
            for number, record in enumerate(_items(scope, "logRecords", "log_records")):
                joined = _record(record, f"logRecords[{number}]", complain)
                found += [] if joined is None else [joined]
    return found


def _items(holder: Json, *names: str) -> list[Mapping[str, Json]]:
    if not isinstance(holder, Mapping):
        return []
    items = next((value for name in names if isinstance(value := holder.get(name), list)), [])
    return [item for item in items if isinstance(item, Mapping)]


def _record(record: Mapping[str, Json], at: str, complain: Complain) -> Joined | None:
    trace, span = _either(record, "traceId", "trace_id"), _either(record, "spanId", "span_id")
    if not trace or not span:
        return None  # a record of the process, not of a span
    trace_id, span_id = (
        identity(trace, 16, f"{at}.traceId", complain),
        identity(span, 8, f"{at}.spanId", complain),
    )
    attributes = decode_attributes(record.get("attributes"), at, complain)
    body = decode_value(record.get("body"), f"{at}.body", complain)
    if body is not None:
        attributes[sc.AGENTOPS_LOG_BODY] = body
    time = _either(record, "timeUnixNano", "time_unix_nano")
    if time in (None, 0, "0"):
        time = _either(record, "observedTimeUnixNano", "observed_time_unix_nano")
    event = SpanEvent(
        name=_name(record, attributes),
        time_ns=integer(time or 0, f"{at}.timeUnixNano", complain),
        attributes=attributes,
    )
    return (trace_id, span_id, event) if trace_id and span_id else None


def _name(record: Mapping[str, Json], attributes: Mapping[str, Attribute]) -> str:
    named = _either(record, "eventName", "event_name") or attributes.get("event.name")
    return named if isinstance(named, str) else "log"


def _either(record: Mapping[str, Json], camel: str, snake: str) -> Json:
    value = record.get(camel)
    return value if value is not None else record.get(snake)
