"""What the results of a command come to: an exit code, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentops_eval.domain import CaseChange, ChangeKind, Comparison, Ending, Result

_NAMED = 5
OK, FINDING, UNREADABLE, NEEDS_RECORDING = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """An exit code and the sentence that says why; ``passed`` only where everything was judged and well."""

    exit_code: int
    reason: str

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return self.exit_code == OK


def rule(
    results: Sequence[Result], *, problems: int = 0, min_pass_rate: float | None = None, stopped: str = ""
) -> Ruling:
    """Decide.

    Cases, of which the first that fits counts: something could not be read; a trial failed, or too few
    passed; a trial needs a recording; one ended without a verdict, was not run, or is unknown; all is
    well. With ``min_pass_rate`` single failures are no finding, but that share of the judged trials has to
    pass; an unknown verdict does not. Missing data never passes.
    """
    judged = [one for one in results if one.ending is Ending.JUDGED]
    passed = sum(one.passed is True for one in judged)
    failed = sum(one.passed is False for one in judged)
    needed = sum(one.ending is Ending.NEEDS_RECORDING for one in results)
    errors = sum(one.ending is Ending.ERROR for one in results)
    unknown = len(judged) - passed - failed
    if problems:
        return Ruling(exit_code=UNREADABLE, reason=f"{_many(problems, 'problem')} in scenario files")
    if not results:
        return Ruling(exit_code=UNREADABLE, reason="no case was chosen")
    if min_pass_rate is None and failed:
        return Ruling(exit_code=FINDING, reason=f"{failed} of {len(judged)} judged trials failed")
    rate = passed / len(judged) if judged else 0.0
    if min_pass_rate is not None and judged and rate < min_pass_rate:
        told = (
            f"{passed} of {len(judged)} judged trials passed ({rate:.1%}), at least {min_pass_rate:.1%} must"
        )
        return Ruling(exit_code=FINDING, reason=told)
    if needed:
        return Ruling(exit_code=NEEDS_RECORDING, reason=f"{_many(needed, 'trial')} must be recorded first")
    if errors:
        told = f"{_many(errors, 'trial')} ended without a verdict, through no fault of the agent"
        return Ruling(exit_code=FINDING, reason=told)
    if stopped:
        return Ruling(exit_code=FINDING, reason=f"not all was run: {stopped}")
    if unknown and min_pass_rate is None:
        told = f"of {_many(unknown, 'trial')} nobody can say whether it passed"
        return Ruling(exit_code=FINDING, reason=told)
    return Ruling(exit_code=OK, reason=f"{passed} of {len(judged)} judged trials passed")


def rule_comparison(
    found: Comparison,
    candidate: Sequence[Result],
    *,
    unfinished: Iterable[str] = (),
    allow_missing: bool = False,
) -> Ruling:
    """Decide by a comparison.

    Cases, of which the first that fits counts: a case or a part is worse; a trial of the candidate needs a
    recording; a side is not whole, as ``unfinished`` says; no case was run on both sides; the candidate did
    not run a case, unless ``allow_missing``; of a case nobody can say whether it is worse; nothing is worse.
    A candidate whose trials all passed is not worse.
    """
    worse = len(found.regressions) + len(found.worse_parts)
    needed = sum(one.ending is Ending.NEEDS_RECORDING for one in candidate)
    alone = {ChangeKind.ADDED, ChangeKind.REMOVED}
    unclear = sum(case.kind is ChangeKind.UNKNOWN and not _all_passed(case) for case in found.cases)
    if worse:
        return Ruling(exit_code=FINDING, reason=f"{_many(worse, 'case or part', 'cases or parts')} got worse")
    if needed:
        told = f"{_many(needed, 'trial')} of the candidate must be recorded first"
        return Ruling(exit_code=NEEDS_RECORDING, reason=told)
    for told in filter(None, unfinished):
        return Ruling(exit_code=FINDING, reason=f"not all was run: {told}")
    if all(case.kind in alone for case in found.cases):
        return Ruling(exit_code=FINDING, reason="no case was run on both sides: nothing was compared")
    gone = [case.case for case in found.cases if case.kind is ChangeKind.REMOVED]
    if gone and not allow_missing:
        told = f"the candidate did not run {_many(len(gone), 'case')}: {', '.join(gone[:_NAMED])}"
        return Ruling(exit_code=FINDING, reason=f"{told} (--allow-missing where that is meant)")
    if unclear:
        told = f"of {_many(unclear, 'case')} nobody can say whether the candidate is worse"
        return Ruling(exit_code=FINDING, reason=told)
    return Ruling(exit_code=OK, reason="nothing got worse")


def _all_passed(case: CaseChange) -> bool:
    tally = case.candidate
    return 0 < tally.judged == tally.passed and not tally.left_out


def _many(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
