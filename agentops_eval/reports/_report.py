"""What a report of suites is made of. Every figure in it was computed by whoever asks for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain import Comparison, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure with its interval; None is not known.

    ``name`` is what it is of: ``tag:refund``, ``language:de``, an evaluator, ``cost``. ``n`` counts the
    units that stand behind it, ``method`` names the interval: ``Wilson, 95 %``. ``unit`` is ``share`` and
    ``score`` (both from 0 to 1), ``USD``, ``s``, ``tokens`` or empty.
    """

    name: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    unit: str = "share"
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInfo:
    """What is told of a run of suites beside its results.

    ``when`` is a date as text. ``command`` repeats the run. ``versions`` are those of prompts, tools and
    agents. ``independent`` counts the judged trials with replays of one recording counted once; the rates
    are of these. ``pass_hat_k`` is pass^k by k. ``parts`` are pass rates by tag and by segment,
    ``evaluators`` mean scores by evaluator, ``spends`` means such as those of cost and latency.
    """

    title: str = ""
    when: str = ""
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    independent: int | None = None
    pass_rate: Measure | None = None
    pass_hat_k: Mapping[int, float] = field(default_factory=dict)
    parts: tuple[Measure, ...] = ()
    evaluators: tuple[Measure, ...] = ()
    spends: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()


class RowKind(StrEnum):
    """What a row of a diff shows; a gap stands for rows that are left out and says so on the left."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One row of two texts side by side; the first row of a trace that is not the same is ``first``."""

    kind: RowKind
    left: str = ""
    right: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDiff:
    """The traces of one case side by side. ``baseline`` and ``candidate`` are headings."""

    suite: str
    case: str
    variant: str = ""
    baseline: str = "baseline"
    candidate: str = "candidate"
    rows: tuple[DiffRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptDiff:
    """Two versions of a prompt or of a tool's schema side by side. The versions are headings."""

    name: str
    baseline: str
    candidate: str
    rows: tuple[DiffRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report of suites shows, in whatever format."""

    results: Sequence[Result] = ()
    info: ReportInfo = ReportInfo()
    comparison: Comparison | None = None
    diffs: tuple[CaseDiff, ...] = ()
    prompts: tuple[PromptDiff, ...] = ()
