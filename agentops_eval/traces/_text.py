"""Text of goldens and reports: JSON as bytes, well-formed strings, and excerpts safe to print."""

from __future__ import annotations

import re
from collections.abc import Callable

from agentops_eval.domain import Json

_SURROGATES = re.compile("[\ud800-\udfff]")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,16}")


def to_utf8(text: str) -> bytes:
    """JSON text as bytes; lone surrogates, which UTF-8 cannot hold, are written as JSON escapes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def well_formed(text: str) -> str:
    """Join surrogate pairs that were split between two chunks; lone ones stay as they are."""
    if _SURROGATES.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def stable_message(text: str) -> str:
    """An exception's message without memory addresses, which differ in every run."""
    return well_formed(_ADDRESS.sub("at 0x...", text))


def printable(text: str) -> str:
    """Escape whatever could move a cursor, break a line or hide: control, format, separator, surrogate."""
    if text.isprintable():
        return text
    return "".join(ch if ch.isprintable() else _escaped(ch) for ch in text)


def _escaped(char: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if short is not None:
        return short
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def map_strings(value: Json, change: Callable[[str], str]) -> Json:
    """The same JSON value with every string (keys left alone) passed through ``change``."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: map_strings(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [map_strings(item, change) for item in value]
    return value
