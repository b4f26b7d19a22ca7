"""JSON values: the only shape in which requests and answers are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"

MAX_DEPTH = 64
_EXACT = frozenset((str, int, bool))
# Made once: an encoder for every call costs as much as the encoding of an ordinary value.
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ASCII = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def canonical_json(value: Json, *, sort_keys: bool = True) -> str:
    """The one spelling of a JSON value: compact, keys sorted, not escaped beyond need."""
    return (_SORTED if sort_keys else _AS_GIVEN).encode(value)


def ascii_json(value: Json) -> str:
    """The same in ASCII, whatever the value holds: what is hashed as it stands, and sent anywhere."""
    return _ASCII.encode(value)


def to_json(value: object, *, _depth: int = 0) -> Json:
    """Render any Python value as JSON without ever failing.

    Mappings, sequences, dataclasses, enums-with-value and pydantic models (``model_dump``) keep
    their structure; sets are sorted by their rendering, so that hash order cannot show; bytes
    become ``{"$bytes": <hex>}``; anything else becomes ``{"$repr": <type name>}``, because a
    default ``repr`` holds a memory address and would differ in every run.
    """
    if value is None or type(value) in _EXACT:
        return value  # type: ignore[return-value]  # what JSON's own types need is nothing
    if isinstance(value, (bool, int, str)):
        return _plain(value)
    if isinstance(value, float):
        return value if value - value == 0 else {"$float": repr(value)}
    if _depth >= MAX_DEPTH:
        return {"$truncated": type(value).__name__}
    if isinstance(value, (dict, Mapping)):  # looked up in this order: dict needs no abstract class
        # Most values need nothing, and asking here whether they do takes a fraction of a call.
        return {
            k if type(k) is str else str(k): v if type(v) in _EXACT else to_json(v, _depth=_depth + 1)
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _EXACT else to_json(item, _depth=_depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((to_json(item, _depth=_depth + 1) for item in value), key=repr)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": bytes(value).hex()}
    return _object(value, _depth)


def _plain(value: bool | int | str) -> Json:
    """Strip subclasses (StrEnum, IntEnum), so that equality and rendering are those of JSON."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value


def _object(value: object, depth: int) -> Json:
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return to_json(dump(mode="json"), _depth=depth + 1)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name), _depth=depth + 1) for f in fields(value)}
    inner = getattr(value, "value", None)
    if isinstance(inner, (str, int, float)):
        return to_json(inner, _depth=depth + 1)
    if type(value).__str__ is not object.__str__ and type(value).__repr__ is not object.__repr__:
        return {"$repr": type(value).__name__, "text": str(value)}
    return {"$repr": type(value).__name__}
