"""Failure modes that were shown, and the runbooks that tell what to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain._sheets import Sheet


class ShownBy(StrEnum):
    """What showed a failure."""

    EXPLORATION = "exploration"
    CHECK = "check"
    FAULTS = "run under faults"
    EXPERIMENT = "experiment"
    RUN = "run in operation"


class Dependency(StrEnum):
    """What sort of thing a fault hit."""

    TOOL = "tool"
    LLM = "llm"
    HTTP = "http"
    AGENT = "agent"
    HUMAN = "human"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureReach:
    """How far a failure reached, as its source tells it. None is not known.

    ``steps`` is the share of the fault-free run's calls that are missing or differ; see ``BlastRadius``.
    """

    steps: float | None = None
    hops: int | None = None
    contained: bool | None = None
    output: bool | None = None
    tools: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureSeen:
    """One time that a failure was shown.

    ``causes`` are classes of faults, or the one class of an incident; ``dependencies`` what was hit, with its
    sort. ``mode`` and ``harms`` are those of an impact, empty for incidents. ``under`` is the schedule in
    words and ``kinds`` its kinds of faults. ``source`` is the file that tells it, ``test`` the regression,
    ``command`` what shows it again. ``undo`` are the rollbacks that an experiment declares. ``confidence`` is
    that of the incident's rule. ``contract`` is the degradation file that it was judged by, where known.
    """

    agent: str
    by: ShownBy
    causes: tuple[str, ...]
    dependencies: tuple[tuple[Dependency, str], ...] = ()
    mode: str = ""
    harms: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    under: str = ""
    reach: FailureReach | None = None
    recovery_s: float | None = None
    cost_ratio: float | None = None
    undo: tuple[str, ...] = ()
    owner: str = ""
    remedy: str = ""
    source: str = ""
    test: str = ""
    command: str = ""
    trace: str = ""
    confidence: float | None = None
    mast: tuple[str, ...] = ()
    contract: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredMode:
    """A degradation that a file declares: of which agent, for what, and how it may be got through."""

    file: str
    agent: str = ""
    dependency: str = "*"
    faults: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    effects: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookFacts:
    """What a project knows beside its failures.

    ``owners`` maps agents to roles. ``undone_by`` maps tools to those that take them back, with the file that
    says so. ``prompts`` are prompts with the versions that were approved before the latest. ``decision`` is
    what the last gate decided, by agent. ``traces`` is where its traces are, in words of a command.
    """

    owners: Mapping[str, str] = field(default_factory=dict)
    declared: tuple[DeclaredMode, ...] = ()
    undone_by: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    prompts: tuple[tuple[str, str], ...] = ()
    decisions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    traces: str = "TRACES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """What to do about one failure mode. ``owner`` is a role, empty where there is none.

    ``outcome`` is the gravest harm, else the mode; empty for incidents. ``unsafe`` says that harm was done to
    the world. ``shown`` counts how often it was seen.
    """

    id: str
    agent: str
    causes: tuple[str, ...]
    dependencies: tuple[str, ...]
    outcome: str
    sheet: Sheet
    owner: str = ""
    unsafe: bool = False
    shown: int = 0


class SheetFile(StrEnum):
    """What became of a sheet's file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"  # it is not ours, or its marks are broken: it was left as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPart:
    """A generated part that a person edited and that was kept. ``difference`` is what ours would change."""

    part: str
    difference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedSheet:
    """A sheet put into its file: what is written, and what was kept of whoever edited it.

    ``removed`` are parts that were taken out by hand and stay out; ``why`` tells why a file was left alone.
    """

    state: SheetFile
    text: str
    edited: tuple[EditedPart, ...] = ()
    removed: tuple[str, ...] = ()
    why: str = ""
