"""Experiments and game days: what is assumed, what is done to it, and what has to be undone.

Shapes and words are those of Chaos Toolkit, so that its experiments are read and its tools read our journals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from agentops_eval.domain._json import Json


class ActivityKind(StrEnum):
    """Whether an activity looks or acts."""

    PROBE = "probe"
    ACTION = "action"


class Strategy(StrEnum):
    """When the steady state is looked at."""

    DEFAULT = "default"  # before and after the method
    BEFORE = "before-method-only"
    AFTER = "after-method-only"
    DURING = "during-method-only"
    CONTINUOUS = "continuously"  # before, during and after
    SKIP = "skip"


class Dry(StrEnum):
    """What an experiment leaves undone, and only says that it would do."""

    PROBES = "probes"
    ACTIONS = "actions"
    ACTIVITIES = "activities"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who carries an activity out: ``kind`` (python, process, http, agent ...), and what it was told."""

    kind: str
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exactly:
    """The value, or the ``status`` that it has, equals this one."""

    value: bool | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Two values are a range, ends included; else the value is among them. A ``status`` is among them."""

    values: tuple[Json, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """A regular expression is found in the value, or in its field ``target``."""

    pattern: str
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPath:
    """A JSON path finds something in the value; ``count`` things; or exactly what is expected."""

    path: str
    target: str = ""
    count: int | None = None
    expect: Json = None
    expects: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The value is a number from ``low`` to ``high``, ends included."""

    low: float
    high: float
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Another activity is asked, with the value as its argument ``value``; what it gives counts as true."""

    activity: Activity


Tolerance: TypeAlias = Exactly | OneOf | Matches | AtPath | Between | Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Seconds of waiting, or ``${name}`` of a configured value."""

    before_s: float | str = 0.0
    after_s: float | str = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One action or probe. ``source`` is how its file says it, as journals repeat it."""

    kind: ActivityKind
    name: str
    provider: Provider
    tolerance: Tolerance | None = None
    pauses: Pauses = field(default_factory=Pauses)
    background: bool = False
    timeout_s: float | None = None
    dry: Dry | None = None
    source: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """The probes that must be within their tolerances for the state to count as steady."""

    title: str
    probes: tuple[Activity, ...] = ()


class AbortKind(StrEnum):
    """What ends an experiment early."""

    PROBE = "probe"  # one that is out of its tolerance, or cannot be asked
    ELAPSED = "elapsed"
    EFFECTS = "effects"
    MODE = "mode"  # an agent's run ended in this mode


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortCondition:
    """One reason to end early. ``every_s`` is how often a probe is asked while activities run."""

    kind: AbortKind
    probe: Activity | None = None
    every_s: float = 1.0
    seconds: float = 0.0
    above: int = 0
    modes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind is AbortKind.PROBE:
            return f"the probe {'' if self.probe is None else self.probe.name} is out of its tolerance"
        if self.kind is AbortKind.ELAPSED:
            return f"more than {self.seconds:g} s have passed"
        if self.kind is AbortKind.EFFECTS:
            return f"agents had more effects than {self.above}"
        return f"an agent's run was {' or '.join(self.modes)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A hypothesis, a method that might refute it, and what has to be undone afterwards.

    ``frequency_s``, ``fail_fast`` and ``fail_fast_ratio`` (percent) are of looks at the steady state while
    the method runs. ``hosts`` may be called besides loopback. ``virtual`` is whether time is virtual; None
    leaves it to what the activities are. ``notes`` tell what the file asks for and is not done.
    """

    title: str
    description: str = ""
    tags: tuple[str, ...] = ()
    configuration: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, Json] = field(default_factory=dict)
    hypothesis: Hypothesis | None = None
    method: tuple[Activity, ...] = ()
    rollbacks: tuple[Activity, ...] = ()
    strategy: Strategy = Strategy.DEFAULT
    frequency_s: float = 1.0
    fail_fast: bool = False
    fail_fast_ratio: float = 0.0
    abort: tuple[AbortCondition, ...] = ()
    hosts: tuple[str, ...] = ()
    virtual: bool | None = None
    dry: Dry | None = None
    owner: str = ""
    remedy: str = ""
    notes: tuple[str, ...] = ()
    source: Mapping[str, Json] = field(default_factory=dict)
    path: str = ""
    digest: str = ""


class ActivityStatus(StrEnum):
    """What became of one activity."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"  # it was under way when the experiment was ended


class JournalStatus(StrEnum):
    """How an experiment ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRun:
    """One activity that was carried out, with the time it took and what it gave.

    ``told`` is what it did, in words. ``dry`` says that it was only told. ``tolerance_met`` is None where
    there was no tolerance to meet.
    """

    activity: Mapping[str, Json]
    status: ActivityStatus | None = None
    output: Json = None
    start: str = ""
    end: str = ""
    duration_s: float = 0.0
    tolerance_met: bool | None = None
    exception: tuple[str, ...] = ()
    told: str = ""
    dry: bool = False

    @property
    def name(self) -> str:
        """The activity's name."""
        return str(self.activity.get("name", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyState:
    """One look at the hypothesis: None where it was not finished."""

    met: bool | None = None
    probes: tuple[ActivityRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The record of one experiment, in Chaos Toolkit's shape.

    ``reason`` is why it ended early, ``restored`` what was undone besides the declared rollbacks,
    ``not_restored`` what could not be. ``notes`` tell what its file asked for and was not done.
    """

    experiment: Mapping[str, Json] = field(default_factory=dict)
    start: str = ""
    end: str = ""
    duration_s: float = 0.0
    status: JournalStatus | None = None
    deviated: bool = False
    before: SteadyState | None = None
    after: SteadyState | None = None
    during: tuple[SteadyState, ...] = ()
    run: tuple[ActivityRun, ...] = ()
    rollbacks: tuple[ActivityRun, ...] = ()
    version: str = ""
    platform: str = ""
    node: str = ""
    path: str = ""
    reason: str = ""
    restored: tuple[str, ...] = ()
    not_restored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dry: bool = False

    @property
    def title(self) -> str:
        """The experiment's title."""
        return str(self.experiment.get("title", ""))

    @property
    def steady(self) -> bool:
        """Whether it was carried out whole, the steady state held, and everything was undone."""
        return self.status is JournalStatus.COMPLETED and not self.deviated and not self.not_restored


class EntryKind(StrEnum):
    """What one line of a journal's file tells."""

    DAY = "day"  # a game day begins
    EXPERIMENT = "experiment"  # an experiment begins
    LOOK = "look"  # at the steady state
    LOOKED = "looked"
    START = "start"  # of an activity
    END = "end"
    OWED = "owed"  # what has to be undone from now on
    RESTORED = "restored"
    PAUSE = "pause"
    GATE = "gate"
    STOP = "stop"  # why it ends early
    ENDED = "ended"  # the experiment
    CLOSED = "closed"  # the game day, or the file


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One line of a journal's file. ``part`` is which part of the experiment it belongs to."""

    kind: EntryKind
    at: str
    number: int = 0
    experiment: int = 0
    part: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
