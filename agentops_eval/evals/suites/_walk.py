"""Values of a file into the structs of its fields; what does not fit is noted, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeGuard, TypeVar, Union, get_args, get_origin

import msgspec

from agentops_eval.domain import Json, nearest
from agentops_eval.evals._meant import words_of
from agentops_eval.evals.suites._document import Place, shown
from agentops_eval.evals.suites._fields import FORMS
from agentops_eval.evals.suites._problems import Problems

S = TypeVar("S", bound=msgspec.Struct)

_PATH = re.compile(r" - at `([^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_IGNORED = re.compile(r"x-|\$schema$")
"""Names at the top of a file that are the author's own."""


def read_struct(
    kind: type[S], value: Json, place: Place, problems: Problems, *, noun: str, top: bool = False
) -> S | None:
    """A struct with every field that fits; None where the value is no mapping, or lacks a needed field."""
    if not isinstance(value, Mapping):
        problems.shape(place, f"{noun} is a mapping, not {shown(value)}")
        return None
    fields = _fields_of(kind)
    read: dict[str, Any] = {}
    for key, item in value.items():
        field = fields.get(key)
        if field is not None:
            found = _read(field.type, item, (*place, key), problems)
            if found is not msgspec.UNSET:
                read[key] = found
        elif not (top and _IGNORED.match(key)):
            what = f"there is no field {shown(key)} of {noun}"
            problems.shape((*place, key), what, meant(key, fields))
    missing = [name for name, field in fields.items() if field.required and name not in read]
    for name in missing:
        if name not in value:
            problems.shape(place, f"{noun} lacks {name}", f"{name}: ...")
    return None if missing else kind(**read)


def meant(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that nothing has."""
    return {"name": "write id, which never changes, or title", "vars": "did you mean 'variables'?"}.get(
        name
    ) or nearest(name, known)


@cache
def _fields_of(kind: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(kind)}


def _read(kind: object, value: Json, place: Place, problems: Problems) -> Any:
    """A field's value; UNSET, noted, for one that does not fit.

    Cases: a mapping for a struct; a list of structs; a mapping whose values are of one kind; anything else.
    """
    inner, within, item_kind = _struct_in(kind), _listed_in(kind), _mapped_in(kind)
    if inner is not None and isinstance(value, Mapping):
        found = read_struct(inner, value, place, problems, noun=_noun(inner))
        return msgspec.UNSET if found is None else found
    if within is not None and isinstance(value, list) and value:
        # A place is kept for what does not fit, so that the others keep theirs.
        return [
            read_struct(within, item, (*place, number), problems, noun=_noun(within))
            for number, item in enumerate(value)
        ]
    if item_kind is not None and isinstance(value, Mapping) and value:
        read = {key: _read(item_kind, item, (*place, key), problems) for key, item in value.items()}
        return {key: item for key, item in read.items() if item is not msgspec.UNSET}
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, inside = told(error, value)
        problems.shape((*place, *inside), what, _nearest_choice(kind, value))
        return msgspec.UNSET


def told(error: msgspec.ValidationError, value: Json) -> tuple[str, Place]:
    """What a validation says, in words of files; and where inside of the value."""
    text = str(error)
    path = _PATH.search(text)
    place: Place = ()
    for name, index in _STEP.findall(path[1]) if path is not None else ():
        step = int(index) if index.isdigit() else name
        if index == "..." or not has(value, step):
            break
        place, value = (*place, step), value[step]  # type: ignore[index]  # it was asked for
    if text.startswith("Invalid enum value"):
        return f"there is no choice {shown(value)}", place
    said = re.sub(r"`([^`]*)`", lambda match: words_of(match[1]), _PATH.sub("", text))
    wanted, _, got = said.removeprefix("Expected ").partition(", got ")
    wanted = next((words for form, words in FORMS.items() if repr(form) in text), wanted)
    told_kind = f", not {got}" if got else ""
    if value is None:
        return f"there is nothing where {wanted} is expected", place
    return f"{shown(value)} does not fit: {wanted} is expected{told_kind}", place


def _nearest_choice(kind: object, value: Json) -> str:
    choices = [choice for part in _parts(kind) if get_origin(part) is Literal for choice in get_args(part)]
    return nearest(value, choices) if choices and isinstance(value, str) else ""


def has(value: Json, step: str | int) -> bool:
    """Whether a mapping has a field of that name, or a list an item of that number."""
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _noun(kind: type[msgspec.Struct]) -> str:
    word = kind.__name__.removesuffix("Fields").lower()
    return {"shared": "defaults", "rule": "a rule", "user": "a user", "suite": "a scenario file"}.get(
        word
    ) or f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _parts(kind: object) -> tuple[object, ...]:
    """The kinds of a union, one that is none alone; what is annotated is laid open."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        return tuple(part for one in get_args(kind) for part in _parts(one))
    return (kind,)


@cache
def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    return next((part for part in _parts(kind) if _is_struct(part)), None)


@cache
def _listed_in(kind: object) -> type[msgspec.Struct] | None:
    lists = (get_args(part)[0] for part in _parts(kind) if get_origin(part) is list)
    return next((item for item in lists if _is_struct(item)), None)


@cache
def _mapped_in(kind: object) -> object:
    """What the values of a mapping are, where not anything; msgspec does not tell which of them is wrong."""
    maps = (get_args(part)[1] for part in _parts(kind) if get_origin(part) is dict)
    return next((item for item in maps if item is not Any), None)


def _is_struct(kind: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
