"""Traces out of files: decoded, grouped by trace id, log records joined to their spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from agentops_eval.domain import Attribute, Json, SpanEvent, TraceUnreadable
from agentops_eval.traces.otlp import decode_request
from agentops_eval.traces.reading._frames import Frame, frames
from agentops_eval.traces.reading._logs import decode_logs
from agentops_eval.traces.reading._model import Origin, Problems, SourceSpan, SourceTrace
from agentops_eval.traces.reading._spool import HELD, Spool
from agentops_eval.traces.reading.formats import CONVERTED, Converter, format_of, is_message

Item: TypeAlias = "SourceSpan | tuple[str, SpanEvent]"
"""A span, or a log record with the id of its span."""

_ADVICE = "give the file with the spans, too"
_ALONE = "a message on its own; a conversation is an array of its messages"
_UNKNOWN = "no OTLP export request, and no other format that is read"


def read_traces(
    paths: Iterable[Path], problems: Problems, *, held: int = HELD, beside: bool = False
) -> Iterator[SourceTrace]:
    """Every trace in the files together: a trace may be spread over several, logs included.

    What cannot be read is noted in ``problems`` and passed over: parts of files, and whole files where
    another can be read (``beside`` says that one was, elsewhere). Memory is bounded by ``held`` spans
    and the largest trace. Raises TraceUnreadable where no file can be read, or holds a format that is.
    """
    with Spool(_weight, held=held) as spool:
        faults, foreign, files = list[TraceUnreadable](), list[TraceUnreadable](), 0
        for path in paths:
            files += 1
            converter = Converter(problems)
            reasons, known, before = list[str](), False, len(faults)
            for where, document in _documents(path, problems, faults):
                reason = _add(document, where, spool, problems, converter)
                known = known or not reason
                reasons += [reason] if reason and not reasons else []
            if reasons and not known and len(faults) == before:
                foreign.append(TraceUnreadable(reasons[0], where=str(path)))
        unread = (*faults, *foreign)
        if unread and len(unread) == files and not beside:
            raise unread[0]
        for fault in faults:
            problems.add(fault.where, f"passed over: {fault.what}")
        for trace_id, items in spool.groups():
            trace = _joined(trace_id, items, problems)
            if trace is not None:
                yield trace


def _documents(path: Path, problems: Problems, faults: list[TraceUnreadable]) -> Iterator[Frame]:
    """What stands in a file; that it cannot be read, or breaks off, is one of ``faults``."""
    try:
        yield from frames(path, problems)
    except TraceUnreadable as error:
        faults.append(error)


def _weight(item: Item) -> int:
    """Roughly how much of memory an item takes."""
    if isinstance(item, tuple):
        return weight_of(item[1].attributes)
    return weight_of(item.span.attributes) + sum(weight_of(event.attributes) for event in item.span.events)


def weight_of(attributes: Mapping[str, Attribute]) -> int:
    """Roughly how much of memory attributes take: a character is one, and each value a hundred besides."""
    found, stack = 0, list[Attribute](attributes.values())
    while stack:
        value = stack.pop()
        found += 100
        if isinstance(value, (str, bytes)):
            found += len(value)
        elif isinstance(value, tuple):
            stack += value
        elif isinstance(value, Mapping):
            stack += value.values()
    return found


def _add(document: Json, where: str, spool: Spool[Item], problems: Problems, converter: Converter) -> str:
    """Take a document; the reason where it is nothing that is read."""

    def complain(what: str) -> None:
        problems.add(where, what)

    if format_of(document) is not None:
        for found in converter.spans(document, where):
            spool.add(found.span.trace_id, found)
    elif not isinstance(document, dict) or is_message(document):
        reason = _ALONE if is_message(document) else _UNKNOWN
        complain(f"passed over: {reason}")
        return reason
    elif "resourceSpans" in document or "resource_spans" in document:
        for scope in decode_request(document, complain=complain):
            origin = Origin(
                resource=scope.resource,
                scope=scope.scope,
                scope_version=scope.scope_version,
                schema_url=scope.schema_url,
                where=where,
            )
            for span in scope.spans:
                spool.add(span.trace_id, SourceSpan(span=span, origin=origin))
    elif "resourceLogs" in document or "resource_logs" in document:
        for trace_id, span_id, event in decode_logs(document, complain):
            spool.add(trace_id, (span_id, event))
    elif not ("resourceMetrics" in document or "resource_metrics" in document):
        complain(f"passed over: {_UNKNOWN}")
        return _UNKNOWN
    return ""


def _joined(trace_id: str, items: Iterable[Item], problems: Problems) -> SourceTrace | None:
    spans: dict[str, SourceSpan] = {}
    records: dict[str, list[SpanEvent]] = {}
    repeated: dict[str, None] = {}
    for item in items:
        if isinstance(item, tuple):
            records.setdefault(item[0], []).append(item[1])
        elif (known := spans.get(item.span.span_id)) is None:
            spans[item.span.span_id] = item
        elif known != item:
            repeated[item.span.span_id] = None
            problems.add(f"trace {trace_id}", f"two different spans have the id {item.span.span_id}")
    lost = 0
    for span_id, events in records.items():
        if span_id in spans:
            spans[span_id] = _with_events(spans[span_id], events)
        else:
            lost += len(events)
    if lost:
        belong = (
            "log record belongs to a span that is" if lost == 1 else "log records belong to spans that are"
        )
        problems.add(f"trace {trace_id}", f"{lost} {belong} not there; {_ADVICE}")
    ordered = sorted(spans.values(), key=_in_time)
    if not ordered:
        return None
    return SourceTrace(trace_id=trace_id, spans=tuple(ordered), repeated=tuple(repeated))


def _in_time(found: SourceSpan) -> tuple[int, int, str]:
    """At one instant the longer span goes first, then the smaller id: never as the file has them.

    But for spans without a time, or made of a log: their order is the only one that is told.
    """
    span = found.span
    if span.start_ns <= 0 or found.origin.scope.startswith(CONVERTED):
        return span.start_ns, 0, ""
    return span.start_ns, -span.end_ns, span.span_id


def _with_events(found: SourceSpan, events: list[SpanEvent]) -> SourceSpan:
    joined = sorted((*found.span.events, *events), key=lambda event: event.time_ns)
    return replace(found, span=replace(found.span, events=tuple(joined)))
