"""What an evaluator is, and how an expectation of a file becomes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias, get_type_hints

import msgspec

from agentops_eval.domain import (
    Expectation,
    Json,
    Run,
    Scenario,
    ScenarioInvalid,
    Verdict,
    VerdictValue,
    nearest,
)
from agentops_eval.evals._meant import meant

_LONGEST_REASON = 500

Evaluator: TypeAlias = Callable[[Run, Scenario], Verdict]
"""A pure function of a run (its trace, its answers, its end state) and its scenario."""

Factory: TypeAlias = Callable[..., Evaluator]
"""Makes an evaluator. Its first parameter is the main one: in a file it may stand alone."""


def build(expectation: Expectation, factory: Factory) -> Evaluator:
    """The evaluator that an expectation asks for, with its arguments checked.

    Raises ScenarioInvalid with the path of the bad argument and the nearest valid name.
    """
    given = _arguments(expectation, factory)
    kinds = parameters_of(factory)
    read: dict[str, Any] = {}
    for name, value in given.items():
        where = f"{expectation.where}.{name}"
        if name not in kinds:
            what = f"{expectation.evaluator} takes no argument {name!r}"
            raise ScenarioInvalid(what, where=where, remedy=nearest(name, kinds))
        read[name] = _read(expectation, name, value, kinds[name])
    try:
        inspect.signature(factory).bind(**read)
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
        except Exception as error:
            reason = f"the evaluator raised {type(error).__name__}: {error}"[:_LONGEST_REASON]
            found = Verdict(value=VerdictValue.UNKNOWN, reason=reason)
        return replace(found, evaluator=name)

    return judged


@cache
def parameters_of(factory: Factory) -> Mapping[str, Any]:
    """The parameters of a factory with their types, the main one first."""
    hints = get_type_hints(factory)
    return {name: hints.get(name, Any) for name in inspect.signature(factory).parameters}


def takes_mapping(kind: object) -> bool:
    """Whether the type of a main parameter admits a mapping, so that one alone may be meant for it."""
    try:
        msgspec.convert({}, kind)
    except msgspec.ValidationError as error:
        return "missing required field" in str(error)
    return True


def _arguments(expectation: Expectation, factory: Factory) -> Mapping[str, Json]:
    """Cases: named arguments; the main one alone; nothing at all.

    A mapping is the main argument only where that may be one and the mapping does not name it.
    """
    kinds = parameters_of(factory)
    given, main = expectation.arguments, next(iter(kinds), None)
    if isinstance(given, Mapping):
        whole = main is not None and main not in given and takes_mapping(kinds[main])
        return {main: given} if whole and main is not None else given
    if given is None and (main is None or _optional(factory, main)):
        return {}
    if main is None:
        what = f"{expectation.evaluator} takes no arguments"
        raise ScenarioInvalid(what, where=expectation.where, remedy=f"write {expectation.evaluator}:")
    return {main: given}


def _optional(factory: Factory, name: str) -> bool:
    return inspect.signature(factory).parameters[name].default is not inspect.Parameter.empty


def _read(expectation: Expectation, name: str, value: Json, kind: object) -> object:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        place = f"{expectation.where}.{name}{path.rstrip('`')}"
        remedy = meant(what, kind)
        raise ScenarioInvalid(f"{expectation.evaluator}: {what}", where=place, remedy=remedy) from None


def _usage(expectation: Expectation, kinds: Mapping[str, object]) -> str:
    return f"{expectation.evaluator}: {{{', '.join(f'{name}: ...' for name in kinds)}}}"
