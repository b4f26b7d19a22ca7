"""A mapping of a file becomes a structure: every field that is wrong is noted, and the others are read.

A structure is a msgspec struct or a dataclass. A union holds one at most: nothing in a file tells which.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from agentops_eval.documents._document import Place, path_text, shown
from agentops_eval.documents._kind import with_article
from agentops_eval.documents._problems import Problems
from agentops_eval.documents._words import number_meant, word_meant, words_of
from agentops_eval.domain import Json, nearest

S = TypeVar("S")
Noted: TypeAlias = Problems[Any]
"""The walk only adds to problems, whichever error they are."""

_PATH = re.compile(r" - at `([^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_IGNORED = re.compile(r"x-|\$schema$")
"""Names at the top of a file that are the author's own."""
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class _Field(NamedTuple):
    name: str
    type: object
    required: bool


def read_struct(
    type_: type[S], value: Json, place: Place, problems: Noted, *, noun: str, top: bool = False
) -> S | None:
    """A structure with every field that fits; None where the value is no mapping, or lacks a needed field.

    What does not fit is noted with its place. ``noun`` is what messages call the structure; ``top`` says
    that it is the whole file, in which ``$schema`` and names that begin with ``x-`` are passed over. What
    ``__post_init__`` refuses with a ValueError is noted like everything else. Of a list of structures only
    its least length is checked, not its greatest.
    """
    if not isinstance(value, Mapping):
        example = problems.kind.example if top else ""
        problems.shape(place, f"{noun} is a mapping, not {shown(value)}", example)
        return None
    fields = _fields_of(type_)  # type: ignore[arg-type]  # classes can be hashed
    read: dict[str, Any] = {}
    for key, item in value.items():
        field = fields.get(key)
        if field is not None:
            found = _read(field.type, item, (*place, key), problems)
            if found is not msgspec.UNSET:
                read[field.name] = found
        elif not (top and _IGNORED.match(key)):
            what = f"there is no field {shown(key)} of {noun}"
            problems.shape((*place, key), what, problems.kind.meant(key, fields))
    missing = [key for key, field in fields.items() if field.required and field.name not in read]
    for key in missing:
        if key not in value:
            problems.shape(place, f"{noun} lacks {key}", f"{key}: ...")
    if missing:
        return None
    try:
        return type_(**read)
    except ValueError as error:
        problems.add(place, str(error))
        return None


@cache
def _fields_of(type_: type) -> Mapping[str, _Field]:
    """The fields by what a file calls them."""
    if issubclass(type_, msgspec.Struct):
        return {
            field.encode_name: _Field(field.name, field.type, field.required)
            for field in msgspec.structs.fields(type_)
        }
    assert dataclasses.is_dataclass(type_), f"{type_} is neither a struct nor a dataclass"
    hints = get_type_hints(type_, include_extras=True)
    return {
        field.name: _Field(field.name, hints[field.name], _is_required(field))
        for field in dataclasses.fields(type_)
        if field.init
    }


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _read(type_: object, value: Json, place: Place, problems: Noted) -> Any:
    """A field's value; UNSET, noted, for one that does not fit.

    Cases: a mapping for a structure; a list of structures; a mapping whose values are of one type; anything
    else.
    """
    inner, within, item_type = _struct_in(type_), _listed_in(type_), _mapped_in(type_)
    if inner is not None and isinstance(value, Mapping):
        found = read_struct(inner, value, place, problems, noun=_noun(inner, problems))
        return msgspec.UNSET if found is None else found
    if within is not None and isinstance(value, list) and value:
        item, made = within
        noun = _noun(item, problems)
        # A place is kept for what does not fit, so that the others keep theirs.
        return made(
            read_struct(item, one, (*place, number), problems, noun=noun) for number, one in enumerate(value)
        )
    if item_type is not None and isinstance(value, Mapping) and value:
        read = {key: _read(item_type, item, (*place, key), problems) for key, item in value.items()}
        return {key: item for key, item in read.items() if item is not msgspec.UNSET}
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        what, inside = _told(error, value, problems.kind.forms)
        told = str(error)
        remedy = _nearest_choice(type_, value) or word_meant(told, type_) or number_meant(told, value)
        if within is not None and isinstance(value, Mapping) and place and isinstance(place[-1], str):
            remedy = f"put it into a list:  {path_text(place[-1:])}: [{{...}}]"
        problems.shape((*place, *inside), what, remedy)
        return msgspec.UNSET


def _told(error: msgspec.ValidationError, value: Json, forms: Mapping[str, str]) -> tuple[str, Place]:
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
    wanted = next((words for form, words in forms.items() if repr(form) in text), wanted)
    told_type = f", not {got}" if got else ""
    if value is None:
        return f"there is nothing where {wanted} is expected", place
    return f"{shown(value)} does not fit: {wanted} is expected{told_type}", place


def _nearest_choice(type_: object, value: Json) -> str:
    choices = [choice for part in _parts(type_) if get_origin(part) is Literal for choice in get_args(part)]
    return nearest(value, choices) if choices and isinstance(value, str) else ""


def has(value: Json, step: str | int) -> bool:
    """Whether a mapping has a field of that name, or a list an item of that number."""
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _noun(type_: type, problems: Noted) -> str:
    """What messages call a structure: ``a matrix`` for MatrixFields, unless the kind of file knows better."""
    words = _CAPITAL.sub(" ", type_.__name__.removesuffix("Fields")).lower()
    return problems.kind.nouns.get(type_) or with_article(words)


def _parts(type_: object) -> tuple[object, ...]:
    """The types of a union, one that is none alone; what is annotated is laid open."""
    while get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    if get_origin(type_) in (Union, UnionType):
        return tuple(part for one in get_args(type_) for part in _parts(one))
    return (type_,)


@cache
def _struct_in(type_: object) -> type | None:
    return next((part for part in _parts(type_) if isinstance(part, type) and _is_struct(part)), None)


@cache
def _listed_in(type_: object) -> tuple[type, Callable[..., Sequence[object]]] | None:
    """The structure that a list or a tuple of any length is of, and which of both it is."""
    for part in _parts(type_):
        origin, inner = get_origin(part), get_args(part)
        if origin is list or (origin is tuple and inner[1:] == (...,)):
            item = _struct_in(inner[0])
            return None if item is None else (item, origin)
    return None


@cache
def _mapped_in(type_: object) -> object:
    """What the values of a mapping are, where not anything; msgspec does not tell which of them is wrong."""
    maps = (get_args(part)[1] for part in _parts(type_) if get_origin(part) in (dict, Mapping))
    return next((item for item in maps if item is not Any), None)


def _is_struct(type_: type) -> bool:
    return issubclass(type_, msgspec.Struct) or dataclasses.is_dataclass(type_)
