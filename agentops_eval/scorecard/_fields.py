"""The fields of files of criteria and of attestations. Errors and JSON Schemas are made of these."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

ROLE = r"^role:[a-z0-9][a-z0-9-]*$(?!\n)"
BOUND = r"^(>=|<=|==|>|<) *-?[0-9]{1,12}(\.[0-9]{1,9})?$(?!\n)"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)"
FORMS = {
    ROLE: "a role such as role:on-call, never a person",
    BOUND: 'a comparison such as ">= 100"',
    DATE: "a date such as 2026-11-27",
}
"""Patterns in words."""

Level: TypeAlias = Annotated[int, Meta(ge=1, le=5)]
Dimension: TypeAlias = Literal[
    "platform",
    "observability",
    "governance",
    "security",
    "finops",
    "human-in-the-loop",
    "developer-experience",
    "organisational-enablement",
]
Clauses: TypeAlias = list[Annotated[str, Meta(min_length=1)]] | UnsetType


class CheckFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which evidence shows a criterion."""

    kind: Annotated[str, Meta(description="The kind of evidence.")]
    subject: Annotated[
        str | UnsetType, Meta(description="What it is about, as a glob; by default anything.")
    ] = UNSET
    measures: Annotated[
        dict[str, Annotated[str, Meta(pattern=BOUND)]] | UnsetType,
        Meta(description='What measures have to be: `runs: ">= 100"`. One that is not known is not enough.'),
    ] = UNSET
    subjects: Annotated[
        Annotated[int, Meta(ge=1, le=50)] | UnsetType,
        Meta(description="How many different subjects have to pass; 1 by default."),
    ] = UNSET
    max_age_days: Annotated[
        Annotated[int, Meta(ge=1, le=3660)] | UnsetType,
        Meta(description="After so many days an item counts as expired."),
    ] = UNSET


class MapsFields(Struct, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    """Clauses that a criterion relates to. They are not thereby complied with."""

    eu_ai_act: Annotated[Clauses, Meta(description="Articles of the EU AI Act.")] = UNSET
    nist_ai_rmf: Annotated[Clauses, Meta(description="Subcategories of the NIST AI RMF 1.0.")] = UNSET
    iso_42001: Annotated[Clauses, Meta(description="Controls of Annex A of ISO/IEC 42001:2023.")] = UNSET
    owasp_agentic: Annotated[
        Clauses, Meta(description="Entries of the OWASP Top 10 for Agentic Applications 2026.")
    ] = UNSET
    aws_agentic_lens: Annotated[
        Clauses, Meta(description="Capabilities and practices of the AWS Agentic AI Lens.")
    ] = UNSET


class CriterionFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One criterion: it has a check or an attestation."""

    id: Annotated[str, Meta(description="`DIMENSION.NAME`, which stays the same.")]
    title: Annotated[str, Meta(min_length=1, description="What is so where it is met, in a sentence.")]
    level: Annotated[Level, Meta(description="The level that needs it.")]
    owner: Annotated[str, Meta(pattern=ROLE, description="The role that sees to it.")]
    rationale: Annotated[str, Meta(min_length=1, description="Why it matters.")]
    command: Annotated[str, Meta(min_length=1, description="A command that shows it, or how to get there.")]
    risk: Annotated[Level, Meta(description="How likely it is that its absence does harm.")]
    impact: Annotated[Level, Meta(description="How bad that would be.")]
    effort: Annotated[Level, Meta(description="How much work it is.")]
    weight: Annotated[Level | UnsetType, Meta(description="Its part of the score; 1 by default.")] = UNSET
    check: Annotated[CheckFields | UnsetType, Meta(description="Which evidence shows it.")] = UNSET
    attestation: Annotated[
        Annotated[str, Meta(min_length=1)] | UnsetType, Meta(description="What a role has to sign.")
    ] = UNSET
    maps: Annotated[MapsFields | UnsetType, Meta(description="Clauses that it relates to.")] = UNSET


class HarmFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a harm holds down while it stands."""

    harm: Annotated[str, Meta(description="The harm's name.")]
    dimensions: Annotated[list[Dimension], Meta(min_length=1, description="What it holds down.")]
    level: Annotated[
        Annotated[int, Meta(ge=0, le=4)], Meta(description="The highest level of these dimensions.")
    ]


class CriteriaFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A file of criteria."""

    criteria: Annotated[list[CriterionFields] | UnsetType, Meta(description="The criteria.")] = UNSET
    name: Annotated[
        Annotated[str, Meta(min_length=1)] | UnsetType,
        Meta(description="What scorecards call it; by default the file's name."),
    ] = UNSET
    attested_cap: Annotated[
        Level | UnsetType,
        Meta(description="Up to this level attestations alone suffice; above it a check has to be met, too."),
    ] = UNSET
    harms: Annotated[
        list[HarmFields] | UnsetType,
        Meta(description="What harms hold down. One that is not named holds every dimension down to 1."),
    ] = UNSET
    replace: Annotated[
        bool | UnsetType,
        Meta(description="Whether these are all, in place of those before; false by default."),
    ] = UNSET
    without: Annotated[
        list[str] | UnsetType, Meta(description="Criteria to leave out of those that this file extends.")
    ] = UNSET


class AttestationFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One statement that a role signs."""

    criterion: Annotated[str, Meta(description="The criterion's id; one that asks for an attestation.")]
    role: Annotated[str, Meta(pattern=ROLE, description="Who signs, as a role.")]
    statement: Annotated[str, Meta(min_length=1, description="What is signed, in your own words.")]
    signed: Annotated[str, Meta(pattern=DATE, description="The day on which it was signed.")]
    expires: Annotated[
        str,
        Meta(pattern=DATE, description="The day from which it counts no more, at most 366 days after."),
    ]


class AttestationsFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A signed-off file."""

    attestations: Annotated[list[AttestationFields], Meta(description="What is signed.")]
    agent: Annotated[
        str | UnsetType, Meta(description="The agent that it is about; without it every agent.")
    ] = UNSET
