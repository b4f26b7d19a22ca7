"""A diff as blocks of two sides beside each other, for whoever lays them out: each step that differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json, Span
from agentops_eval.traces._text import printable
from agentops_eval.traces.diff._classes import field_name
from agentops_eval.traces.diff._marks import Piece, marked
from agentops_eval.traces.diff._model import Change, Op, StepDiff, TraceDiff
from agentops_eval.traces.diff._shown import alone, one_line, place, sign

MAX_VALUE = 20_000
SHORT = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """A change: where, and both sides in pieces; None where a side has no value."""

    place: str
    before: Sequence[Piece] | None
    after: Sequence[Piece] | None

    @property
    def is_short(self) -> bool:
        """Whether both sides have room beside each other on a phone."""
        sides = (side or () for side in (self.before, self.after))
        return all(sum(len(piece.text) for piece in side) <= SHORT for side in sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffBlock:
    """A step as the page shows it. ``inside`` is the content of a step that only one side has."""

    step: StepDiff
    sign: str
    title: str
    path: str
    line: str
    inside: Sequence[tuple[str, str]]
    changes: Sequence[ShownChange]

    @property
    def before(self) -> bool:
        """Whether the baseline has it."""
        return self.step.baseline is not None

    @property
    def after(self) -> bool:
        """Whether the candidate has it."""
        return self.step.candidate is not None


def blocks_of(found: TraceDiff, *, limit: int) -> Sequence[DiffBlock]:
    """The first ``limit`` steps that differ. Nothing in them is hidden, and nothing is escaped for HTML."""
    return [_block(step) for step in found.steps[:limit]]


def _block(step: StepDiff) -> DiffBlock:
    span = step.candidate or step.baseline
    assert span is not None
    both = step.baseline is not None and step.candidate is not None
    return DiffBlock(
        step=step,
        sign=sign(step),
        title=readable(step.title),
        path=readable(step.path),
        line="" if both else one_line(span),
        inside=[] if both else _inside(span),
        changes=[_shown(change) for change in step.changes],
    )


def _inside(span: Span) -> list[tuple[str, str]]:
    return [
        (field_name(key), _spelled(value)) for key, value in alone(span).fields.items() if key != "history"
    ]


def _shown(change: Change) -> ShownChange:
    before, after = _spelled(change.before), _spelled(change.after)
    if change.op is Op.ADDED:
        return ShownChange(place=place(change), before=None, after=[Piece(after)])
    if change.op is Op.REMOVED:
        return ShownChange(place=place(change), before=[Piece(before)], after=None)
    left, right = marked(before, after)
    return ShownChange(place=place(change), before=left, after=right)


def _spelled(value: Json) -> str:
    """Texts as they are, everything else as JSON; cut where nobody would read on."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return readable(text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} ...")


def readable(text: str) -> str:
    """A text with nothing hidden in it, nothing that turns the reading direction; lines and tabs stay."""
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
