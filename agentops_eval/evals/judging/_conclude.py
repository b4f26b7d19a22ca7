"""From opinions to one verdict: the majority of samples, and both orders of a pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agentops_eval.domain import ErrorSource, Verdict, VerdictValue
from agentops_eval.evals.judging._labels import rubric_key
from agentops_eval.evals.judging._reading import Choice, Opinion
from agentops_eval.evals.judging._rubric import Rubric

_MIRRORED = {Choice.FIRST: Choice.SECOND, Choice.SECOND: Choice.FIRST}


def conclude(rubric: Rubric, opinions: Sequence[Opinion]) -> Verdict:
    """What more than half of all samples say; unknown, and the judge's doing, where they say nothing alike.

    A sample that could not be read, or that is undecided, counts among all and for neither side. The
    score is the mean of the samples that have one; agreement is the share of the winning side.
    """
    votes = Counter(opinion.value for opinion in opinions)
    total = len(opinions)
    for value in (VerdictValue.PASS, VerdictValue.FAIL):
        if votes[value] * 2 > total:
            return _won(rubric, opinions, value, votes[value])
    problems = [opinion.problem for opinion in opinions if opinion.problem]
    reasons = [opinion.reason for opinion in opinions if opinion.value is VerdictValue.UNKNOWN]
    if total > 1:
        split = f"{votes[VerdictValue.PASS]} pass, {votes[VerdictValue.FAIL]} fail, "
        why = f"no majority of {total} samples: {split}{votes[VerdictValue.UNKNOWN]} undecided"
        why = f"{why}; {problems[0]}" if problems else why
    else:
        why = next(iter(problems), "") or f"undecided: {next(iter(reasons), '') or 'it gives no reason'}"
    return unknown(rubric, why)


def conclude_pair(rubric: Rubric, forth: tuple[Choice, str], back: tuple[Choice, str] | None) -> Verdict:
    """Whether the agent's answer, shown first and then second, is no worse than the one beside it.

    ``forth`` is the choice with the agent's answer first; ``back``, None where it was not asked for, the
    one with it second. A preference that does not survive the swap is the judge's own: unknown.
    """
    choice, why = forth
    swapped = None if back is None else _MIRRORED.get(back[0], back[0])
    if Choice.UNKNOWN in (choice, swapped):
        return unknown(rubric, (why if choice is Choice.UNKNOWN or back is None else back[1]) or "undecided")
    if swapped is not None and swapped is not choice:
        return unknown(rubric, f"its preference follows the order: {choice.value}, swapped {swapped.value}")
    told = {
        Choice.FIRST: ("preferred to the other answer", VerdictValue.PASS, 1.0),
        Choice.TIE: ("as good as the other answer", VerdictValue.PASS, 0.5),
    }
    said, value, score = told.get(choice, ("the other answer is preferred", VerdictValue.FAIL, 0.0))
    orders = "" if back is None else " in both orders"
    reason = f"{said}{orders}: {why}".removesuffix(": ")
    return Verdict(value=value, score=score, reason=reason, evidence=(about(rubric),))


def unknown(rubric: Rubric, why: str) -> Verdict:
    """Nobody can say, and that is the judge's doing."""
    return Verdict(
        value=VerdictValue.UNKNOWN,
        reason=f"the judge gave no verdict: {why}",
        evidence=(about(rubric),),
        source=ErrorSource.JUDGE,
    )


def about(rubric: Rubric) -> str:
    """The evidence that says which text of which rubric a verdict is under."""
    return f"rubric:{rubric_key(rubric)}"


def _won(rubric: Rubric, opinions: Sequence[Opinion], value: VerdictValue, votes: int) -> Verdict:
    first = next(opinion for opinion in opinions if opinion.value is value)
    scores = [opinion.score for opinion in opinions if opinion.score is not None]
    total = len(opinions)
    agreed = f"{votes} of {total} samples: " if total > 1 else ""
    return Verdict(
        value=value,
        score=sum(scores) / len(scores) if scores else None,
        reason=f"{agreed}{first.reason}".removesuffix(": ") or "the judge gives no reason",
        evidence=(about(rubric), *first.quotes),
    )
