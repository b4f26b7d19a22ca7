"""The bytes of a file become criteria; those that ship with the package are read the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, reduce
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from agentops_eval.documents import (
    MAX_BYTES,
    DocumentKind,
    Problems,
    file_schema,
    read_document,
    read_struct,
    shown,
    together,
)
from agentops_eval.domain import EVIDENCE_KINDS, CriteriaInvalid, Json, nearest
from agentops_eval.scorecard._criteria import (
    DIMENSIONS,
    KNOWN_HARMS,
    Check,
    Criteria,
    Criterion,
    HarmCap,
    Threshold,
    extend,
)
from agentops_eval.scorecard._fields import (
    FORMS,
    CheckFields,
    CriteriaFields,
    CriterionFields,
    HarmFields,
    MapsFields,
)

CRITERIA_FILE = DocumentKind(
    noun="criteria file",
    error=CriteriaInvalid,
    example="write criteria: [{id: security.ours, title: ..., level: 2, ...}]",
    split="write one file for each dimension",
    forms=FORMS,
    nouns={CriteriaFields: "a criteria file", MapsFields: "maps"},
    instead={"dimension": "the id begins with it", "threshold": "write measures", "evidence": "write check"},
)
_ID = re.compile(r"[a-z][a-z-]*\.[a-z0-9][a-z0-9-]*")


def read_criteria(path: Path) -> Criteria:
    """The criteria of a file. Raises CriteriaInvalid with all that is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more is refused, however many follow
    except OSError as error:
        remedy = "agentops-eval schema criteria tells what such a file holds"
        what = f"it cannot be read: {error.strerror or error}"
        raise CriteriaInvalid(what, where=str(path), remedy=remedy) from None
    return criteria_of(data, str(path))


def criteria_of(data: bytes, name: str) -> Criteria:
    """The criteria that a text describes, YAML or JSON by the suffix of its ``name``; pure.

    Raises CriteriaInvalid with all that is wrong: line and path, what is there, what could be.
    """
    document = read_document(data, name, CRITERIA_FILE)
    problems = Problems(document, CRITERIA_FILE)
    fields = read_struct(CriteriaFields, document.value, (), problems, noun="a criteria file", top=True)
    if fields is not None and not problems:
        _check_fields(fields, problems)
    if fields is None or problems:
        raise together(problems.errors(), CRITERIA_FILE)
    said = _said(fields)
    return Criteria(
        name=said.get("name", name),
        criteria=tuple(_criterion(one) for one in said.get("criteria", ())),
        harms=tuple(_harm(one) for one in said.get("harms", ())),
        attested_cap=said.get("attested_cap"),
        without=tuple(said.get("without", ())),
        replace=said.get("replace", False),
    )


@cache
def shipped_criteria() -> Criteria:
    """The criteria that come with the package: eight dimensions, five levels."""
    folder = resources.files(__package__) / "criteria"
    names = ("scorecard", *DIMENSIONS)
    read = [criteria_of((folder / f"{name}.yaml").read_bytes(), f"{name}.yaml") for name in names]
    whole = reduce(extend, read)
    return Criteria(
        name="agentops-eval", criteria=whole.criteria, harms=whole.harms, attested_cap=whole.attested_cap
    )


def criteria_schema() -> dict[str, Json]:
    """The JSON Schema of such files, in draft 2020-12. It does not know kinds of evidence, nor ids."""
    return file_schema(CriteriaFields, title="agentops-eval criteria")


# -- what types cannot say ------------------------------------------------------------------------


def _check_fields(fields: CriteriaFields, problems: Problems[CriteriaInvalid]) -> None:
    seen: set[str] = set()
    for at, one in enumerate([] if isinstance(fields.criteria, UnsetType) else fields.criteria):
        for part, what, remedy in _wrong(one, seen):
            problems.add(("criteria", at, *part), what, remedy)
        seen.add(one.id)
    if fields.replace is True and not isinstance(fields.without, UnsetType):
        problems.add(("without",), "it takes away from criteria that replace leaves out", "leave one of them")
    if fields.replace is True and not (isinstance(fields.criteria, list) and fields.criteria):
        problems.add(("replace",), "nothing would be asked", "write criteria, or leave replace away")
    named: set[str] = set()
    for at, harm in enumerate([] if isinstance(fields.harms, UnsetType) else fields.harms):
        if harm.harm not in KNOWN_HARMS:
            what = f"there is no harm {shown(harm.harm)}"
            problems.add(("harms", at, "harm"), what, nearest(harm.harm, KNOWN_HARMS))
        if harm.harm in named:
            problems.add(("harms", at, "harm"), f"the harm {shown(harm.harm)} is there twice")
        named.add(harm.harm)


def _wrong(one: CriterionFields, seen: set[str]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    dimension = one.id.partition(".")[0]
    if _ID.fullmatch(one.id) is None:
        yield ("id",), f"{shown(one.id)} is no id", "write DIMENSION.NAME in small letters and dashes"
    elif dimension not in DIMENSIONS:
        yield ("id",), f"there is no dimension {shown(dimension)}", nearest(dimension, DIMENSIONS)
    if one.id in seen:
        yield ("id",), f"the criterion {shown(one.id)} is there twice", "leave one of them"
    checked, attested = one.check is not UNSET, one.attestation is not UNSET
    if checked == attested:
        both = "both a check and an attestation" if checked else "neither a check nor an attestation"
        yield (), f"the criterion {shown(one.id)} has {both}", "give it one of them"
    if isinstance(one.check, CheckFields):
        kind = one.check.kind
        if kind == "attestation":
            yield ("check", "kind"), "an attestation is no check", "write attestation: TEXT"
        elif kind not in EVIDENCE_KINDS:
            yield ("check", "kind"), f"there is no evidence {shown(kind)}", nearest(kind, EVIDENCE_KINDS)


# -- what is made of the fields -------------------------------------------------------------------


def _said(fields: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(fields).items() if value is not UNSET}


def _criterion(fields: CriterionFields) -> Criterion:
    said = _said(fields)
    if isinstance(fields.check, CheckFields):
        said["check"] = _check(fields.check)
    if isinstance(fields.maps, MapsFields):
        said["maps"] = {name.replace("_", "-"): tuple(told) for name, told in _said(fields.maps).items()}
    return Criterion(**said)


def _check(fields: CheckFields) -> Check:
    said = _said(fields)
    said["measures"] = tuple(_threshold(name, text) for name, text in said.get("measures", {}).items())
    return Check(**said)


def _threshold(measure: str, text: str) -> Threshold:
    sign = text[:2].rstrip("0123456789.- ")
    return Threshold(measure=measure, sign=sign, bound=float(text[len(sign) :]))


def _harm(fields: HarmFields) -> HarmCap:
    return HarmCap(harm=fields.harm, dimensions=tuple(fields.dimensions), level=fields.level)
