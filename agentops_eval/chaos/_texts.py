"""Any value as text, whatever an agent or a tool put into it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from agentops_eval.domain import Json, canonical_json, to_json

_ENCODER = msgspec.json.Encoder(order="deterministic")  # ten times as fast, and right for most values


def json_text(value: Json) -> str:
    """Canonical JSON: equal values have equal texts. Never raises."""
    try:
        return _ENCODER.encode(value).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):  # a surrogate, an integer of 65 bits
        plain = to_json(value)
    try:
        return canonical_json(plain)
    except ValueError:
        return canonical_json(_with_hexadecimals(plain))


def number_text(value: float) -> str:
    """A number as text: in hexadecimal where Python writes no decimals, from 4,301 of them on."""
    try:
        return str(value)
    except ValueError:
        assert isinstance(value, int)
        return hex(value)


def _with_hexadecimals(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _with_hexadecimals(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_hexadecimals(item) for item in value]
    if isinstance(value, int) and (text := number_text(value)).startswith(("0x", "-0x")):
        return {"$int": text}
    return value
