"""What the results of a run come to: counts, rates with their intervals, what flaps, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Ending, ErrorSource, Result, Sample
from agentops_eval.stats import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Flake:
    """A case whose trials did not agree, and who is to blame: ``evaluators`` are those that flapped."""

    case: str
    source: ErrorSource
    passed: int
    trials: int
    evaluators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What all results come to.

    ``independent`` counts the judged trials that are observations of their own: replays of one
    recording count once, and it is they that the rate and its interval are of. ``errors`` counts trials
    that ended without a verdict, by whose fault that was; they are in no rate. Cases are told apart by
    suite, and by variant.
    """

    cases: int = 0
    trials: int = 0
    independent: int = 0
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    needs_recording: int = 0
    errors: Mapping[ErrorSource, int] = field(default_factory=dict)
    rate: float | None = None
    interval: Interval | None = None
    pass_hat_k: Mapping[int, float] = field(default_factory=dict)
    cost_usd: float | None = None
    flakes: tuple[Flake, ...] = ()


def sample_of(result: Result) -> Sample:
    """A result as an observation. One that needs a recording is nobody's failure, and in no rate."""
    error: ErrorSource | None = None
    if result.ending is not Ending.JUDGED:
        error = ErrorSource.INFRASTRUCTURE if result.error is None else result.error.source
    spend = result.spend
    known = {"cost_usd": spend.cost_usd, "latency_s": spend.latency_s, "steps": spend.steps}
    return Sample(
        case=case_key(result),
        trial=result.trial,
        passed=result.passed,
        metrics={name: float(value) for name, value in known.items() if value is not None},
        error=error,
        tags=result.tags,
        segments=result.segments,
        recording=result.recording,
    )


def case_key(result: Result) -> str:
    """The name of a case among all suites and variants."""
    variant = f" [{result.variant}]" if result.variant else ""
    return f"{result.suite}::{result.case}{variant}"
