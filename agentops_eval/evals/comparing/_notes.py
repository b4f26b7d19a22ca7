"""What a reader of a comparison has to know to read it right, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from agentops_eval.domain import CaseChange, ChangeKind, MetricChange, PartChange
from agentops_eval.evals.comparing._cases import unrepeated
from agentops_eval.evals.comparing._sides import Pair, Side


def notes_on(
    pairs: Sequence[Pair],
    changes: Sequence[CaseChange],
    parts: Sequence[PartChange],
    metrics: Sequence[MetricChange],
    *,
    names: tuple[str, str],
    alpha: float,
) -> Iterator[str]:
    """One sentence for each thing that is so, the most pressing first."""
    kinds = Counter(change.kind for change in changes)
    if kinds[ChangeKind.UNKNOWN]:
        yield f"{_cases(kinds[ChangeKind.UNKNOWN])} could not be judged on both sides: not better, not worse"
    if kinds[ChangeKind.REMOVED]:
        yield f"the candidate did not run {_cases(kinds[ChangeKind.REMOVED])} of the baseline"
    if open_ones := sum(map(unrepeated, pairs)):
        yield f"{_cases(open_ones)} changed on one live trial a side: repeat them to tell a change from noise"
    for name, sides in zip(
        names, zip(*((p.baseline, p.candidate) for p in pairs), strict=True), strict=False
    ):
        yield from _left_out(name, sides)
    if flaky := sum(change.p_value is not None for change in changes):
        yield f"{_cases(flaky)} with trials that disagree: p-values corrected by Benjamini-Hochberg"
    for what, found in (("parts", parts), ("measures", metrics)):
        if len(found) > 1:
            yield f"{len(found)} {what}: p-values corrected by Holm"
    yield f"p-values are two-sided, limits hold {100 * (1 - alpha):.4g} %"


def _left_out(name: str, sides: Sequence[Side]) -> Iterator[str]:
    excluded: Counter[str] = Counter()
    for side in sides:
        excluded.update({source.value: count for source, count in side.counted.excluded.items()})
    unknown = sum(side.counted.unknown for side in sides)
    replays = sum(side.counted.replays for side in sides)
    told = [f"{count} for an error of {source}" for source, count in sorted(excluded.items())]
    told += [f"{unknown} that could not be judged"] if unknown else []
    if told:
        yield f"{name}: trials left out: {', '.join(told)}"
    if replays:
        many = f"{replays} replay{'' if replays == 1 else 's'}"
        yield f"{name}: {many} of a recording that another trial replays, counted once"


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"
