"""What cannot be meant in a degradation file whose fields are all right one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from agentops_eval.chaos.contracts._fields import ContractFields, DegradationFields
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.documents import Place, Problems, shown
from agentops_eval.domain import ContractInvalid, FaultClass, Mode, nearest

Noted: TypeAlias = Problems[ContractInvalid]

_PATTERNS = ("success", "failure", "secrets")
_WORDS = frozenset({one.value for one in FaultClass})


def texts(value: object) -> Iterable[str]:
    """The texts of a field that holds one or several."""
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, list) else ()


def mapping(value: Any) -> Mapping[str, Any]:
    """The mapping of a field, empty where the file has none."""
    return value if isinstance(value, dict) else {}


def declared_in(value: list[DegradationFields] | msgspec.UnsetType) -> list[DegradationFields]:
    """The degradations of a file."""
    return [] if isinstance(value, msgspec.UnsetType) else value


def check_fields(fields: ContractFields, problems: Noted) -> None:
    """Note what cannot be meant though each field is one."""
    for name in _PATTERNS:
        value = getattr(fields, name)
        for at, text in enumerate(texts(value)):
            _check_pattern(text, (name, at) if isinstance(value, list) else (name,), problems)
    for at, one in enumerate(declared_in(fields.degradations)):
        _check_degradation(one, ("degradations", at), problems)
    for name in sorted({*texts(fields.idempotent)} & {*texts(fields.not_idempotent)}):
        problems.add(("not_idempotent",), f"{shown(name)} is idempotent, too", "name it in one of both")
    for name, undoes in mapping(fields.compensates).items():
        if (undoes if isinstance(undoes, str) else undoes.tool) == name:
            problems.add(
                ("compensates", name), f"{shown(name)} would take back itself", f"{name}: another tool"
            )
    for name in mapping(fields.likelihood):
        _check_fault(name, ("likelihood", name), problems)


def _check_degradation(fields: DegradationFields, place: Place, problems: Noted) -> None:
    accepted = [*texts(fields.accept)] or [Mode.DEGRADED_AS_DECLARED.value]
    degraded = Mode.DEGRADED_AS_DECLARED.value in accepted
    if fields.message is msgspec.UNSET:
        if degraded:
            what = "a degradation of which nobody is told is none: it lacks message"
            problems.add(place, what, "message: a pattern that the answer holds, or accept: failed-safe")
    elif not degraded:
        what = "message is looked at where degraded-as-declared is accepted, which it is not"
        problems.add((*place, "message"), what, f"accept: [degraded-as-declared, {', '.join(accepted)}]")
    else:
        _check_pattern(str(fields.message), (*place, "message"), problems)
    if isinstance(fields.effects, list) and not fields.effects:
        problems.add((*place, "effects"), "an empty list allows no effect", "effects: none")
    for at, name in enumerate(texts(fields.faults)):
        inside = ("faults", at) if isinstance(fields.faults, list) else ("faults",)
        _check_fault(name, (*place, *inside), problems)


def _check_fault(name: str, place: Place, problems: Noted) -> None:
    if name not in CATALOGUE and name not in _WORDS:
        what = f"there is no kind or class of faults {shown(name)}"
        problems.add(place, what, nearest(name, [*CATALOGUE, *sorted(_WORDS)]))


def _check_pattern(text: str, place: Place, problems: Noted) -> None:
    try:
        empty = re.compile(text).search("") is not None
    except (re.error, RecursionError, OverflowError) as error:
        problems.add(
            place, f"{shown(text)} is no pattern: {error}", "escape signs that are meant as they are"
        )
        return
    if empty:
        problems.add(
            place, f"{shown(text)} is found in every answer", "write words that only this answer has"
        )
