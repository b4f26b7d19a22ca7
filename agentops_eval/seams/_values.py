"""Keeping a Python value as JSON and rebuilding it: what a tool returned must come back on replay.

Plain JSON stays as it is. Tuples, sets, bytes, dates, decimals and UUIDs are tagged. What is made of
classes of its own (dataclasses, msgspec structs, pydantic models, enums, TypedDicts) is kept as plain
JSON, from which ``_revive`` rebuilds it by the return annotation. Nothing is ever imported or executed
because a recording names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from agentops_eval.domain import Json, to_json

MAX_DEPTH = 100  # what lies deeper is cut off, and warned of

_TEXT_TAGS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], object]]] = {
    "$bytes": (bytes, bytes.hex, bytes.fromhex),
    "$datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "$date": (date, date.isoformat, date.fromisoformat),
    "$time": (time, time.isoformat, time.fromisoformat),
    "$decimal": (Decimal, str, Decimal),
    "$uuid": (UUID, str, UUID),
    "$timedelta": (timedelta, lambda d: repr(d.total_seconds()), lambda s: timedelta(seconds=float(s))),
    "$complex": (complex, repr, complex),
}
_PLAIN = frozenset({str, int, bool, type(None)})
SEQUENCE_TAGS: dict[str, Callable[[Any], Any]] = {"$tuple": tuple, "$set": set, "$frozenset": frozenset}


def keep(value: object, *, _above: tuple[int, ...] = ()) -> Json:
    """Render ``value`` as JSON from which ``restore`` rebuilds it, as far as JSON can."""
    kind = type(value)
    if kind in _PLAIN:
        return value  # type: ignore[return-value]  # what JSON's own types need is nothing
    if kind is float:
        return to_json(value)
    if id(value) in _above or len(_above) >= MAX_DEPTH:  # it holds itself, as a child that knows its parent
        return {"$truncated": kind.__name__}
    deeper = (*_above, id(value))
    # Most items need nothing, and asking here whether they do takes a fraction of a call.
    if type(value) is list:
        return [item if type(item) in _PLAIN else keep(item, _above=deeper) for item in value]
    if type(value) is dict:
        return {
            str(key): item if type(item) in _PLAIN else keep(item, _above=deeper)
            for key, item in value.items()
        }
    if type(value) is tuple:
        return {"$tuple": [keep(item, _above=deeper) for item in value]}
    if type(value) in (set, frozenset):
        return {f"${type(value).__name__}": _sorted(value, deeper)}
    for tag, (kind, dump, _) in _TEXT_TAGS.items():
        if type(value) is kind:
            return {tag: dump(value)}
    return _keep_object(value, deeper)


def _sorted(items: Any, above: tuple[int, ...]) -> list[Json]:
    return sorted((keep(item, _above=above) for item in items), key=repr)


def _keep_object(value: Any, above: tuple[int, ...]) -> Json:
    """What has fields goes field by field, a container item by item; the rest as JSON can show it."""
    if isinstance(value, type):
        return to_json(value)
    if getattr(value, "__pydantic_root_model__", False):
        return keep(value.root, _above=above)
    names = _field_names(value)
    if names is not None:
        return {name: keep(getattr(value, name), _above=above) for name in names if hasattr(value, name)}
    if isinstance(value, Mapping):
        return {str(key): keep(item, _above=above) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [keep(item, _above=above) for item in value]
    if isinstance(value, (set, frozenset)):
        return _sorted(value, above)
    return to_json(value)


def _field_names(value: Any) -> list[str] | None:
    """The fields of a dataclass, pydantic model or msgspec struct; None for anything else."""
    kind = type(value)
    if is_dataclass(value):
        return [field.name for field in fields(value)]
    if hasattr(kind, "model_fields"):
        return [*kind.model_fields, *(getattr(value, "model_extra", None) or ())]
    names = getattr(kind, "__struct_fields__", None)
    return None if names is None else list(names)


def restore(value: Json, *, plainer: bool = False) -> Any:
    """Rebuild what ``keep`` rendered, as far as that needs no class of the agent's own.

    ``plainer`` puts the text in the place of an object of which only the text was kept.
    """
    if isinstance(value, list):
        return [restore(item, plainer=plainer) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        tag, inner = next(iter(value.items()))
        if tag in _TEXT_TAGS and isinstance(inner, str):
            return _TEXT_TAGS[tag][2](inner)
        if tag in SEQUENCE_TAGS and isinstance(inner, list):
            return SEQUENCE_TAGS[tag](restore(item, plainer=plainer) for item in inner)
        if tag == "$float" and isinstance(inner, str):
            return float(inner)
    text = text_of(value)
    if plainer and text is not None:
        return text
    return {key: restore(item, plainer=plainer) for key, item in value.items()}


def text_of(value: Json) -> str | None:
    """The text of an object of which only that was kept (a path, an address); None for others."""
    if isinstance(value, Mapping) and value.keys() == {"$repr", "text"} and isinstance(value["text"], str):
        return value["text"]
    return None


def same(one: Any, other: Any) -> bool:
    """Equal in value and in every type inside: 1 is neither True nor 1.0, which an llm would be told."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)  # also where it is no number
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict:
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    kind: Any = type(one)
    if kind.__eq__ is not object.__eq__ and one != other:
        return False
    return json.dumps(keep(one)) == json.dumps(keep(other))
