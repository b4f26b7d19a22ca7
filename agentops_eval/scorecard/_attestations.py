"""Signed-off files: what a role states of an agent, from which day and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

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
from agentops_eval.domain import AttestationInvalid, Evidence, Json, VerdictValue, nearest
from agentops_eval.scorecard._criteria import Criteria
from agentops_eval.scorecard._fields import FORMS, AttestationFields, AttestationsFields

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w")
LONGEST_DAYS = 366
"""For so long an attestation may hold: somebody has to look again each year."""

ATTESTATIONS_FILE = DocumentKind(
    noun="attestations file",
    error=AttestationInvalid,
    example="write attestations: [{criterion: ..., role: ..., statement: ..., signed: ..., expires: ...}]",
    split="write one file an agent",
    forms=FORMS,
    nouns={AttestationsFields: "an attestations file", AttestationFields: "an attestation"},
    instead={
        "author": "write role: role:on-call",
        "name": "write role: role:on-call; people are not named",
        "date": "write signed",
        "expiry": "write expires",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What a role signed. ``signed`` and ``expires`` are days; it counts before ``expires``.

    ``agent`` is empty where it is about every agent of the project.
    """

    criterion: str
    role: str
    statement: str
    signed: str
    expires: str
    agent: str = ""

    def evidence(self, *, source: str = "", source_digest: str = "") -> Evidence:
        """The same as an item of evidence, of the file ``source``."""
        return Evidence(
            agent=self.agent,
            kind="attestation",
            subject=self.criterion,
            at=f"{self.signed}T00:00:00Z",
            expires=f"{self.expires}T00:00:00Z",
            verdict=VerdictValue.PASS,
            says=f"{self.role} signed: {self.statement}",
            source=source,
            source_digest=source_digest,
        )


def read_attestations(path: Path, criteria: Criteria) -> tuple[Attestation, ...]:
    """What a file signs of ``criteria``. Raises AttestationInvalid with all that is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more is refused, however many follow
    except OSError as error:
        remedy = "agentops-eval schema attestations tells what such a file holds"
        what = f"it cannot be read: {error.strerror or error}"
        raise AttestationInvalid(what, where=str(path), remedy=remedy) from None
    return attestations_of(data, str(path), criteria)


def attestations_of(data: bytes, name: str, criteria: Criteria) -> tuple[Attestation, ...]:
    """What a text signs of ``criteria``, YAML or JSON by the suffix of its ``name``; pure.

    Raises AttestationInvalid with all that is wrong: line and path, what is there, what could be.
    """
    document = read_document(data, name, ATTESTATIONS_FILE)
    problems = Problems(document, ATTESTATIONS_FILE)
    noun = "an attestations file"
    fields = read_struct(AttestationsFields, document.value, (), problems, noun=noun, top=True)
    if fields is not None and not problems:
        for at, one in enumerate(fields.attestations):
            for field, what, remedy in _wrong(one, criteria):
                problems.add(("attestations", at, field), what, remedy)
    if fields is None or problems:
        raise together(problems.errors(), ATTESTATIONS_FILE)
    agent = fields.agent if isinstance(fields.agent, str) else ""
    return tuple(
        Attestation(
            criterion=one.criterion,
            role=one.role,
            statement=one.statement,
            signed=one.signed,
            expires=one.expires,
            agent=agent,
        )
        for one in fields.attestations
    )


def attestations_schema() -> dict[str, Json]:
    """The JSON Schema of such files, in draft 2020-12. It does not know criteria, nor calendars."""
    return file_schema(AttestationsFields, title="agentops-eval attestations")


def _wrong(one: AttestationFields, criteria: Criteria) -> Iterator[tuple[str, str, str]]:
    known = [each.id for each in criteria.criteria if each.attestation]
    found = criteria.find(one.criterion)
    if found is None:
        yield "criterion", f"there is no criterion {shown(one.criterion)}", nearest(one.criterion, known)
    elif found.check is not None:
        yield "criterion", f"{shown(one.criterion)} is shown by evidence, not signed", found.command
    if _ADDRESS.search(one.statement):
        yield "statement", "it names a person: there is an e-mail address in it", "name the role"
    days: list[date] = []
    for field in ("signed", "expires"):
        try:
            days.append(date.fromisoformat(getattr(one, field)))
        except ValueError:
            yield field, f"{shown(getattr(one, field))} is no day of the calendar", "write 2026-11-27"
    if len(days) == 2:
        held = (days[1] - days[0]).days
        if held <= 0:
            yield "expires", f"it expires on {one.expires}, not after it was signed", "write a later day"
        elif held > LONGEST_DAYS:
            what = f"it would hold for {held} days, and {LONGEST_DAYS} is the most"
            yield "expires", what, "sign it again each year"
