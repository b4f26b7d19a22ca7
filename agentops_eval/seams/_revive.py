"""Giving a kept result its types back, guided by the return annotation of the tool that returned it.

What was kept is the measure: plain values stay exactly as recorded (a 60 in a field of type float
stays a 60), and only classes that JSON cannot carry are put back on. pydantic validates its own
models. The plan for an annotation is made once per tool; only classes that the annotation names are
ever constructed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

from agentops_eval.domain import Json
from agentops_eval.seams._values import SEQUENCE_TAGS, keep, restore, same, text_of

Revive = Callable[[Json], Any]
Names = Mapping[Any, Any]  # what the type variables of a generic class stand for

# Types whose text makes an equal value again, and whose constructor does nothing else.
_TEXTUAL_MODULES = frozenset({"fractions", "ipaddress", "pathlib"})
_KEY_READERS: dict[Any, Callable[[str], Any]] = {
    bool: lambda text: text == "True",
    int: int,
    float: float,
    Decimal: Decimal,
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


class OtherShape(ValueError):
    """The kept value cannot be a rendering of this type at all: it is something else, and stays so."""


class Reviver:
    """Rebuilds what one tool returned.

    The annotation is read at the first result: the classes that it names may be defined after the tool.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._plan: tuple[Revive | None] | None = None
        self.annotation: object = None

    def __call__(self, value: Json) -> Any:
        """The value as the tool returned it. Raises ValueError where its type no longer fits it."""
        try:
            if self._plan is None:
                self.annotation = return_annotation(self._function)
                self._plan = (plan_for(self.annotation),)
            return apply_plan(self._plan[0], value)
        except Exception as error:  # constructors are the user's, and raise what they like
            raise ValueError(str(error) or type(error).__name__) from error

    def gives(self, result: object, kept: Json) -> bool:
        """Whether ``kept``, the rendering of ``result``, is rebuilt as an equal value of the same types."""
        try:
            return same(result, self(kept))
        except Exception:  # the type's own constructor or comparison failed
            return False


def return_annotation(function: Any) -> object:
    """The resolved return annotation of a callable; None where there is none that can be resolved."""
    targets = (function, getattr(function, "func", None), type(function).__call__)
    return next((said for target in targets if (said := _returns(target)) is not None), None)


def _returns(target: Any) -> object:
    try:
        return get_type_hints(target).get("return")
    except Exception:  # no function, or a forward reference that cannot be resolved here
        return None


def plan_for(annotation: object) -> Revive | None:
    """How to rebuild a value of this type; None where plain data is all that it can hold."""
    return _Planner().plan(annotation, {})


def apply_plan(plan: Revive | None, value: Json) -> Any:
    if plan is None or value is None:
        return restore(value)
    try:
        return plan(value)
    except OtherShape:
        return restore(value)


def _at(place: object, plan: Revive | None, value: Json) -> Any:
    """Rebuild a part; an error says where it stands."""
    try:
        return apply_plan(plan, value)
    except Exception as error:
        text = str(error)
        raise ValueError(f"{place}{'' if text.startswith('[') else ': '}{text}") from error


class _Late:
    """A plan that is still being made."""

    plan: Revive | None = None

    def __call__(self, value: Json) -> Any:
        return restore(value) if self.plan is None else self.plan(value)


