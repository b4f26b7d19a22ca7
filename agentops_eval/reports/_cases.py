"""Results gathered by case: what a case comes to, and what the cases come to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    Json,
    Result,
    RunError,
    Verdict,
    VerdictValue,
    case_name,
)
from agentops_eval.reports._text import finite


class Status(StrEnum):
    """What a trial or a case comes to, worst first. Only the last is green."""

    FAILED = "failed"
    NEEDS_RECORDING = "needs_recording"
    ERROR = "error"
    UNKNOWN = "unknown"
    PASSED = "passed"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]

    @property
    def words(self) -> str:
        """As people read it."""
        return self.replace("_", " ")


_RANKS = {status: rank for rank, status in enumerate(Status)}


def status_of(result: Result) -> Status:
    """What one trial comes to."""
    if result.ending is Ending.NEEDS_RECORDING:
        return Status.NEEDS_RECORDING
    if result.ending is Ending.ERROR:
        return Status.ERROR
    if result.value is VerdictValue.UNKNOWN:
        return Status.UNKNOWN
    return Status.PASSED if result.value is VerdictValue.PASS else Status.FAILED


def reasons_of(result: Result) -> Iterator[str]:
    """Why a trial did not pass, as ``evaluator: reason``: failing verdicts first, then unknown ones."""
    if result.ending is Ending.NEEDS_RECORDING:
        yield "no recording covers this version"
    if result.error is not None:
        yield error_of(result.error)
    for value in (VerdictValue.FAIL, VerdictValue.UNKNOWN):
        for verdict in result.verdicts:
            if verdict.value is value:
                yield _reason(verdict)
    if result.ending is not Ending.NEEDS_RECORDING and result.error is None and not result.verdicts:
        yield "nothing judged it"


def error_of(error: RunError) -> str:
    """Who is to blame, and for what: ``infrastructure: ConnectTimeout: the host does not answer``."""
    return ": ".join(part for part in (str(error.source), error.kind, error.message) if part)


def _reason(verdict: Verdict) -> str:
    said = verdict.reason or ("failed" if verdict.value is VerdictValue.FAIL else "unknown")
    return f"{verdict.evaluator}: {said}" if verdict.evaluator else said


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case with its trials, at least one. ``status`` is that of its worst trial: all have to pass."""

    suite: str
    case: str
    variant: str
    trials: tuple[Result, ...]
    status: Status

    @property
    def name(self) -> str:
        """Suite and case, and the variant where there is one."""
        return case_name(self.suite, self.case, self.variant)

    @property
    def title(self) -> str:
        """The scenario's title; empty without one. A trial that broke off need not tell it."""
        return next((trial.title for trial in self.trials if trial.title), "")

    @property
    def asked(self) -> tuple[Json, ...]:
        """What the user said, turn by turn; nothing where no trial tells it."""
        return next((trial.asked for trial in self.trials if trial.asked), ())

    @property
    def passed(self) -> int:
        """How many trials passed."""
        return sum(status_of(trial) is Status.PASSED for trial in self.trials)

    @property
    def worst(self) -> Result:
        """The first trial with the case's status."""
        return next(trial for trial in self.trials if status_of(trial) is self.status)

    @property
    def reason(self) -> str:
        """The first reason why it did not pass; empty where it did."""
        return "" if self.status is Status.PASSED else next(reasons_of(self.worst), "")

    @property
    def remedy(self) -> str:
        """What to do about the worst trial."""
        return self.worst.remedy

    @property
    def score(self) -> float | None:
        """The mean of the scores that are known, over verdicts and trials."""
        return _mean(verdict.score for trial in self.trials for verdict in trial.verdicts)

    @property
    def cost_usd(self) -> float | None:
        """What all trials cost together; None where one of them does not tell."""
        costs = [finite(trial.spend.cost_usd) for trial in self.trials]
        known = [cost for cost in costs if cost is not None]
        return finite(sum(known)) if len(known) == len(costs) else None

    @property
    def latency_s(self) -> float | None:
        """How long a trial took, as the mean of those that tell."""
        return _mean(trial.spend.latency_s for trial in self.trials)


def cases_of(results: Iterable[Result]) -> tuple[CaseView, ...]:
    """The cases in the order in which they first appear, each with its trials in their order."""
    found: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        found.setdefault((result.suite, result.case, result.variant), []).append(result)
    return tuple(_view(*key, trials) for key, trials in found.items())


def _view(suite: str, case: str, variant: str, trials: Sequence[Result]) -> CaseView:
    ordered = tuple(sorted(trials, key=lambda trial: trial.trial))
    status = min(map(status_of, ordered), key=lambda status: status.rank)
    return CaseView(suite=suite, case=case, variant=variant, trials=ordered, status=status)


def worst_first(cases: Iterable[CaseView]) -> list[CaseView]:
    """The same cases, what failed before what passed, otherwise in their order."""
    return sorted(cases, key=lambda case: case.status.rank)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in map(finite, values) if value is not None]
    return finite(math.fsum(value / len(known) for value in known)) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many cases and trials ended how. ``left_out`` are trials in no rate, by who is to blame."""

    cases: Mapping[Status, int]
    trials: Mapping[Status, int]
    left_out: Mapping[ErrorSource, int] = field(default_factory=dict)
    cost_usd: float | None = None
    without_cost: int = 0

    @property
    def all_cases(self) -> int:
        """How many cases there are."""
        return sum(self.cases.values())

    @property
    def all_trials(self) -> int:
        """How many trials there are."""
        return sum(self.trials.values())

    @property
    def green(self) -> bool:
        """Whether there are cases, and all of them passed."""
        return 0 < self.all_cases == self.cases[Status.PASSED]

    @property
    def headline(self) -> str:
        """One sentence: ``3 of 40 cases failed, 1 needs a recording``."""
        if not self.all_cases:
            return "nothing ran"
        if self.green:
            return "the only case passed" if self.all_cases == 1 else f"all {self.all_cases} cases passed"
        said = [f"{self.cases[status]} {words}" for status, words in _SAID if self.cases[status]]
        count, _, rest = said[0].partition(" ")
        total = f"{count} of {self.all_cases} case{'' if self.all_cases == 1 else 's'} {rest}"
        return ", ".join((total, *said[1:]))


_SAID = (
    (Status.FAILED, "failed"),
    (Status.NEEDS_RECORDING, "without a recording"),
    (Status.ERROR, "ended in an error"),
    (Status.UNKNOWN, "unknown"),
)


def summary_of(cases: Sequence[CaseView]) -> Summary:
    """Count them."""
    trials = [trial for case in cases for trial in case.trials]
    by_case, by_trial = Counter(case.status for case in cases), Counter(map(status_of, trials))
    sources = Counter(t.error.source for t in trials if t.ending is Ending.ERROR and t.error is not None)
    costs = [cost for cost in (finite(trial.spend.cost_usd) for trial in trials) if cost is not None]
    return Summary(
        cases={status: by_case[status] for status in Status},
        trials={status: by_trial[status] for status in Status},
        left_out={source: sources[source] for source in ErrorSource if sources[source]},
        cost_usd=finite(sum(costs)) if costs else None,
        without_cost=len(trials) - len(costs),
    )
