"""What a view of a project is made of: its agents, what was found, what was run, and what shows it.

Addresses are relative to the folder of the index page, and made by us; every other text may be anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.reports.chaos._impact import ImpactView


class Health(StrEnum):
    """How an agent is, by its evidence: the worst that holds."""

    UNSAFE = "unsafe"  # harm was shown, and no later item took it back
    FINDINGS = "findings"
    UNKNOWN = "unknown"  # nothing is in force, or no inventory names it
    WELL = "well"


class Tone(StrEnum):
    """How a run came out, for its colour."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"  # neither, or not yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item of evidence as the page shows it. ``anchor`` is its place on the page of evidence.

    ``copy`` is the address of a copy of its source; empty where there is none, for the reason in ``doubt``.
    ``story`` is that of the page that tells the run which it is about, where there is one.
    """

    anchor: str
    agent: str
    kind: str
    subject: str
    at: str
    verdict: str
    says: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    harms: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    expires: str = ""
    place: str = ""
    digest: str = ""
    source: str = ""
    source_digest: str = ""
    copy: str = ""
    trace: str = ""
    story: str = ""
    doubt: str = ""

    @property
    def address(self) -> str:
        """Where it is shown."""
        return f"evidence.html#{self.anchor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveView:
    """An objective of an agent: what it is of, how its budget burns, and the item that says so."""

    name: str
    verdict: str
    burn_rate: float | None = None
    budget_left: float | None = None
    value: float | None = None
    target: float | None = None
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """One agent. ``known`` says whether the inventory names it. ``level`` is None without a scorecard.

    ``cost_usd`` is that of a successful run, None where nobody knows; ``cost_address`` is what says so.
    ``anchor`` is its place on the index page.
    """

    anchor: str
    name: str
    known: bool
    health: Health
    owner: str = ""
    purpose: str = ""
    level: int | None = None
    page: str = ""
    findings: int = 0
    unsafe: int = 0
    objectives: tuple[ObjectiveView, ...] = ()
    cost_usd: float | None = None
    cost_address: str = ""
    items: int = 0
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """What is open: the item that shows it, its page, and what its proof tells beyond it.

    ``impacts`` are of the runs under faults that show it; ``whole`` is the page of all of what showed it.
    """

    item: ItemView
    page: str
    details: tuple[str, ...] = ()
    impacts: tuple[ImpactView, ...] = ()
    whole: str = ""


class RunKind(StrEnum):
    """What was run."""

    RESULTS = "results"
    GATE = "gate"
    GAMEDAY = "gameday"
    EXPLORE = "explore"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """Results, a decision, a game day, an exploration or a calibration, with its page.

    ``source`` is its file. ``problem`` says why there is no page, where there is none. ``going`` tells how
    far it is, where it has not ended: nobody can tell whether it runs or was killed, so the moment of its
    last entry is told.
    """

    anchor: str
    kind: RunKind
    name: str
    source: str
    word: str = ""
    told: str = ""
    tone: Tone = Tone.OPEN
    at: str = ""
    page: str = ""
    problem: str = ""
    going: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What is not there, and the command that brings it."""

    what: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Everything. ``items`` are the latest of each agent, kind and subject; ``suites`` those of suites.

    ``left_out`` counts what there is of each beyond what is here; ``refused`` are items that do not count.
    """

    project: str
    at: str
    agents: tuple[AgentView, ...] = ()
    findings: tuple[FindingView, ...] = ()
    suites: tuple[ItemView, ...] = ()
    runs: tuple[RunView, ...] = ()
    items: tuple[ItemView, ...] = ()
    count: int = 0
    refused: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: RunKind) -> tuple[RunView, ...]:
        """The runs of one kind."""
        return tuple(one for one in self.runs if one.kind is kind)

    @property
    def going(self) -> tuple[RunView, ...]:
        """What has not ended."""
        return tuple(one for one in self.runs if one.going)
