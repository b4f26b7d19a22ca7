"""What lint is told and what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain import Finding, Level
from agentops_eval.traces._attribution import Attribution
from agentops_eval.traces.redaction import RedactionRules, Redactor


class Group(StrEnum):
    """What a rule is about, in the order of the first digit of its id; 0 comes last."""

    LLM = "llm call"
    TOOL = "tool"
    DECISION = "decision point"
    HUMAN = "human checkpoint"
    COST = "cost"
    CONFIDENCE = "confidence"
    CORRELATION = "correlation"
    HYGIENE = "hygiene"
    EMITTED = "as emitted"
    AUDIT = "decision audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintConfig:
    """What is checked, and how severely.

    ``select`` holds the rules that are checked, all where it is empty; ``ignore`` those that are not:
    ids, slugs, or the beginning of an id for a whole group (``AL4``). ``levels`` maps ids or slugs to
    other levels. ``destructive_tools`` and ``allowed_keys`` are names, ``*`` standing for anything.
    ``attribution`` names the attributes that tell on whose authority a run acts. ``redactor`` takes secrets
    out of what findings say; without one it is made of ``redaction``.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    levels: Mapping[str, Level] = field(default_factory=dict)
    destructive_tools: tuple[str, ...] = ()
    allowed_keys: tuple[str, ...] = ()
    redaction: RedactionRules = field(default_factory=RedactionRules)
    redactor: Redactor | None = field(default=None, compare=False)
    attribution: Attribution = field(default_factory=Attribution)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """How many checks of a group applied, and how many of them passed; rules of level info do not count."""

    group: str
    checks: int
    passed: int

    @property
    def score(self) -> float | None:
        """The share that passed; None where nothing applied."""
        return share(self.passed, self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many spans of a type there are, and how many of them have each attribute that is asked of it."""

    span_type: str
    spans: int
    present: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLint:
    """One run: its score, and its findings by level."""

    trace_id: str
    root: str
    spans: int
    score: float | None
    counts: Mapping[Level, int]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LintReport:
    """Everything that lint found in some runs. True where there are spans and no finding is an error.

    ``findings`` are about the traces in the conventions' words, ``emitted`` about the spans as their
    sender wrote them, which the score leaves out. Of each rule the first findings are kept; ``counts``
    has all of them, by rule. ``conforming`` of ``emitting`` spans were written as the conventions say.
    ``unmatched`` are the destructive tools of the configuration that fit no tool which ran,
    and where there are any, ``tools`` holds the names of those that did.
    """

    findings: tuple[Finding, ...] = ()
    emitted: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    by_level: Mapping[Level, int] = field(default_factory=dict)
    groups: tuple[GroupScore, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    runs: tuple[RunLint, ...] = ()
    emitting: int = 0
    conforming: int = 0
    unmatched: tuple[str, ...] = ()
    tools: frozenset[str] = frozenset()

    @property
    def score(self) -> float | None:
        """The share of all checks that applied and passed, over all groups; None where none applied."""
        return share(sum(one.passed for one in self.groups), sum(one.checks for one in self.groups))

    @property
    def spans(self) -> int:
        """How many spans there are; without any, nothing was checked, and nothing passes."""
        return sum(run.spans for run in self.runs)

    def at_least(self, level: Level) -> int:
        """How many findings are as bad as ``level``, or worse."""
        return sum(count for found, count in self.by_level.items() if found.rank <= level.rank)

    def __bool__(self) -> bool:
        return self.spans > 0 and self.at_least(Level.ERROR) == 0

    def __repr__(self) -> str:
        """What pytest prints where an assertion on a report fails."""
        kept = (*self.findings, *self.emitted)
        errors = [f"{one.rule} {one.span}: {one.message}" for one in kept if one.level is Level.ERROR]
        rest = self.at_least(Level.ERROR) - len(errors[:_SHOWN])
        score = "unknown" if self.score is None else f"{self.score:.2f}"
        told = [
            f"score {score}",
            f"{self.spans} spans",
            f"{self.at_least(Level.ERROR)} errors",
            *errors[:_SHOWN],
        ]
        return f"<LintReport {'; '.join([*told, *([f'and {rest} more'] if rest > 0 else [])])}>"


_SHOWN = 5


def share(part: int, whole: int) -> float | None:
    """A share, unknown of nothing."""
    return part / whole if whole else None
