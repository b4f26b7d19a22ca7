"""What a file's wrong word was probably meant to be, by the type that was expected there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import msgspec

from agentops_eval.domain import nearest

_WRONG = re.compile(r"unknown field `(?P<field>.*)`|Invalid enum value '(?P<value>.*)'", re.DOTALL)


def meant(complaint: str, kind: object) -> str:
    """The remedy to msgspec's complaint about a word: the nearest one that the type knows, else nothing."""
    found = _WRONG.search(complaint)
    if found is None:
        return ""
    try:
        seen = msgspec.inspect.type_info(kind)
    except TypeError:
        return ""
    if found["field"] is not None:
        return nearest(found["field"], set(_fields(seen, set())))
    return nearest(found["value"], set(_values(seen, set())))


def _fields(info: object, seen: set[int]) -> Iterator[str]:
    """The names of the fields of every structure within a type."""
    for one in _within(info, seen):
        if isinstance(one, (msgspec.inspect.StructType, msgspec.inspect.DataclassType)):
            yield from (field.encode_name for field in one.fields)


def _values(info: object, seen: set[int]) -> Iterator[str]:
    """The words that are allowed anywhere within a type."""
    for one in _within(info, seen):
        if isinstance(one, msgspec.inspect.LiteralType):
            yield from map(str, one.values)
        elif isinstance(one, msgspec.inspect.EnumType):
            yield from (str(member.value) for member in one.cls if isinstance(member, Enum))


def _within(info: object, seen: set[int]) -> Iterator[object]:
    if id(info) in seen:
        return
    seen.add(id(info))
    yield info
    for name in ("types", "item_type", "item_types", "key_type", "value_type", "fields"):
        inner = getattr(info, name, None)
        for one in inner if isinstance(inner, tuple) else [inner]:
            held = getattr(one, "type", one) if name == "fields" else one
            if isinstance(held, msgspec.inspect.Type):
                yield from _within(held, seen)
