"""What an evaluator is, and how an expectation of a file becomes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from agentops_eval.documents import in_words, word_meant
from agentops_eval.domain import (
    Expectation,
    Json,
    Run,
    Scenario,
    ScenarioInvalid,
    Verdict,
    nearest,
)
from agentops_eval.evals._verdicts import unknown

Evaluator: TypeAlias = Callable[[Run, Scenario], Verdict]
"""A pure function of a run (its trace, its answers, its end state) and its scenario."""

Factory: TypeAlias = Callable[..., Evaluator]
"""Makes an evaluator. Its first parameter is the main one: in a file it may stand alone."""

Resolve: TypeAlias = Callable[[str], Callable[..., object]]
"""Finds ``module:callable``. Raises TargetInvalid."""


def build(expectation: Expectation, factory: Factory, *, resolve: Resolve | None = None) -> Evaluator:
    """The evaluator that an expectation asks for, with its arguments checked.

    An argument that is a callable is ``module:callable`` in a file, and found by ``resolve``. Raises
    ScenarioInvalid with the path of the bad argument and the nearest valid name, and what ``resolve`` raises.
    """
    given = _arguments(expectation, factory)
    kinds = parameters_of(factory)
    read: dict[str, Any] = {}
    for name, value in given.items():
        where = f"{expectation.where}.{name}"
        if name not in kinds:
            what = f"{expectation.evaluator} takes no argument {name!r}"
            raise ScenarioInvalid(what, where=where, remedy=nearest(name, kinds))
        read[name] = _read(expectation, name, value, kinds[name], resolve)
    if not read.keys() >= _required(factory):
        try:
            _signature(factory).bind(**read)
        except TypeError as error:
            what = f"{expectation.evaluator}: {error}"
            raise ScenarioInvalid(what, where=expectation.where, remedy=_usage(expectation, kinds)) from None
    try:
        return named(expectation.evaluator, factory(**read))
    except (ValueError, TypeError) as error:
        raise ScenarioInvalid(f"{expectation.evaluator}: {error}", where=expectation.where) from None


def named(name: str, evaluator: Evaluator) -> Evaluator:
    """The same evaluator, whose verdicts say who gave them. Where it raises, its verdict is unknown."""

    def judged(run: Run, scenario: Scenario) -> Verdict:
        try:
            found = evaluator(run, scenario)
        except (Exception, SystemExit) as error:
            found = unknown(f"the evaluator raised {type(error).__name__}: {_text(error)}")
        # Written out: it is done for every verdict, and dataclasses.replace takes four times as long.
        return Verdict(
            value=found.value,
            score=found.score,
            reason=found.reason,
            evidence=found.evidence,
            evaluator=name,
            source=found.source,
        )

    return judged


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception of the user's may fail to say what it says
        return "its text cannot be read"


@cache
def parameters_of(factory: Factory) -> Mapping[str, Any]:
    """The parameters of a factory with their types, the main one first.

    JSON is not read again: it may be anything, and its type, which holds itself, could not be followed.
    """
    hints = get_type_hints(factory, localns={"Json": Any})
    return {name: hints.get(name, Any) for name in _signature(factory).parameters}


@cache
def _signature(factory: Factory) -> inspect.Signature:
    """Asked for every expectation, of a few dozen factories."""
    return inspect.signature(factory)


@cache
def _required(factory: Factory) -> frozenset[str]:
    return frozenset(name for name in parameters_of(factory) if not _optional(factory, name))


def takes_mapping(kind: object) -> bool:
    """Whether the type of a main parameter admits a mapping, so that one alone may be meant for it."""
    try:
        msgspec.convert({}, kind)
    except msgspec.ValidationError as error:
        return "missing required field" in str(error)
    return True


def _arguments(expectation: Expectation, factory: Factory) -> Mapping[str, Json]:
    """Cases: named arguments; the main one alone; nothing at all.

    A mapping is the main argument only where that may be one and the mapping names none of them all.
    """
    kinds = parameters_of(factory)
    given, main = expectation.arguments, next(iter(kinds), None)
    if isinstance(given, Mapping):
        if main is None or main in given or not takes_mapping(kinds[main]):
            return given
        named = [name for name in given if name in kinds]
        if len(named) == len(given) and named and _optional(factory, main):
            return given
        if named:
            what = f"{expectation.evaluator}: {named[0]} is an argument, and what stands beside it is none"
            remedy = f"write {main}: {{...}} around what is meant as {main}"
            raise ScenarioInvalid(what, where=f"{expectation.where}.{named[0]}", remedy=remedy)
        return {main: given}
    if given is None and (main is None or _optional(factory, main)):
        return {}
    if main is None:
        what = f"{expectation.evaluator} takes no arguments"
        raise ScenarioInvalid(what, where=expectation.where, remedy=f"write {expectation.evaluator}:")
    return {main: given}


def _optional(factory: Factory, name: str) -> bool:
    return _signature(factory).parameters[name].default is not inspect.Parameter.empty


def _read(expectation: Expectation, name: str, value: Json, kind: object, resolve: Resolve | None) -> object:
    if value is not None and _is_callable(kind):
        return _resolved(expectation, name, value, resolve)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        place = f"{expectation.where}.{name}{path.rstrip('`')}"
        remedy = word_meant(what, kind)
        raise ScenarioInvalid(
            f"{expectation.evaluator}: {in_words(what)}", where=place, remedy=remedy
        ) from None


def _is_callable(kind: object) -> bool:
    """Whether a parameter takes a callable, or nothing."""
    return any(get_origin(one) is Callable for one in (kind, *get_args(kind)) if get_origin(one) is not None)


def _resolved(
    expectation: Expectation, name: str, value: Json, resolve: Resolve | None
) -> Callable[..., object]:
    where = f"{expectation.where}.{name}"
    if not isinstance(value, str) or ":" not in value:
        what = f"{expectation.evaluator}: {name} is {value!r:.80}, not the name of a callable"
        raise ScenarioInvalid(what, where=where, remedy=f"write {name}: module:callable")
    if resolve is None:
        raise ScenarioInvalid(f"{expectation.evaluator}: nothing finds {value!r:.80} here", where=where)
    return resolve(value)


def _usage(expectation: Expectation, kinds: Mapping[str, object]) -> str:
    return f"{expectation.evaluator}: {{{', '.join(f'{name}: ...' for name in kinds)}}}"
