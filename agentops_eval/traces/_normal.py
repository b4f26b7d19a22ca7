"""A trace as a golden holds it: nothing volatile, nothing secret, ids and ticks from its shape."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from agentops_eval.domain import Attribute, Json, Span, SpanEvent, Trace, canonical_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._ids import restructure
from agentops_eval.traces._placeholder import BEGINNING, PLACEHOLDER, PLACEHOLDER_DIGITS, placeholder
from agentops_eval.traces._text import well_formed

_INT64 = 2**63


class TextRedactor(Protocol):
    """What is asked of a redactor: the same value without its secrets."""

    def json(self, value: Json, /) -> Json:
        """Redact one JSON document."""
        ...


def canonical(trace: Trace, *, redactor: TextRedactor | None = None) -> Trace:
    """The trace as its golden holds it. Doing it twice changes nothing more.

    Volatile attributes are dropped, secrets replaced where a ``redactor`` is given, the placeholders
    in each span numbered anew, and ids and times set from the tree's shape.
    """
    spans = tuple(_scrubbed(span) for span in trace.spans)
    resource = _attributes(trace.resource)
    if redactor is not None:
        spans, resource = redacted(spans, resource, redactor)
    spans, resource = _renumbered(spans, resource)
    return restructure(
        replace(trace, spans=spans, resource=resource, schema_url=well_formed(trace.schema_url))
    )


def normal_span(span: Span) -> Span:
    """One span as ``canonical`` leaves it, but for its ids and times."""
    scrubbed = _scrubbed(span)
    return _counted(scrubbed, _Counter()) if _may_hold_placeholders(scrubbed) else scrubbed


def _may_hold_placeholders(span: Span) -> bool:
    values = (span.name, span.status_message, *span.attributes.values())
    return bool(span.events) or any(
        "[redacted:" in value if isinstance(value, str) else isinstance(value, (tuple, Mapping))
        for value in values
    )


# -- volatile values --------------------------------------------------------------------------


def volatile(key: str) -> bool:
    """Whether an attribute differs from run to run without a change in behaviour."""
    return key in sc.VOLATILE_KEYS or key.startswith(sc.VOLATILE_PREFIXES)


def _scrubbed(span: Span) -> Span:
    return replace(
        span,
        name=well_formed(span.name),
        attributes=_attributes(span.attributes),
        events=tuple(
            SpanEvent(name=well_formed(event.name), attributes=_attributes(event.attributes))
            for event in span.events
        ),
        status_message=well_formed(span.status_message),
    )


def _attributes(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    kept = {well_formed(key): value for key, value in attributes.items() if not volatile(key)}
    return {key: _value(kept[key]) for key in sorted(kept)}


def _value(value: Attribute) -> Attribute:
    """The value as OTLP can hold it and give it back."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, Mapping):
        return {well_formed(key): _value(value[key]) for key in sorted(value)}
    return tuple(_value(item) for item in value)


# -- secrets ----------------------------------------------------------------------------------


