"""What a candidate changed against a baseline, case by case and part by part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What became of a case or a part: changed, changed within noise, the same, or not comparable."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    NOISE = "noise"
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Independent judged trials, how many passed, and how many were left out and why."""

    passed: int = 0
    judged: int = 0
    left_out: int = 0

    @property
    def rate(self) -> float | None:
        """The share that passed; None without any."""
        return self.passed / self.judged if self.judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A difference candidate minus baseline with its interval. ``p_value`` is None where nothing tests it.

    ``method`` names the statistic, ``n`` its number of units.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    n: int = 0
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """One case on both sides. ``diverges`` is the first step at which the regressed run differs.

    ``reasons`` are those of the candidate's failing verdicts. ``variant`` is set where a matrix was
    compared, like with like. ``p_value`` is None where no test was needed.
    """

    suite: str
    case: str
    kind: ChangeKind
    baseline: Tally
    candidate: Tally
    p_value: float | None = None
    diverges: str = ""
    reasons: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    baseline_trace: str = ""
    candidate_trace: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """One tag, or one value of one segment: ``name`` is ``tag:refund`` or ``language:de``."""

    name: str
    kind: ChangeKind
    baseline: Tally
    candidate: Tally
    difference: Estimate
    cases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChange:
    """A measure such as cost on cases that both sides have; ``worse`` is beyond noise."""

    name: str
    baseline: float | None
    candidate: float | None
    difference: Estimate
    kind: ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that a candidate changed. ``needed`` is how many more cases would settle it, if known.

    ``alpha`` is the level of its tests: a p-value up to it proves a change.
    """

    baseline: str
    candidate: str
    cases: tuple[CaseChange, ...] = ()
    parts: tuple[PartChange, ...] = ()
    metrics: tuple[MetricChange, ...] = ()
    overall: Estimate = Estimate()
    needed: int | None = None
    notes: tuple[str, ...] = ()
    alpha: float = 0.05

    @property
    def regressions(self) -> tuple[CaseChange, ...]:
        """The cases that got worse beyond noise."""
        return tuple(case for case in self.cases if case.kind is ChangeKind.REGRESSION)

    @property
    def worse_parts(self) -> tuple[PartChange, ...]:
        """The tags and segments that got worse, whatever the mean says: beyond noise, or as they stand."""
        return tuple(part for part in self.parts if part.kind is ChangeKind.REGRESSION)

    def proves(self, part: PartChange) -> bool:
        """Whether the test of the part's cases shows its change; else its own cases changed, as it stands."""
        value, p_value = part.difference.value, part.difference.p_value
        if value is None or p_value is None or p_value > self.alpha:
            return False
        return {ChangeKind.REGRESSION: value < 0, ChangeKind.IMPROVEMENT: value > 0}.get(part.kind, False)
