"""Tags and segments: an improving mean never hides a part that got worse.

A part is worse in one of two ways:

1. The test of its cases says so, corrected by Holm over all parts: worse for such cases in general.
2. Of its own cases, more got worse beyond noise than got better, by more than the margin as a share of
   them: worse as it stands. A segment of five cases that all break is worse, whatever five can prove.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from agentops_eval.domain import CaseChange, ChangeKind, Estimate, PartChange, Tally
from agentops_eval.evals.comparing._differences import difference_of
from agentops_eval.evals.comparing._sides import Pair, Side
from agentops_eval.stats import holm


def part_changes(
    pairs: Sequence[Pair], changes: Sequence[CaseChange], *, margin: float, alpha: float
) -> tuple[PartChange, ...]:
    """One change for each tag and each value of a segment, by name. Cases that one side lacks are in none."""
    members: dict[str, list[int]] = {}
    for at, pair in enumerate(pairs):
        for part in pair.parts if pair.baseline.results and pair.candidate.results else ():
            members.setdefault(part, []).append(at)
    names = sorted(members)
    found = [_difference([pairs[at] for at in members[name]], alpha) for name in names]
    adjusted = _adjusted(found)
    return tuple(
        _change(name, [pairs[at] for at in members[name]], [changes[at] for at in members[name]], estimate,
                margin=margin, alpha=alpha)
        for name, estimate in zip(names, adjusted, strict=True)
    )  # fmt: skip


def _difference(pairs: Sequence[Pair], alpha: float) -> Estimate:
    return difference_of([pair.difference for pair in pairs if pair.difference is not None], alpha=alpha)


def _adjusted(found: Sequence[Estimate]) -> list[Estimate]:
    tested = [at for at, one in enumerate(found) if one.p_value is not None]
    corrected: Mapping[int, float] = dict(
        zip(tested, holm([one.p_value for one in found if one.p_value is not None]), strict=True)
    )
    return [replace(one, p_value=corrected.get(at)) for at, one in enumerate(found)]


def _change(
    name: str,
    pairs: Sequence[Pair],
    changes: Sequence[CaseChange],
    difference: Estimate,
    *,
    margin: float,
    alpha: float,
) -> PartChange:
    return PartChange(
        name=name,
        kind=_kind(pairs, changes, difference, margin=margin, alpha=alpha),
        baseline=_sum([pair.baseline for pair in pairs]),
        candidate=_sum([pair.candidate for pair in pairs]),
        difference=difference,
        cases=len(pairs),
    )


def _kind(
    pairs: Sequence[Pair],
    changes: Sequence[CaseChange],
    difference: Estimate,
    *,
    margin: float,
    alpha: float,
) -> ChangeKind:
    if not difference.n or difference.value is None or difference.p_value is None:
        return ChangeKind.UNKNOWN
    kinds = [change.kind for change in changes]
    net = kinds.count(ChangeKind.IMPROVEMENT) - kinds.count(ChangeKind.REGRESSION)
    share = Fraction(net, difference.n)
    proven = difference.p_value <= alpha
    if (difference.value < 0 and proven) or share < -margin:
        return ChangeKind.REGRESSION
    if (difference.value > 0 and proven) or share > margin:
        return ChangeKind.IMPROVEMENT
    return ChangeKind.NOISE if any(pair.difference for pair in pairs) else ChangeKind.SAME


def _sum(sides: Sequence[Side]) -> Tally:
    tallies = [side.tally for side in sides]
    return Tally(
        passed=sum(tally.passed for tally in tallies),
        judged=sum(tally.judged for tally in tallies),
        left_out=sum(tally.left_out for tally in tallies),
    )
