"""What became of each case: a regression, an improvement, noise, the same, or not comparable.

Cases, in this order:

1. One side did not run it: added or removed.
2. One side has no judged trial: unknown.
3. The rates are equal: the same.
4. Each side is unanimous and they differ: a change. Nothing on either side flaps, and the replay of a
   recording has no noise.
5. Else some trials disagree with others of their side, so that the case is flaky: a change only where
   the two-sided mid-p value of Fisher's test says so, corrected over all such cases by Benjamini and
   Hochberg; else noise.

Last, what is not a regression is unknown where trials of the candidate could not be judged: missing
data never passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.domain import CaseChange, ChangeKind, Result, Tally, VerdictValue
from agentops_eval.evals.comparing._sides import Diverges, Pair
from agentops_eval.stats import benjamini_hochberg, fisher_mid_p

_MOST_REASONS = 5


def case_changes(pairs: Sequence[Pair], *, alpha: float, diverges: Diverges | None) -> tuple[CaseChange, ...]:
    """One change for each pair, in their order. ``diverges`` is asked for regressed cases only."""
    flaky = [at for at, pair in enumerate(pairs) if _is_flaky(pair)]
    p_values = dict(zip(flaky, benjamini_hochberg([_two_sided(pairs[at]) for at in flaky]), strict=True))
    return tuple(_change(pair, p_values.get(at), alpha, diverges) for at, pair in enumerate(pairs))


def unrepeated(pair: Pair) -> bool:
    """Whether it changed on one live trial a side, so that repeating it might show that it flaps."""
    single = pair.baseline.tally.judged == pair.candidate.tally.judged == 1
    live = any(not result.recording for side in (pair.baseline, pair.candidate) for result in side.results)
    return single and live and bool(pair.difference)


def _is_flaky(pair: Pair) -> bool:
    if pair.difference is None:
        return False
    return not (pair.baseline.unanimous and pair.candidate.unanimous)


def _two_sided(pair: Pair) -> float:
    before, after = (_counts(side.tally) for side in (pair.baseline, pair.candidate))
    return min(1.0, 2 * min(fisher_mid_p(after, before), fisher_mid_p(before, after)))


def _counts(tally: Tally) -> tuple[int, int]:
    return tally.passed, tally.judged


def _change(pair: Pair, p_value: float | None, alpha: float, diverges: Diverges | None) -> CaseChange:
    kind = _kind(pair, p_value, alpha)
    worse = kind is ChangeKind.REGRESSION
    before = pair.baseline.first(passed=kind is not ChangeKind.IMPROVEMENT)
    after = pair.candidate.first(passed=not worse)
    told = diverges(before, after) if worse and diverges and before and after else ""
    return CaseChange(
        suite=pair.suite,
        case=pair.case,
        variant=pair.variant,
        kind=kind,
        baseline=pair.baseline.tally,
        candidate=pair.candidate.tally,
        p_value=p_value,
        diverges=told,
        reasons=_reasons(pair.candidate.results),
        tags=pair.tags,
        baseline_trace=before.trace_file if before else "",
        candidate_trace=after.trace_file if after else "",
    )


def _kind(pair: Pair, p_value: float | None, alpha: float) -> ChangeKind:
    if not pair.baseline.results:
        return ChangeKind.ADDED
    if not pair.candidate.results:
        return ChangeKind.REMOVED
    difference = pair.difference
    if difference is None:
        return ChangeKind.UNKNOWN
    changed = bool(difference) and (p_value is None or p_value <= alpha)
    if changed and difference < 0:
        return ChangeKind.REGRESSION
    if pair.candidate.counted.unknown:
        return ChangeKind.UNKNOWN
    if changed:
        return ChangeKind.IMPROVEMENT
    return ChangeKind.NOISE if difference else ChangeKind.SAME


def _reasons(results: Sequence[Result]) -> tuple[str, ...]:
    """Why trials failed, each reason once, the first few."""
    found: dict[str, None] = {}
    for result in results:
        if result.passed is not False:
            continue
        if result.error is not None:
            found[f"{result.error.kind}: {result.error.message}"] = None
        for verdict in result.verdicts:
            if verdict.value is VerdictValue.FAIL:
                said = f"{verdict.evaluator}: {verdict.reason}" if verdict.reason else verdict.evaluator
                found[said] = None
    return tuple(found)[:_MOST_REASONS]