class _Planner:
    """Makes plans. A class that holds itself is met again before its own plan is done."""

    def __init__(self) -> None:
        self._plans: dict[Any, Revive] = {}

    def plan(self, annotation: Any, names: Names) -> Revive | None:
        """The cases: a variable, a wrapper around a type, a union, a class, a container of types."""
        if isinstance(annotation, TypeVar):
            meant = names.get(annotation, annotation.__bound__)
            return None if meant is annotation else self.plan(meant, names)
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self.plan(args[0], names)
        wrapped = getattr(annotation, "__supertype__", None)  # a NewType
        if wrapped is not None:
            return self.plan(wrapped, names)
        alias = annotation if origin is None else origin
        if type(alias).__name__ == "TypeAliasType":  # `type X = ...`, since Python 3.12
            return self._alias(alias, _named(alias.__type_params__, args, names))
        if origin in (Union, UnionType):
            return self._union(args, names)
        if isinstance(alias, type):
            return self._class(alias, args, names) or self._container(alias, args, names)
        return None

    def _alias(self, alias: Any, names: dict[Any, Any]) -> Revive | None:
        known = (alias, tuple(names.items()))
        if known in self._plans:
            return self._plans[known]
        late = self._plans[known] = _Late()
        late.plan = self.plan(alias.__value__, names)
        return late.plan

    def _class(self, kind: type, args: tuple[Any, ...], names: Names) -> Revive | None:
        make = _maker_of(kind)
        if make is None:
            return None
        inner = _named(getattr(kind, "__parameters__", ()), args, names)
        known = (kind, tuple(inner.items()))
        if known not in self._plans:
            late = self._plans[known] = _Late()
            late.plan = self._plans[known] = make(self, kind, inner)
        return self._plans[known]

    def hints(self, kind: type, names: Names) -> dict[str, Revive | None]:
        """The plans of a class's fields."""
        own = {
            p.__name__: p for p in getattr(kind, "__type_params__", ())
        }  # `class Page[T]`, since Python 3.12
        hints = get_type_hints(kind, localns={**vars(kind), **own}) if own else get_type_hints(kind)
        return {name: self.plan(hint, names) for name, hint in hints.items()}

    def _container(self, kind: type, args: tuple[Any, ...], names: Names) -> Revive | None:
        if issubclass(kind, Mapping):
            key, item = args if len(args) == 2 else (str, None)
            return _mapping(kind, _key_reader(key), self.plan(item, names))
        if issubclass(kind, tuple) and args[-1:] != (...,):
            plans = [self.plan(arg, names) for arg in args]
            return _sequence(plans, None) if any(plans) else None
        each = self.plan(args[0], names) if args else None
        return None if each is None else _sequence([], each)

    def _union(self, arms: tuple[Any, ...], names: Names) -> Revive | None:
        plans = [(arm, self.plan(arm, names)) for arm in arms if arm is not type(None)]
        typed = [plan for _, plan in plans if plan is not None]
        plain = [arm for arm, plan in plans if plan is None]
        return _choice(typed, plain) if typed else None


def _named(parameters: tuple[Any, ...], args: tuple[Any, ...], names: Names) -> dict[Any, Any]:
    """What the parameters of a generic class mean, where those of its user mean ``names``."""
    meant = (names.get(arg, arg) if isinstance(arg, TypeVar) else arg for arg in args)
    return dict(zip(parameters, meant, strict=False))


def _choice(typed: list[Revive], plain: list[Any]) -> Revive:
    """The arm of a union: one that explains the kept value exactly, else one that can hold it."""

    def revive(value: Json) -> Any:
        made: list[Any] = []
        errors: list[Exception] = []
        for plan in typed:
            try:
                made.append(plan(value))
            except Exception as error:
                errors.append(error)
            else:
                if keep(made[-1]) == value:
                    return made[-1]
        restored = restore(value)
        if any(_admits(arm, restored) for arm in plain):
            return restored
        if made:
            return made[0]
        raise next((error for error in errors if not isinstance(error, OtherShape)), errors[0])

    return revive


def _admits(arm: Any, value: object) -> bool:
    origin = get_origin(arm) or arm
    return origin in (Any, object) or not isinstance(origin, type) or isinstance(value, origin)


def _sequence(first: list[Revive | None], rest: Revive | None) -> Revive:
    """Lists, tuples and sets: which of them it was is kept, what is in it the annotation says."""

    def revive(value: Json) -> Any:
        kind: Callable[[Any], Any] = list
        if isinstance(value, Mapping) and len(value) == 1:
            tag, value = next(iter(value.items()))
            kind = SEQUENCE_TAGS.get(tag, list)
        if not isinstance(value, list):
            raise OtherShape("a list was expected")
        plans = first or [rest] * len(value)
        if len(plans) != len(value):
            raise OtherShape(f"{len(plans)} items were expected, not {len(value)}")
        return kind(_at(f"[{n}]", *pair) for n, pair in enumerate(zip(plans, value, strict=True)))

    return revive


def _mapping(kind: type, key: Callable[[str], Any] | None, item: Revive | None) -> Revive | None:
    plain = kind is dict or kind.__module__ in ("collections.abc", "typing")
    if key is None and item is None and plain:
        return None

    def revive(value: Json) -> Any:
        if not isinstance(value, Mapping) or (len(value) == 1 and next(iter(value)) in SEQUENCE_TAGS):
            raise OtherShape("an object was expected")
        made = {name if key is None else key(name): _at(f"[{name!r}]", item, value[name]) for name in value}
        return made if plain else kind(made)

    return revive


