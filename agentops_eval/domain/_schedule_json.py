"""Schedules read back from JSON, strictly: what cannot be meant is named, with the nearest that can."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from agentops_eval.domain._errors import FaultInvalid
from agentops_eval.domain._json import Json
from agentops_eval.domain._nearest import nearest

_SCHEDULE = ("faults", "seed")
_FAULT = ("fault", "parameters", "target", "site", "nth", "first", "last", "probability")


def schedule_fields(value: Json, where: str) -> tuple[Sequence[Json], int]:
    """The faults and the seed of a schedule. Raises FaultInvalid."""
    told = _object(value, _SCHEDULE, where, "a schedule")
    faults, seed = told.get("faults", []), told.get("seed", 0)
    if not isinstance(faults, Sequence) or isinstance(faults, str):
        raise _wrong(where, "faults", faults, "a list")
    if not _is_whole(seed):
        raise _wrong(where, "seed", seed, "a whole number")
    return faults, seed  # type: ignore[return-value]  # which was just asked


def fault_fields(value: Json, where: str) -> tuple[str, Mapping[str, Json], dict[str, Any]]:
    """The kind, the parameters and the calls that are hit of one fault. Raises FaultInvalid."""
    told = _object(value, _FAULT, where, "a fault")
    kind, parameters = told.get("fault"), told.get("parameters", {})
    if not isinstance(kind, str) or not kind:
        raise _wrong(where, "fault", kind, "the name of a fault")
    if not isinstance(parameters, Mapping):
        raise _wrong(where, "parameters", parameters, "an object")
    hits: dict[str, Any] = {}
    for name in ("target", "site"):
        if name in told:
            if not isinstance(told[name], str):
                raise _wrong(where, name, told[name], "a text")
            hits[name] = told[name]
    if "nth" in told:
        hits["nth"] = _numbers(told["nth"], where)
    for name in ("first", "last"):
        if name in told:
            number = told[name]
            if not _is_whole(number) or number < 1:  # type: ignore[operator]
                raise _wrong(where, name, number, "a whole number from 1")
            hits[name] = number
    if "probability" in told:
        hits["probability"] = _probability(told["probability"], where)
    if hits.get("nth") and ("first" in hits or "last" in hits):
        raise FaultInvalid("nth and first or last cannot be told together", where=where)
    if hits.get("last", math.inf) < hits.get("first", 1):
        raise FaultInvalid(f"last lies before first: {hits['last']} < {hits.get('first', 1)}", where=where)
    return kind, dict(parameters), hits


def _numbers(value: Json, where: str) -> tuple[int, ...]:
    listed = [value] if _is_whole(value) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise _wrong(where, "nth", value, "one or more whole numbers from 1")
    if not all(_is_whole(number) and number >= 1 for number in listed):  # type: ignore[operator]
        raise _wrong(where, "nth", value, "one or more whole numbers from 1")
    return tuple(listed)  # type: ignore[arg-type]


def _probability(value: Json, where: str) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:  # type: ignore[operator]
        raise _wrong(where, "probability", value, "a number from 0 to 1")
    return float(value)  # type: ignore[arg-type]


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _object(value: Json, known: tuple[str, ...], where: str, what: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise FaultInvalid(f"{what} is an object, not {value!r:.80}", where=where)
    for name in value:
        if name not in known:
            remedy = nearest(str(name), known)
            raise FaultInvalid(f"{what} has no field {name!r:.80}", where=where, remedy=remedy)
    return value


def _wrong(where: str, name: str, value: Json, wanted: str) -> FaultInvalid:
    return FaultInvalid(f"{name} is {value!r:.80}, not {wanted}", where=where)
