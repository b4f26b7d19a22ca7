"""Faults made ready: their kind found, their parameters completed and checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentops_eval.chaos._kind import Answered, Kind
from agentops_eval.domain import Fault, FaultInvalid, Json, Where, nearest


@dataclass(slots=True, kw_only=True)
class Armed:
    """One fault of the schedule, how many calls it could have hit so far, and what it remembers of them."""

    number: int
    fault: Fault
    kind: Kind
    parameters: Mapping[str, Any]
    seen: int = 0
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the faults of a schedule counted and remembered, each in its place, and what was answered."""

    seen: tuple[int, ...] = ()
    memory: tuple[Mapping[str, Any], ...] = ()
    answers: Mapping[str, Sequence[Answered]] = field(default_factory=dict)


def arm(number: int, fault: Fault, kinds: Mapping[str, Kind]) -> Armed:
    """Find the kind and complete the parameters. Raises FaultInvalid for what cannot be meant."""
    if not isinstance(fault, Fault):
        raise FaultInvalid(f"{fault!r:.80} is no fault", remedy="faults.tool_error(...), from agentops_eval")
    found = kinds.get(fault.kind)
    if found is None:
        raise FaultInvalid(f"there is no fault {fault.kind!r}", remedy=nearest(fault.kind, kinds))
    for name, value in fault.parameters.items():
        _check(found, name, value)
    wrong = _misplaced(fault.where)
    if wrong:
        raise FaultInvalid(f"the fault {fault.kind} cannot be: {wrong}")
    parameters = {**found.parameters, **fault.parameters}
    wrong = found.check(parameters)
    if wrong:
        raise FaultInvalid(f"the fault {fault.kind} cannot be: {wrong}", difference=f"it is said as {fault}")
    return Armed(number=number, fault=fault, kind=found, parameters=parameters)


def _misplaced(where: Where) -> str:
    """What cannot be meant about the calls that are hit; empty where nothing is wrong."""
    numbers = (*where.nth, where.first, *(() if where.last is None else (where.last,)))
    if not all(isinstance(number, int) for number in numbers):
        return f"calls are counted in whole numbers, and it says {', '.join(map(repr, numbers))}"
    if not isinstance(where.probability, (int, float)):
        return f"its probability is {where.probability!r}, which is no number"
    if any(number < 1 for number in where.nth):
        return f"calls are counted from 1, and nth is {', '.join(map(str, where.nth))}"
    if where.first < 1:
        return f"so many calls are spared: {where.first - 1}"
    if where.last is not None and where.last < where.first:
        return f"it begins with call {where.first}, and ends with call {where.last} before that"
    if not 0 <= where.probability <= 1:
        return f"its probability is {where.probability}, which is not from 0 to 1"
    return ""


def _check(kind: Kind, name: str, value: Json) -> None:
    if name not in kind.parameters:
        raise FaultInvalid(
            f"the fault {kind.name} takes no {name!r}",
            difference=f"it takes: {', '.join(sorted(kind.parameters)) or 'nothing'}",
            remedy=nearest(name, kind.parameters),
        )
    wanted = _wanted(kind.parameters[name], value)
    if wanted:
        raise FaultInvalid(f"{name} of the fault {kind.name} is {value!r:.80}, not {wanted}")
    words = kind.choices.get(name)
    if words is not None and value not in words:
        raise FaultInvalid(
            f"{name} of the fault {kind.name} cannot be {value!r:.80}",
            difference=f"it can be: {', '.join(map(repr, words))}",
            remedy=nearest(str(value), words),
        )


def _wanted(default: Json, value: Json) -> str:
    """What a parameter with this default has to be, empty where the value is that. None takes anything."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "true or false"
    if isinstance(default, int):
        return "" if number and isinstance(value, int) else "a whole number"
    if isinstance(default, float):
        return "" if number else "a number"
    if isinstance(default, str):
        return "" if isinstance(value, str) else "text"
    return ""