def _key_reader(kind: Any) -> Callable[[str], Any] | None:
    """How to read a key back from its text, which is what JSON can hold."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = {str(member): member for member in kind}
        return lambda text: members[text]
    if isinstance(kind, type) and _is_textual(kind):
        return kind
    return _KEY_READERS.get(kind)


# -- classes --------------------------------------------------------------------------------------

_Maker = Callable[[_Planner, Any, Names], Revive]


def _maker_of(kind: Any) -> _Maker | None:
    if hasattr(kind, "__pydantic_validator__"):
        return _pydantic
    if issubclass(kind, Enum):
        return _enum
    if is_typeddict(kind):
        return _typed_dict
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _named_tuple
    if is_dataclass(kind) or hasattr(kind, "__struct_fields__"):
        return _record
    if _is_textual(kind):
        return _textual
    if issubclass(kind, (str, int, float)) and kind not in (str, int, float, bool):
        return _scalar
    return None


def _is_textual(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in _TEXTUAL_MODULES


def _pydantic(planner: _Planner, kind: Any, names: Names) -> Revive:
    adapters: list[Any] = []
    is_root = getattr(kind, "__pydantic_root_model__", False)

    def revive(value: Json) -> Any:
        pydantic = sys.modules.get("pydantic")
        if pydantic is None or not (is_root or isinstance(value, Mapping)):
            raise OtherShape(f"the fields of a {kind.__name__} were expected")
        if not adapters:
            adapters.append(pydantic.TypeAdapter(kind))
        plain = restore(value, plainer=True)
        try:
            return adapters[0].validate_python(plain, strict=False, by_name=True, by_alias=False)
        except TypeError:  # before pydantic 2.11, which knows fields by their aliases only
            return adapters[0].validate_python(plain, strict=False)

    return revive


def _enum(planner: _Planner, kind: Any, names: Names) -> Revive:
    def revive(value: Json) -> Any:
        for member in kind:
            if keep(member) == value:
                return member
        return kind(restore(value))  # a combination of flags; ValueError for what is no member

    return revive


def _typed_dict(planner: _Planner, kind: Any, names: Names) -> Revive:
    plans = planner.hints(kind, names)

    def revive(value: Json) -> Any:
        if not isinstance(value, Mapping):
            raise OtherShape(f"the keys of a {kind.__name__} were expected")
        return {name: _at(f"[{name!r}]", plans.get(name), item) for name, item in value.items()}

    return revive


def _named_tuple(planner: _Planner, kind: Any, names: Names) -> Revive:
    plans = planner.hints(kind, names)

    def revive(value: Json) -> Any:
        if not isinstance(value, list) or len(value) != len(kind._fields):
            raise OtherShape(f"the {len(kind._fields)} items of a {kind.__name__} were expected")
        named = zip(kind._fields, value, strict=True)
        return kind._make([_at(f"[{name!r}]", plans.get(name), item) for name, item in named])

    return revive


def _record(planner: _Planner, kind: Any, names: Names) -> Revive:
    """A dataclass or a struct: constructed, so that what it derives is there, then given its fields."""
    plans = planner.hints(kind, names)
    given = [f.name for f in fields(kind) if f.init] if is_dataclass(kind) else kind.__struct_fields__
    own = [f.name for f in fields(kind)] if is_dataclass(kind) else []

    def revive(value: Json) -> Any:
        if not isinstance(value, Mapping):
            raise OtherShape(f"the fields of a {kind.__name__} were expected")
        parts = {name: _at(f"[{name!r}]", plans.get(name), item) for name, item in value.items()}
        made = kind(**{name: parts[name] for name in given if name in parts})
        for name in own:
            if name in parts:
                object.__setattr__(made, name, parts[name])  # also where the class is frozen
        return made

    return revive


def _textual(planner: _Planner, kind: Any, names: Names) -> Revive:
    def revive(value: Json) -> Any:
        text = text_of(value)
        if text is None:
            raise OtherShape(f"the text of a {kind.__name__} was expected")
        return kind(text)

    return revive


def _scalar(planner: _Planner, kind: Any, names: Names) -> Revive:
    """A subclass of str, int or float."""

    def revive(value: Json) -> Any:
        if not isinstance(value, (str, int, float)):
            raise OtherShape(f"the value of a {kind.__name__} was expected")
        return kind(value)

    return revive
