"""Whether a value is within a tolerance, by Chaos Toolkit's rules; pure.

Where Chaos Toolkit would end with an exception, as for a range of what is no number, the value is out of
its tolerance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from agentops_eval.chaos.experiments._substitute import substitute
from agentops_eval.documents import shown
from agentops_eval.domain import Activity, Asked, AtPath, Between, Exactly, Json, Matches, OneOf, Tolerance

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath

Ask: TypeAlias = Callable[[Activity, Json], bool]
"""Asks an activity about a value; false where it could not be asked."""

_NOTHING: Mapping[str, Json] = {}


def within(tolerance: Tolerance, value: Json, *, ask: Ask, values: Mapping[str, Json] = _NOTHING) -> bool:
    """Whether the value that a probe gave is within its tolerance.

    ``values`` are what ``${name}`` means in texts of the tolerance.
    """
    target = getattr(tolerance, "target", "")
    if target and not isinstance(value, Mapping):  # it has no fields
        return False
    match tolerance:
        case Exactly():
            return _equals(tolerance, value, values)
        case OneOf():
            return _among(list(tolerance.values), value)
        case Matches():
            found = _target(value, tolerance.target)
            pattern = substitute(tolerance.pattern, values)
            return isinstance(found, str) and _found(str(pattern), found)
        case AtPath():
            return _at_path(tolerance, value, values)
        case Between():
            return _between(tolerance, _target(value, tolerance.target))
        case Asked():
            return ask(tolerance.activity, value)


def told_tolerance(tolerance: Tolerance) -> str:
    """A tolerance in words, for messages."""
    match tolerance:
        case Exactly():
            return shown(tolerance.value)
        case OneOf() if len(tolerance.values) == 2:
            return f"{shown(tolerance.values[0])} to {shown(tolerance.values[1])}"
        case OneOf():
            return f"one of {shown(list(tolerance.values))}"
        case Matches():
            return f"something that matches {shown(tolerance.pattern)}"
        case AtPath():
            what = shown(tolerance.expect) if tolerance.expects else "something"
            what = f"{tolerance.count} values" if tolerance.count is not None else what
            return f"{what} at {shown(tolerance.path)}"
        case Between():
            return f"{tolerance.low:g} to {tolerance.high:g}"
        case Asked():
            return f"what {tolerance.activity.name} accepts"


def _equals(tolerance: Exactly, value: Json, values: Mapping[str, Json]) -> bool:
    wanted: Json = tolerance.value
    if isinstance(wanted, str):
        wanted = substitute(wanted, values)
        if isinstance(wanted, list):
            return _among(wanted, value)
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        value = _status(value)
    return bool(value == wanted)


def _status(value: Json) -> Json:
    return value["status"] if isinstance(value, Mapping) and "status" in value else value


def _among(wanted: list[Json], value: Json) -> bool:
    if isinstance(value, Mapping) and "status" in value:
        return value["status"] in wanted
    if len(wanted) != 2:
        return value in wanted
    try:
        return bool(wanted[0] <= value <= wanted[1])  # type: ignore[operator]  # what cannot be compared is out
    except TypeError:
        return False


def _target(value: Json, target: str) -> Json:
    return value.get(target, value) if isinstance(value, Mapping) and target else value


def _found(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # what a configured value made of it
        return False


def _at_path(tolerance: AtPath, value: Json, values: Mapping[str, Json]) -> bool:
    value = _target(value, tolerance.target)
    if isinstance(value, str):
        with suppress(ValueError):  # a text that is no JSON has nothing at any path
            value = json.loads(value)
    path = str(substitute(tolerance.path, values))
    try:
        found = [match.value for match in parsed_path(path).find(value)]
    except Exception:  # a path made of configured values may be none, and its library raises anything
        return False
    if tolerance.expects:
        expected = substitute(tolerance.expect, values)
        return found == (expected if isinstance(expected, list) else [expected])
    return bool(found) if tolerance.count is None else len(found) == tolerance.count


@lru_cache(maxsize=64)
def parsed_path(path: str) -> JSONPath:
    """A JSON path. Raises whatever its library does for a text that is none."""
    from jsonpath_ng.ext import parser

    parsed: JSONPath = parser.parse(path.strip())
    return parsed


def _between(tolerance: Between, value: Json) -> bool:
    try:
        number = Decimal(value)  # type: ignore[arg-type]  # what is no number is out
        return bool(Decimal(tolerance.low) <= number <= Decimal(tolerance.high))
    except (InvalidOperation, TypeError, ValueError):
        return False
