"""Keeping a Python value as JSON and rebuilding it: what a tool returned must come back on replay.

Plain JSON stays as it is. Tuples, sets, bytes, dates, decimals and UUIDs are tagged. Dataclasses,
msgspec structs, pydantic models, enums and TypedDicts are kept as plain JSON and rebuilt from the
return annotation. Nothing is ever imported or executed because a recording names it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_type_hints
from uuid import UUID

from agentops_eval.domain import Json, to_json

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
_SEQUENCE_TAGS: dict[str, Callable[[Any], object]] = {"$tuple": tuple, "$set": set, "$frozenset": frozenset}


def keep(value: object) -> Json:
    """Render ``value`` as JSON from which ``restore`` rebuilds it, as far as JSON can."""
    if value is None or type(value) in (bool, int, str, float):
        return to_json(value)
    if type(value) is list:
        return [keep(item) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: keep(item) for key, item in value.items()}
    if type(value) is tuple:
        return {"$tuple": [keep(item) for item in value]}
    if type(value) in (set, frozenset):
        tag = f"${type(value).__name__}"
        return {tag: sorted((keep(item) for item in value), key=repr)}  # type: ignore[attr-defined]
    for tag, (kind, dump, _) in _TEXT_TAGS.items():
        if type(value) is kind:
            return {tag: dump(value)}
    return _keep_object(value)


def _keep_object(value: object) -> Json:
    """Dataclasses, pydantic models and structs field by field; the rest as JSON can show it."""
    if isinstance(value, type):
        return to_json(value)
    if is_dataclass(value):
        return {field.name: keep(getattr(value, field.name)) for field in fields(value)}
    for names in (getattr(type(value), "model_fields", None), getattr(value, "__struct_fields__", None)):
        if names is not None:
            return {name: keep(getattr(value, name)) for name in names}
    return to_json(value)


def restore(value: Json, annotation: object = None) -> object:
    """Rebuild what ``keep`` rendered, guided by the return annotation where JSON lost the type.

    Raises ValueError where the annotation does not fit the recorded value.
    """
    plain = _untag(value)
    if annotation in (None, Any, inspect.Signature.empty) or plain is None:
        return plain
    if isinstance(annotation, type) and hasattr(annotation, "model_validate"):
        return annotation.model_validate(plain)
    if not _needs_type(annotation):
        return plain
    import msgspec

    try:
        return msgspec.convert(plain, annotation, strict=False)
    except (msgspec.ValidationError, TypeError) as error:
        raise ValueError(str(error)) from error


def survives(value: object, annotation: object) -> bool:
    """Whether ``restore(keep(value))`` gives a value equal to ``value``."""
    if value is None or type(value) in (bool, int, str, float):
        return True
    try:
        again = restore(keep(value), annotation)
        return type(again) is type(value) and bool(again == value)
    except Exception:  # an exotic type's own conversion failed
        return False


def _untag(value: Json) -> Any:
    if isinstance(value, list):
        return [_untag(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        tag, inner = next(iter(value.items()))
        if tag in _TEXT_TAGS and isinstance(inner, str):
            return _TEXT_TAGS[tag][2](inner)
        if tag in _SEQUENCE_TAGS and isinstance(inner, list):
            return _SEQUENCE_TAGS[tag](_untag(item) for item in inner)
        if tag == "$float" and isinstance(inner, str):
            return float(inner)
    return {key: _untag(item) for key, item in value.items()}


def _needs_type(annotation: object) -> bool:
    """Whether any part of the annotation is a class of its own that JSON cannot carry."""
    parts = getattr(annotation, "__args__", ())
    if parts:
        return any(_needs_type(part) for part in parts)
    if not isinstance(annotation, type):
        return False
    return is_dataclass(annotation) or (
        annotation.__module__ not in ("builtins", "datetime", "decimal", "uuid", "typing")
        and annotation.__module__ in sys.modules
    )


@lru_cache(maxsize=1024)
def return_annotation(function: Callable[..., object]) -> object:
    """The resolved return annotation of ``function``; None where there is none."""
    try:
        return get_type_hints(function).get("return")
    except Exception:  # a forward reference that cannot be resolved here
        return None
