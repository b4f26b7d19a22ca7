"""Protobuf exports: one resource at a time, turned into the JSON form that everything else reads."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from agentops_eval.domain import ExtraMissing, Json, TraceUnreadable, with_extra
from agentops_eval.traces.reading._model import Problems
from agentops_eval.traces.reading._stream import Readable

MAX_MESSAGE = 256 * 1024 * 1024
_FIELD_1 = 0x0A
"""Field 1, length-delimited: the resources of a TracesData, of a LogsData, and of both requests."""


def messages(file: Readable, path: Path, problems: Problems) -> Iterator[tuple[str, Json]]:
    """One request per resource. Raises TraceUnreadable, and ExtraMissing without the extra ``otlp``."""
    number = 0
    while tag := file.read(1):
        size = _varint(file)
        if tag[0] != _FIELD_1 or size is None or size > MAX_MESSAGE:
            if number == 0:
                raise TraceUnreadable(
                    "the file is neither JSON nor an OTLP protobuf message", where=str(path)
                )
            problems.add(f"{path}: message {number + 1}", "the rest is no OTLP protobuf message")
            return
        number += 1
        data = file.read(size)
        where = f"{path}: message {number}"
        if len(data) < size:
            problems.add(where, f"cut off after {len(data)} of {size} bytes")
        document = _document(data)
        if document is None and number == 1:
            raise TraceUnreadable("the file is neither JSON nor an OTLP protobuf message", where=str(path))
        if document is None:
            problems.add(where, "passed over: no OTLP resource")
        else:
            yield where, document


def _varint(file: Readable) -> int | None:
    value = shift = 0
    while shift < 64:
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
        shift += 7
    return None


def _document(data: bytes) -> Json:
    """A resource with spans, or one with log records; None where the bytes are neither."""
    spans = _parsed("trace", "ResourceSpans", data)
    if spans is not None and all(len(span.trace_id) == 16 for s in spans.scope_spans for span in s.spans):
        found = _as_json(spans)
        return {"resourceSpans": [found]} if found else None  # text may pass for fields that nobody knows
    logs = _parsed("logs", "ResourceLogs", data)  # what is one of these may pass for the other, without ids
    if logs is not None and all(len(r.trace_id) in (0, 16) for s in logs.scope_logs for r in s.log_records):
        return {"resourceLogs": [_as_json(logs)]}
    return None


def _parsed(module: str, message: str, data: bytes) -> Any:
    try:
        proto = import_module(f"opentelemetry.proto.{module}.v1.{module}_pb2")
    except ImportError as error:
        raise ExtraMissing(
            "reading protobuf needs a package that is not installed",
            difference=str(error),
            remedy=with_extra("otlp"),
        ) from error
    try:
        return getattr(proto, message).FromString(data)
    except Exception:  # protobuf's DecodeError has no home that all its releases share
        return None


def _as_json(message: Any) -> Json:
    to_dict = import_module("google.protobuf.json_format").MessageToDict
    document: Json = to_dict(message, use_integers_for_enums=True)
    return document