def unpacked(text: str) -> Json:
    """What JSON in a string holds, if writing it again gives the same string; else None."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if canonical_json(value, sort_keys=False) == text else None


def redacted(
    spans: tuple[Span, ...], resource: dict[str, Attribute], redactor: TextRedactor
) -> tuple[tuple[Span, ...], dict[str, Attribute]]:
    """Redact the whole trace as one document, JSON in strings as JSON."""
    document: Json = [[_readable(resource)], *[_document(span) for span in spans]]
    clean = redactor.json(document)
    assert isinstance(clean, list)
    cleaned = [_cleaned(span, one) for span, one in zip(spans, clean[1:], strict=True)]
    return tuple(cleaned), _written(resource, clean[0][0])


def _document(span: Span) -> Json:
    events = [[event.name, _readable(event.attributes)] for event in span.events]
    return [span.name, span.status_message, _readable(span.attributes), events]


def _cleaned(span: Span, document: Json) -> Span:
    assert isinstance(document, list)
    name, message, attributes, events = document
    return replace(
        span,
        name=str(name),
        status_message=str(message),
        attributes=_written(span.attributes, attributes),
        events=tuple(
            replace(event, name=str(one[0]), attributes=_written(event.attributes, one[1]))
            for event, one in zip(span.events, events, strict=True)
        ),
    )


def _readable(attributes: Mapping[str, Attribute]) -> Json:
    return {key: _packed_json(key, value) for key, value in attributes.items()}


def _packed_json(key: str, value: Attribute) -> Json:
    inner = unpacked(value) if isinstance(value, str) and key in sc.JSON_KEYS else None
    return _plain(value) if inner is None else inner


def _plain(value: Attribute) -> Json:
    if isinstance(value, bytes):
        return _decoded(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _decoded(value: bytes) -> str | None:
    """Bytes that are text hold secrets like any text; others are passed by."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _written(before: Mapping[str, Attribute], clean: Json) -> dict[str, Attribute]:
    """The attributes with what the redactor made of them: a name may have held a secret, too."""
    assert isinstance(clean, Mapping)
    if len(clean) != len(before):  # names became one without their secrets; the last of them counts
        return {key: _restored(None, value) for key, value in clean.items()}
    pairs = zip(before.items(), clean.items(), strict=True)
    return {name: _repacked(key, value, made) for (key, value), (name, made) in pairs}


def _repacked(key: str, before: Attribute, clean: Json) -> Attribute:
    if isinstance(before, str) and key in sc.JSON_KEYS and unpacked(before) is not None:
        return canonical_json(clean, sort_keys=False)
    return _restored(before, clean)


def _restored(before: Attribute, clean: Json) -> Attribute:
    if isinstance(before, bytes):
        return clean.encode() if isinstance(clean, str) else before
    if isinstance(clean, list):
        known = before if isinstance(before, tuple) else (None,) * len(clean)
        return tuple(_restored(one, item) for one, item in zip(known, clean, strict=True))
    if isinstance(clean, Mapping):
        named = isinstance(before, Mapping) and len(before) == len(clean)
        values = list(before.values()) if named and isinstance(before, Mapping) else [None] * len(clean)
        pairs = zip(values, clean.items(), strict=True)
        return {key: _restored(one, item) for one, (key, item) in pairs}
    assert not isinstance(clean, (list, tuple))
    return clean  # type: ignore[return-value]


# -- placeholders -----------------------------------------------------------------------------


_BEGINNING_DIGITS = BEGINNING.encode().hex()


class _Counter:
    """Counts placeholders through a span: equal ones keep one number, numbered by first use."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = {}

    def text(self, text: str) -> str:
        text = PLACEHOLDER.sub(self._one, text) if BEGINNING in text else text
        return PLACEHOLDER_DIGITS.sub(self._digits, text) if _BEGINNING_DIGITS in text else text

    def _digits(self, match: re.Match[str]) -> str:
        """A placeholder in the bytes of a tool, numbered with the others."""
        return self.text(bytes.fromhex(match[0]).decode("latin-1")).encode("latin-1").hex()

    def _one(self, match: re.Match[str]) -> str:
        word, number = match["word"], match["number"]
        found = self._known.get((word, number))
        if found is None:
            self._count[word] = self._count.get(word, 0) + 1
            found = self._known[word, number] = placeholder(word, self._count[word])
        return found

    def value(self, value: Attribute) -> Attribute:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return tuple(self.value(item) for item in value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        return value

    def attributes(self, attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
        return {key: self.value(value) for key, value in attributes.items()}


def _renumbered(
    spans: Iterable[Span], resource: Mapping[str, Attribute]
) -> tuple[tuple[Span, ...], dict[str, Attribute]]:
    """Number the placeholders of every span by themselves.

    Each event was redacted as its own document, so numbers in two spans say nothing of each other;
    and what a header held, which no span shows, must not shift the others.
    """
    return tuple(_counted(span, _Counter()) for span in spans), _Counter().attributes(resource)


def _counted(span: Span, counter: _Counter) -> Span:
    return replace(
        span,
        name=counter.text(span.name),
        attributes=counter.attributes(span.attributes),
        events=tuple(
            replace(event, attributes=counter.attributes(event.attributes)) for event in span.events
        ),
        status_message=counter.text(span.status_message),
    )
