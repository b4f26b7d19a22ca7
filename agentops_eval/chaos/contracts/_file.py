"""The text of a degradation file becomes a contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from agentops_eval import documents
from agentops_eval.chaos._declared import Breaker, Budget, Declared, Fallback, Shedding
from agentops_eval.chaos.contracts._contract import Allowed, Contract, Degradation, Invariant, Undoes
from agentops_eval.chaos.contracts._fields import (
    ChecksFields,
    CompensationFields,
    ContractFields,
    DegradationFields,
    SheddingFields,
)
from agentops_eval.chaos.contracts._rules import Noted, check_fields, declared_in, mapping, texts
from agentops_eval.documents import Problems, read_document, read_struct, shown, together
from agentops_eval.domain import AgentopsError, ContractInvalid, FaultedRun, Mode

Resolve: TypeAlias = Callable[[str], Callable[[FaultedRun], object]]
"""Finds what ``module:callable`` names; whoever reads a file decides from where."""

CONTRACT_FILE = documents.DocumentKind(
    noun="degradation file",
    error=ContractInvalid,
    example="write degradations: [{dependency: get_order, message: sorry}]",
    split="write one file an agent",
    nouns={
        ContractFields: "a degradation file",
        DegradationFields: "a degradation",
        CompensationFields: "a compensation",
        ChecksFields: "checks",
        SheddingFields: "shedding",
    },
    instead={
        "fault": "write faults",
        "mode": "write accept",
        "modes": "write accept",
        "tool": "write dependency",
        "target": "write dependency",
        "compensations": "write compensates",
        "approvals": "write approval",
    },
)
_LISTS = ("success", "writes", "idempotent", "not_idempotent", "harmless", "volatile", "tenant", "secrets")


def read_contract(path: Path, *, resolve: Resolve | None = None) -> Contract:
    """The contract that a file describes. Raises ContractInvalid with all that is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        remedy = "agentops-eval schema degradation tells what such a file holds"
        raise ContractInvalid(f"it cannot be read: {why}", where=str(path), remedy=remedy) from None
    return contract_of(data, str(path), resolve=resolve)


def contract_of(data: bytes, name: str, *, resolve: Resolve | None = None) -> Contract:
    """The contract that a text describes, YAML or JSON by the suffix of its ``name``; pure.

    ``resolve`` is asked for every invariant. Raises ContractInvalid with all that is wrong: line and path,
    what is there, what could be.
    """
    document = read_document(data, name, CONTRACT_FILE)
    problems = Problems(document, CONTRACT_FILE)
    fields = read_struct(ContractFields, document.value, (), problems, noun="a degradation file", top=True)
    if fields is not None and not problems:
        check_fields(fields, problems)
    if fields is None or problems:
        raise together(problems.errors(), CONTRACT_FILE)
    invariants = tuple(_invariants(fields, resolve, problems))
    if problems:
        raise together(problems.errors(), CONTRACT_FILE)
    return _contract(fields, invariants)


# -- what is made of the fields -------------------------------------------------------------------


def _contract(fields: ContractFields, invariants: tuple[Invariant, ...]) -> Contract:
    said: dict[str, Any] = {
        name: tuple(texts(getattr(fields, name)))
        for name in _LISTS
        if getattr(fields, name) is not msgspec.UNSET
    }
    for name in ("agent", "severity", "likelihood"):
        if getattr(fields, name) is not msgspec.UNSET:
            said[name] = getattr(fields, name)
    if fields.failure is not msgspec.UNSET:
        said["failure"] = tuple(texts(fields.failure))
    said["compensates"] = {name: _undoes(one) for name, one in mapping(fields.compensates).items()}
    said["tenants"] = {name: tuple(texts(one)) for name, one in mapping(fields.tenants).items()}
    approval = fields.approval
    said["approval"] = approval if isinstance(approval, dict) else {name: name for name in texts(approval)}
    said["degradations"] = tuple(_degradation(one) for one in declared_in(fields.degradations))
    if isinstance(fields.checks, ChecksFields):
        said["checks"] = _checks(fields.checks)
    return Contract(**said, invariants=invariants)


def _checks(fields: ChecksFields) -> Declared:
    said: dict[str, Any] = {
        "breakers": {name: Breaker(**said_of(one)) for name, one in mapping(fields.breakers).items()},
        "in_flight": mapping(fields.in_flight),
    }
    if not isinstance(fields.fallbacks, msgspec.UnsetType):
        said["fallbacks"] = tuple(
            Fallback(**{**said_of(one), "order": tuple(one.order)}) for one in fields.fallbacks
        )
    if not isinstance(fields.budget, msgspec.UnsetType):
        said["budget"] = Budget(**said_of(fields.budget))
    if isinstance(fields.shedding, SheddingFields):
        optional, flag = tuple(texts(fields.shedding.optional)), mapping(fields.shedding.flag)
        said["shedding"] = Shedding(optional=optional, flag=flag)
    return Declared(**said)


def said_of(fields: msgspec.Struct) -> dict[str, Any]:
    """The fields that the file has; the others are by default what the contract says."""
    named = {name: getattr(fields, name) for name in fields.__struct_fields__}
    return {name: value for name, value in named.items() if value is not msgspec.UNSET}


def _degradation(fields: DegradationFields) -> Degradation:
    said: dict[str, Any] = {}
    for name in ("dependency", "message"):
        if getattr(fields, name) is not msgspec.UNSET:
            said[name] = getattr(fields, name)
    if fields.accept is not msgspec.UNSET:
        said["accept"] = tuple(Mode(one) for one in texts(fields.accept))
    if isinstance(fields.effects, list):
        said |= {"effects": Allowed.LISTED, "only": tuple(fields.effects)}
    elif isinstance(fields.effects, str):
        said["effects"] = Allowed(fields.effects)
    return Degradation(**said, faults=tuple(texts(fields.faults)), reach=tuple(texts(fields.reach)))


def _undoes(one: str | CompensationFields) -> Undoes:
    if isinstance(one, str):
        return Undoes(tool=one)
    return Undoes(tool=one.tool, by="" if isinstance(one.by, msgspec.UnsetType) else one.by)


def _invariants(fields: ContractFields, resolve: Resolve | None, problems: Noted) -> Iterator[Invariant]:
    for at, name in enumerate(texts(fields.invariants)):
        place = ("invariants", at) if isinstance(fields.invariants, list) else ("invariants",)
        if resolve is None:
            problems.add(place, f"{shown(name)} cannot be loaded here", "give the contract in Python")
            continue
        try:
            yield Invariant(name=name, check=resolve(name))
        except AgentopsError as error:
            problems.add(place, f"{shown(name)} cannot be loaded: {error.what}", error.remedy)
