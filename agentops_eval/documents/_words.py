"""What a validation says of a file, in words of files, and what a wrong word was probably meant to be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum

import msgspec

from agentops_eval.domain import nearest

_WRONG = re.compile(r"unknown field `(?P<field>.*)`|Invalid enum value '(?P<value>.*)'", re.DOTALL)

_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]*)`(?P<more>.*?)(?:, got `(?P<got>[^`]*)`)?", re.DOTALL)
_NO_NUMBER = re.compile(r"Expected `(?:int|float)[^`]*`, got `str`")
_NO_WHOLE = re.compile(r"Expected `int[^`]*`, got `float`")
_LARGEST = 1e15
"""Above this a whole number cannot be told from its neighbours."""
_NUMERAL = re.compile(r"(?P<digits>[-+]?(?:[0-9]{1,9}\.?[0-9]{0,9}|\.[0-9]{1,9})) ?(?P<percent>%?)")
_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def in_words(complaint: str) -> str:
    """msgspec's complaint about a kind: ``a mapping is expected, not a whole number``; any other as it is."""
    found = _EXPECTED.fullmatch(complaint)
    if found is None:
        return complaint
    got = "" if found["got"] is None else f", not {words_of(found['got'])}"
    return f"{words_of(found['kinds'])}{found['more']} is expected{got}"


def words_of(kinds: str) -> str:
    """msgspec's ``int | float | null`` as people say it: ``a number``."""
    parts = [part.strip() for part in kinds.split("|")]
    if len(parts) > 1:
        parts = [part for part in parts if part != "null" and not (part == "int" and "float" in parts)]
    *most, last = (_WORDS.get(part, part) for part in parts)
    return f"{', '.join(most)} or {last}" if most else last


def word_meant(complaint: str, kind: object) -> str:
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


def number_meant(complaint: str, value: object) -> str:
    """The remedy for a text where a number is expected, if it is one: 0.05 for ``5 %``; else nothing.

    Of a number that is not written as a whole one (``1e3``, ``2.5``), the whole one at or above it.
    """
    if isinstance(value, float) and _NO_WHOLE.match(complaint) and abs(value) < _LARGEST:
        return f"write {math.ceil(value)}"
    found = _NUMERAL.fullmatch(value) if isinstance(value, str) else None
    if found is None or _NO_NUMBER.match(complaint) is None:
        return ""
    meant = Decimal(found["digits"]) / (100 if found["percent"] else 1)
    return f"write {meant.normalize():f}"


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
    for name in ("type", "types", "item_type", "item_types", "key_type", "value_type", "fields"):
        inner = getattr(info, name, None)
        for one in inner if isinstance(inner, tuple) else [inner]:
            held = getattr(one, "type", one) if name == "fields" else one
            if isinstance(held, msgspec.inspect.Type):
                yield from _within(held, seen)
