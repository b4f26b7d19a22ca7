"""A diff as rows of two texts side by side, for whoever lays them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentops_eval.domain import counted, shorten
from agentops_eval.traces._text import printable
from agentops_eval.traces.diff._model import Kind, StepDiff, TraceDiff
from agentops_eval.traces.diff._shown import one_line, place, sides

_MOST_ROWS = 2_000
_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow:
    """One row. ``kind`` is same, changed, added, removed or gap; a gap says on the left what it stands for.

    The first row that is not the same is ``first``.
    """

    kind: str
    left: str = ""
    right: str = ""
    first: bool = False


def side_rows(found: TraceDiff) -> tuple[SideRow, ...]:
    """The diff row by row: equal steps as gaps, each step that differs with what differs in it."""
    rows: list[SideRow] = []
    for step in found.steps:
        if step.same_before:
            rows.append(_gap(step.same_before))
        rows += _step(step, first=step is found.steps[0])
        if len(rows) > _MOST_ROWS:
            rows.append(SideRow(kind="gap", left="further steps are left out"))
            return tuple(rows)
    if found.same_after:
        rows.append(_gap(found.same_after))
    return tuple(rows)


def _gap(count: int) -> SideRow:
    return SideRow(kind="gap", left=counted(count, "equal step"))


def _step(step: StepDiff, *, first: bool) -> Iterator[SideRow]:
    if step.candidate is None and step.baseline is not None:
        yield SideRow(kind="removed", left=_line(one_line(step.baseline)), first=first)
        return
    if step.baseline is None and step.candidate is not None:
        yield SideRow(kind="added", right=_line(one_line(step.candidate)), first=first)
        return
    moved = f" (moved from {step.baseline_index})" if Kind.MOVED in step.kinds else ""
    yield SideRow(kind="changed", left=_line(step.title), right=_line(step.title) + moved, first=first)
    for change in step.changes:
        before, after = sides(change)
        told = place(change)
        kind = "added" if not before else "removed" if not after else "changed"
        yield SideRow(
            kind=kind, left=f"{told}: {before}" if before else "", right=f"{told}: {after}" if after else ""
        )
    if step.more:
        yield SideRow(kind="gap", left=f"{step.more} more changes")


def _line(text: str) -> str:
    return shorten(printable(text), _TITLE)
