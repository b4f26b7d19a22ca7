"""Criteria: what has to be shown at which level of which dimension, how it is shown, and what harm costs."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from agentops_eval.domain import Harm

DIMENSIONS = (
    "platform",
    "observability",
    "governance",
    "security",
    "finops",
    "human-in-the-loop",
    "developer-experience",
    "organisational-enablement",
)
LEVELS = (1, 2, 3, 4, 5)

FRAMEWORKS: Mapping[str, str] = MappingProxyType(
    {
        "eu-ai-act": "EU AI Act, Regulation (EU) 2024/1689",
        "nist-ai-rmf": "NIST AI Risk Management Framework 1.0",
        "iso-42001": "ISO/IEC 42001:2023, Annex A",
        "owasp-agentic": "OWASP Top 10 for Agentic Applications 2026",
        "aws-agentic-lens": "AWS Well-Architected Agentic AI Lens",
    }
)
"""What criteria relate to. That a clause is named does not say that it is complied with."""

_COMPARED: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {">=": operator.ge, "<=": operator.le, "==": operator.eq, ">": operator.gt, "<": operator.lt}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What one measure has to be: ``sign`` is one of ``>= <= == > <``. What is unknown is never enough."""

    measure: str
    sign: str
    bound: float

    def holds(self, measures: Mapping[str, float]) -> bool:
        """Whether the measure is known and within its bound."""
        value = measures.get(self.measure)
        return value is not None and abs(value) < float("inf") and _COMPARED[self.sign](value, self.bound)

    def lacking(self, measures: Mapping[str, float]) -> str:
        """What is missing, in words."""
        value = measures.get(self.measure)
        told = "not known" if value is None else f"{value:g}"
        return f"{self.measure} is {told}, and {self.sign} {self.bound:g} is needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Which evidence shows a criterion: a kind, a glob over subjects, and what its measures have to be.

    ``subjects`` different ones have to pass; an item older than ``max_age_days`` counts as expired.
    """

    kind: str
    subject: str = "*"
    measures: tuple[Threshold, ...] = ()
    subjects: int = 1
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that an agent has to show at a level of a dimension.

    It has either a ``check`` or an ``attestation``: what a role has to sign. ``risk``, ``impact`` and
    ``effort`` are from 1 to 5; ``weight`` is its part of the score. ``maps`` names clauses that it relates
    to, by framework.
    """

    id: str
    title: str
    level: int
    owner: str
    rationale: str
    command: str
    risk: int
    impact: int
    effort: int
    weight: int = 1
    check: Check | None = None
    attestation: str = ""
    maps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def dimension(self) -> str:
        """The dimension: what stands before the first dot of the id."""
        return self.id.partition(".")[0]

    @property
    def priority(self) -> float:
        """Risk times impact over effort: from 0.2 to 25."""
        return self.risk * self.impact / self.effort


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmCap:
    """The highest level of ``dimensions`` while a harm stands."""

    harm: str
    dimensions: tuple[str, ...]
    level: int


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What a scorecard is made by. ``attested_cap`` is the level up to which attestations alone suffice.

    ``without`` are the ids that a file takes away from the one that it extends; with ``replace`` it extends
    nothing.
    """

    name: str
    criteria: tuple[Criterion, ...] = ()
    harms: tuple[HarmCap, ...] = ()
    attested_cap: int | None = None
    without: tuple[str, ...] = ()
    replace: bool = False

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it asks, whatever the files and their order are; made once for many scorecards."""
        said = asdict(self) | {
            "name": "",
            "criteria": sorted((asdict(one) for one in self.criteria), key=_id),
        }
        said["harms"] = sorted((asdict(one) for one in self.harms), key=lambda one: str(one["harm"]))
        del said["replace"]  # how they came about is not what they ask
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def find(self, id_: str) -> Criterion | None:
        """The criterion with that id, or None."""
        return next((one for one in self.criteria if one.id == id_), None)

    def cap_of(self, harm: str) -> HarmCap:
        """What a harm holds down; one of which nothing is said, and one of no known name, everything to 1."""
        stated = next((one for one in self.harms if one.harm == harm), None)
        return stated or HarmCap(harm=harm, dimensions=DIMENSIONS, level=1)


def _id(one: Mapping[str, object]) -> str:
    return str(one["id"])


KNOWN_HARMS = frozenset(one.value for one in Harm)


def extend(base: Criteria, more: Criteria) -> Criteria:
    """``base`` with what ``more`` says: its criteria and harms replace those of the same name, or are added.

    The ids in ``more.without`` are taken away; one that is not there takes nothing away. Where ``more``
    replaces, nothing of ``base`` is left.
    """
    if more.replace:
        return replace(more, replace=False)
    replaced = {one.id: one for one in base.criteria if one.id not in more.without}
    harms = {one.harm: one for one in base.harms}
    return Criteria(
        name=" + ".join(name for name in (base.name, more.name) if name),
        criteria=tuple((replaced | {one.id: one for one in more.criteria}).values()),
        harms=tuple((harms | {one.harm: one for one in more.harms}).values()),
        attested_cap=base.attested_cap if more.attested_cap is None else more.attested_cap,
    )
