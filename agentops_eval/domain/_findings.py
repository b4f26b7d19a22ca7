"""What a check found, and what it comes to: shared by whatever judges, and by every report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: misleading or unsafe, worth mending, good to know."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {Level.ERROR: 0, Level.WARN: 1, Level.INFO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is checked. ``id`` is stable and never reused; ``group`` is a heading for people.

    ``upstream`` is the name under which others check the same, empty where nobody does.
    """

    id: str
    slug: str
    level: Level
    group: str
    title: str
    explanation: str
    fix: str
    upstream: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a rule is broken.

    ``where`` is a file, with ``:line`` behind it where that is known. The ids and ``span``, its name,
    are empty for what concerns no single span.
    """

    rule: str
    level: Level
    message: str
    where: str = ""
    trace_id: str = ""
    span_id: str = ""
    span: str = ""


class VerdictValue(StrEnum):
    """Unknown is a value of its own: missing data never passes."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class ErrorSource(StrEnum):
    """Who is to blame for a trial that gave no verdict, or for one that flaps."""

    AGENT = "agent"
    JUDGE = "judge"
    SIMULATOR = "simulator"
    INFRASTRUCTURE = "infrastructure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an evaluator makes of a run. ``score`` is from 0 to 1, None where it is unknown.

    ``evidence`` says where to look: a span's id, a file with its line. ``evaluator`` is who says so.
    ``source`` is whose fault it is that nobody can say, where that is known.
    """

    value: VerdictValue
    score: float | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()
    evaluator: str = ""
    source: ErrorSource | None = None

    @property
    def passed(self) -> bool:
        """Whether it is a pass."""
        return self.value is VerdictValue.PASS
