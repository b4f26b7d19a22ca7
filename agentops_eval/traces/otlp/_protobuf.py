"""OTLP as protobuf bytes, written without the protobuf package: the messages are few and their numbers final.

Reading protobuf needs the extra ``otlp``; sending spans must work where nothing more is installed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping

from agentops_eval.domain import Attribute, Span, SpanEvent, SpanLink, canonical_json, to_json
from agentops_eval.traces._text import well_formed

_INT64 = 2**63
_DEEPEST = 24
"""Readers refuse messages nested more than 100 deep, and a mapping in a mapping takes three levels."""

_COUNTS = {"droppedAttributesCount": 10, "droppedEventsCount": 12, "droppedLinksCount": 14}


# -- writing ----------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    value &= 0xFFFFFFFFFFFFFFFF
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def block(number: int, data: bytes) -> bytes:
    """A field that holds bytes, text or a message."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def text(number: int, value: str) -> bytes:
    """A field that holds text; an empty one is left out. What UTF-8 cannot hold becomes ``?``."""
    return block(number, utf8(value)) if value else b""


def utf8(value: str) -> bytes:
    """Text as bytes that every reader takes."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        return well_formed(value).encode("utf-8", "replace")


def _number(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value) if value else b""


def _fixed64(number: int, value: int) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<Q", value) if value else b""


def span_message(span: Span) -> bytes:
    """A Span. Of what stands in ``extra``, OTLP's own fields are kept."""
    state, flags = span.extra.get("traceState"), span.extra.get("flags")
    status = text(2, span.status_message) + _number(3, int(span.status))
    parts = [
        block(1, bytes.fromhex(span.trace_id)),
        block(2, bytes.fromhex(span.span_id)),
        text(3, state if isinstance(state, str) else ""),
        block(4, bytes.fromhex(span.parent_id)) if span.parent_id else b"",
        text(5, span.name),
        _number(6, int(span.kind)),
        _fixed64(7, span.start_ns),
        _fixed64(8, span.end_ns),
        attributes_fields(9, span.attributes),
        *(_counted(span, name, number) for name, number in _COUNTS.items()),
        *(block(11, _event(event)) for event in span.events),
        *(block(13, _link(link)) for link in span.links),
        block(15, status) if status else b"",
        varint(16 << 3 | 5) + struct.pack("<I", flags) if isinstance(flags, int) and flags else b"",
    ]
    return b"".join(parts)


def _counted(span: Span, name: str, number: int) -> bytes:
    count = span.extra.get(name)
    return _number(number, count) if isinstance(count, int) else b""


def _event(event: SpanEvent) -> bytes:
    return _fixed64(1, event.time_ns) + text(2, event.name) + attributes_fields(3, event.attributes)


def _link(link: SpanLink) -> bytes:
    ids = block(1, bytes.fromhex(link.trace_id)) + block(2, bytes.fromhex(link.span_id))
    return ids + attributes_fields(4, link.attributes)


def attributes_fields(number: int, attributes: Mapping[str, Attribute], *, depth: int = 0) -> bytes:
    """Key-value pairs as repeated fields, sorted by key."""
    pairs = (text(1, key) + block(2, _any(attributes[key], depth)) for key in sorted(attributes))
    return b"".join([block(number, pair) for pair in pairs])


def _any(value: Attribute, depth: int) -> bytes:
    """An AnyValue; None is the empty one. Its fields are written even where they are zero or empty."""
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"\x10\x01" if value else b"\x10\x00"
    if isinstance(value, int):
        fits = -_INT64 <= value < _INT64
        return b"\x18" + varint(value) if fits else block(1, str(value).encode())
    if isinstance(value, float):
        return b"\x21" + struct.pack("<d", value)
    if isinstance(value, str):
        return block(1, utf8(value))
    if isinstance(value, (bytes, bytearray)):
        return block(7, bytes(value))
    if depth >= _DEEPEST:
        return block(1, utf8(canonical_json(to_json(value))))
    if isinstance(value, Mapping):
        return block(6, attributes_fields(1, value, depth=depth + 1))
    return block(5, b"".join([block(1, _any(item, depth + 1)) for item in value]))


# -- reading ----------------------------------------------------------------------------------


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a small message, such as a receiver's reply. Raises ValueError where it is none."""
    at = 0
    while at < len(data):
        tag, at = _varint_at(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint_at(data, at)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(wire)
        if size is None:
            if wire != 2:
                raise ValueError(f"wire type {wire}")
            size, at = _varint_at(data, at)
        if at + size > len(data):
            raise ValueError("cut off")
        yield tag >> 3, data[at : at + size]
        at += size


def _varint_at(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than 64 bits")


def last(data: bytes, number: int) -> int | bytes | None:
    """The field of this number; the last where it occurs several times."""
    found: Iterable[int | bytes] = [value for key, value in fields(data) if key == number]
    return next(reversed(list(found)), None)
