"""A diff for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import shorten
from agentops_eval.traces._text import printable
from agentops_eval.traces.diff._model import Change, Kind, Op, StepDiff, TraceDiff
from agentops_eval.traces.diff._shown import one_line, place, sides, sign

WIDTH = 76


def diff_text(
    found: TraceDiff, *, baseline: str = "baseline", candidate: str = "candidate", limit: int = 200
) -> str:
    """The diff in lines: ``+`` added, ``-`` removed, ``>`` moved, ``~`` changed; equal parts elided.

    Numbers are places in the candidate, for removed steps in the baseline, the root being 0. Of
    more than ``limit`` steps the rest is counted.
    """
    return "\n".join(_lines(found, baseline, candidate, limit))


def first_line(step: StepDiff) -> str:
    """A step in one line: what it was, and what differs in it first."""
    if not step.changes:
        span = step.baseline if step.candidate is None else step.candidate
        word = {"+": "added: ", "-": "removed: ", ">": "moved: "}.get(sign(step), "")
        return f"{word}{one_line(span) if span is not None else _line(step.title)}"
    change = step.changes[0]
    before, after = sides(change)
    return f"{_line(step.title)}, {place(change)}: {before or 'nothing'} -> {after or 'nothing'}"


def _lines(found: TraceDiff, baseline: str, candidate: str, limit: int) -> Iterator[str]:
    names = f"{_line(baseline)} -> {_line(candidate)}"
    if not found:
        yield f"{names}: equal, {_steps(found.candidate_steps)}"
        return
    yield f"{names}: {summary(found)}"
    for step in found.steps[:limit]:
        if step.same_before:
            yield f"        ... {_steps(step.same_before)} equal"
        yield from _step(step)
    if len(found.steps) > limit:
        yield f"        ... {_steps(len(found.steps) - limit)} more that differ"
    elif found.same_after:
        yield f"        ... {_steps(found.same_after)} equal"


def summary(found: TraceDiff) -> str:
    """How many steps are of each kind, in one line."""
    return ", ".join(f"{count} {kind}" for kind, count in found.counts.items()) or "equal"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _line(text: str) -> str:
    return shorten(printable(text), 200)


def _step(step: StepDiff) -> Iterator[str]:
    number = step.baseline_index if step.candidate is None else step.candidate_index
    span = step.baseline if step.candidate is None else step.candidate
    whole = span is not None and step.kinds[0] in {Kind.ADDED, Kind.REMOVED}
    told = one_line(span) if whole and span is not None else _line(step.title)
    moved = f"  moved from {step.baseline_index}" if Kind.MOVED in step.kinds else ""
    yield f"{sign(step)} {number:>5} {told}{moved}"
    for change in step.changes:
        yield from _change(change)
    if step.more:
        yield f"          and {step.more} more changes"


def _change(change: Change) -> Iterator[str]:
    name, (before, after) = place(change), sides(change)
    if change.op is Op.ADDED:
        yield f"          {name}: added {after}"
    elif change.op is Op.REMOVED:
        yield f"          {name}: removed {before}"
    elif len(name) + len(before) + len(after) <= WIDTH - 18:
        yield f"          {name}: {before} -> {after}"
    else:
        yield f"          {name}"
        yield f"            - {before}"
        yield f"            + {after}"
