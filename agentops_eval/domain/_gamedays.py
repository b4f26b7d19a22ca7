"""Game days: a plan of experiments, who is responsible, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain._experiments import (
    AbortCondition,
    Activity,
    Experiment,
    Journal,
    JournalEntry,
    Pauses,
)
from agentops_eval.domain._json import Json


class Require(StrEnum):
    """What an experiment must have come to, for a game day to go on behind it."""

    STEADY = "steady"
    COMPLETED = "completed"  # carried out, whether or not the state deviated
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class GamedayStep:
    """One experiment of a game day. Before the next, its gate must be passed: ``require`` and ``probes``."""

    experiment: Experiment
    pauses: Pauses = field(default_factory=Pauses)
    require: Require = Require.STEADY
    probes: tuple[Activity, ...] = ()
    owner: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GamedayPlan:
    """Experiments in order, what ends the day early, and the roles that take part; never people.

    ``kill_switch`` is the path of a file whose presence stops everything. ``owner`` answers for whatever
    no step names an owner for.
    """

    title: str
    hypothesis: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    steps: tuple[GamedayStep, ...] = ()
    abort: tuple[AbortCondition, ...] = ()
    kill_switch: str = ""
    hosts: tuple[str, ...] = ()
    source: Mapping[str, Json] = field(default_factory=dict)
    path: str = ""
    digest: str = ""


class WeaknessKind(StrEnum):
    """What kind of weakness an experiment showed."""

    DEVIATED = "deviated"  # the steady state did not hold
    UNSAFE = "unsafe"  # an agent hung or did harm
    UNDECLARED = "undeclared"  # an agent degraded in a way that nobody declared
    NOT_STEADY = "not-steady"  # it was not steady even before
    ABORTED = "aborted"
    NOT_RUN = "not-run"  # something of it could not be carried out: it shows nothing
    NOT_RESTORED = "not-restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """What an experiment showed: in words, with the activity that shows it, a role and what to do."""

    kind: WeaknessKind
    experiment: str
    what: str
    activity: str = ""
    owner: str = ""
    remedy: str = ""


class GamedayEnding(StrEnum):
    """How a game day ended."""

    FINISHED = "finished"
    HELD = "held"  # at a gate
    ABORTED = "aborted"
    STOPPED = "stopped"  # by a person


@dataclass(frozen=True, slots=True, kw_only=True)
class GamedayReport:
    """What came of a game day: journals in order, weaknesses, and the timeline.

    ``recovered`` tells what an earlier day had left and this one undid before it began. ``owners`` and
    ``remedies`` are what the plan says of its experiments, by their titles.
    """

    title: str
    hypothesis: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    ending: GamedayEnding | None = None
    reason: str = ""
    start: str = ""
    end: str = ""
    journals: tuple[Journal, ...] = ()
    weaknesses: tuple[Weakness, ...] = ()
    timeline: tuple[JournalEntry, ...] = ()
    planned: tuple[str, ...] = ()
    recovered: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)

    @property
    def steady(self) -> bool:
        """Whether every planned experiment was carried out, and the steady state held in all of them."""
        whole = self.ending is GamedayEnding.FINISHED and len(self.journals) == len(self.planned)
        return whole and all(journal.steady for journal in self.journals) and not self.weaknesses
