"""Scorecards: how ready an agent is, in eight dimensions, what is missing, and several beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Standing(StrEnum):
    """What became of a criterion."""

    MET = "met"
    ATTESTED = "attested"
    FAILED = "failed"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One criterion, what became of it, why, and by which evidence.

    ``evidence`` are the digests of the items that it cites, ``sources`` their files. ``command`` shows it,
    or what it lacks, and can be pasted. ``signed`` tells that a role signs it, and no evidence shows it.
    ``owner`` is a role.
    """

    id: str
    title: str
    dimension: str
    level: int
    standing: Standing
    reason: str = ""
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    command: str = ""
    owner: str = ""
    rationale: str = ""
    signed: bool = False
    mappings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether it counts, by evidence or by an attestation that is in force."""
        return self.standing in (Standing.MET, Standing.ATTESTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Why a level may not be higher than ``level``, whatever else was shown.

    ``evidence`` are the digests of the items that show it, ``sources`` their files.
    """

    level: int
    reason: str
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionScore:
    """One dimension. ``level`` is from 0 (level 1 was not demonstrated) to 5.

    ``score`` from 0 to 100 is the weight of the criteria that are met over that of all; it never makes a
    level. ``blocking`` are the criteria that the next level lacks, ``caps`` what holds the level down.
    ``uncapped`` is the level without them.
    """

    name: str
    level: int
    score: float
    uncapped: int
    blocking: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One criterion that is not met: what it lacks."""

    criterion: str
    dimension: str
    level: int
    standing: Standing
    reason: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One step of the plan. ``priority`` is risk x impact / effort; the plan begins with the largest.

    Where a harm has to be mended, ``criterion`` is ``harm:`` and its name, and ``level`` the one that it
    holds down to. ``opens`` are the dimensions whose next level waits for it. ``owner`` is a role.
    """

    criterion: str
    dimension: str
    level: int
    priority: float
    what: str
    owner: str = ""
    command: str = ""
    opens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """How ready an agent is. ``level`` is that of its weakest dimension: averages hide what is missing.

    ``at`` is the moment for which evidence was in force. ``unsafe`` are harms that evidence shows and
    that nothing later took back, with their evidence. ``refused`` are items that do not count, and why:
    expired, tampered with, of another agent's.
    """

    agent: str
    at: str
    level: int
    dimensions: tuple[DimensionScore, ...] = ()
    gaps: tuple[Gap, ...] = ()
    plan: tuple[Remedy, ...] = ()
    unsafe: tuple[Cap, ...] = ()
    refused: tuple[str, ...] = ()
    items: int = 0
    criteria: str = ""
    criteria_digest: str = ""
    evidence_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One scorecard of several of one agent, in time, and what changed since the one before.

    ``levels`` and ``scores`` are by dimension. ``gained`` and ``lost`` are criteria. ``moved`` says that it
    was made by other criteria than the one before, so that levels do not compare.
    """

    at: str
    level: int
    levels: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unsafe: int = 0
    moved: bool = False
    evidence_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A criterion in which agents differ; None for an agent whose scorecard does not have it."""

    criterion: str
    title: str
    standings: tuple[Standing | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """Scorecards of several agents in the order given. Values of a mapping are one for each agent.

    ``evidence_digests`` are of what each was made of. ``same_criteria`` tells whether all were made by the
    same ones: else levels do not compare.
    """

    agents: tuple[str, ...]
    levels: Mapping[str, tuple[int | None, ...]]
    scores: Mapping[str, tuple[float | None, ...]]
    unsafe: tuple[int, ...]
    apart: tuple[Apart, ...] = ()
    evidence_digests: tuple[str, ...] = ()
    same_criteria: bool = True
