"""Every difference between two traces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agentops_eval.domain import Span, Trace
from agentops_eval.traces._cost import Price, price_of
from agentops_eval.traces.diff._align import Alignment, align
from agentops_eval.traces.diff._changes import MAX_CHANGES, changes_between
from agentops_eval.traces.diff._forest import Forest, forest_of
from agentops_eval.traces.diff._model import Kind, StepDiff, TraceDiff
from agentops_eval.traces.diff._paths import Paths


def diff(baseline: Trace, candidate: Trace, *, price: Callable[[Span], Price | None] = price_of) -> TraceDiff:
    """Align two traces by structure, and tell what was added, removed, moved or changed.

    Ids, times, volatile attributes and the case do not count, nor the order of calls that ran in
    parallel or that an llm asked for at once. ``price`` gives the cost of an llm call.
    """
    left, right = forest_of(baseline), forest_of(candidate)
    found = align(left, right)
    paths = Paths(left), Paths(right)
    steps: list[StepDiff] = []
    same = 0
    for one, other in _in_order(found):
        step = _step(left, right, one, other, found, paths, price)
        if step is None:
            same += 1
        else:
            steps.append(replace(step, same_before=same))
            same = 0
    return TraceDiff(steps=tuple(steps), baseline_steps=len(left), candidate_steps=len(right))


def _in_order(found: Alignment) -> list[tuple[int | None, int | None]]:
    """All pairs and what has none, in the candidate's order; what is gone, behind what stood before it."""
    gone: dict[int, list[int]] = {}
    before = -1
    for one, other in enumerate(found.left):
        if other is None:
            gone.setdefault(before, []).append(one)
        elif (one, other) not in found.moved:
            before = other
    rows: list[tuple[int | None, int | None]] = [(one, None) for one in gone.get(-1, [])]
    for other, partner in enumerate(found.right):
        rows.append((partner, other))
        rows += [(one, None) for one in gone.get(other, [])]
    return rows


def _step(
    left: Forest,
    right: Forest,
    one: int | None,
    other: int | None,
    found: Alignment,
    paths: tuple[Paths, Paths],
    price: Callable[[Span], Price | None],
) -> StepDiff | None:
    baseline = None if one is None else left.nodes[one]
    candidate = None if other is None else right.nodes[other]
    changes = []
    kinds = [Kind.REMOVED] if candidate is None else [Kind.ADDED]
    if baseline is not None and candidate is not None:
        changes = changes_between(baseline, candidate, price=price)
        kinds = list(dict.fromkeys(change.kind for change in changes))
        if (one, other) in found.moved:
            kinds.insert(0, Kind.MOVED)
        if not kinds:
            return None
    told = candidate or baseline
    assert told is not None
    return StepDiff(
        kinds=tuple(kinds),
        title=f"{told.kind} {told.title}".rstrip(),
        path=paths[0].of(one) if other is None else paths[1].of(other),
        baseline=None if baseline is None else baseline.span,
        candidate=None if candidate is None else candidate.span,
        baseline_index=one,
        candidate_index=other,
        changes=tuple(changes[:MAX_CHANGES]),
        more=max(0, len(changes) - MAX_CHANGES),
    )
