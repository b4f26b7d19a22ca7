"""A diff as one page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from agentops_eval.domain import Json, Span
from agentops_eval.traces._text import printable
from agentops_eval.traces.diff._classes import field_name
from agentops_eval.traces.diff._marks import Piece, marked
from agentops_eval.traces.diff._model import Change, Op, StepDiff, TraceDiff
from agentops_eval.traces.diff._shown import alone, one_line, place, sign
from agentops_eval.traces.diff._text import summary

MAX_VALUE = 20_000
SHORT = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
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
class _Block:
    """A step as the page shows it. ``inside`` is the content of a step that only one side has."""

    step: StepDiff
    sign: str
    title: str
    path: str
    line: str
    inside: Sequence[tuple[str, str]]
    changes: Sequence[_Shown]

    @property
    def before(self) -> bool:
        return self.step.baseline is not None

    @property
    def after(self) -> bool:
        return self.step.candidate is not None


def diff_html(
    found: TraceDiff, *, baseline: str = "baseline", candidate: str = "candidate", limit: int = 1_000
) -> str:
    """The diff side by side, as one HTML page. Of more than ``limit`` steps the rest is counted.

    What agents wrote is text to this page, whatever it says: all of it is escaped, and the page
    forbids itself to load or run anything.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    page = template.render(
        found=found,
        blocks=[_block(step) for step in found.steps[:limit]],
        left_out=max(0, len(found.steps) - limit),
        baseline=_safe(baseline),
        candidate=_safe(candidate),
        labels=_labels(_safe(baseline), _safe(candidate)),
        summary=summary(found),
    )
    return page.encode("utf-8", "replace").decode()


def _labels(baseline: str, candidate: str) -> tuple[str, str]:
    """The last parts of two paths, where these tell them apart: a phone has no room for more."""
    ends = baseline.rpartition("/")[2], candidate.rpartition("/")[2]
    return ends if ends[0] != ends[1] else (baseline, candidate)


def _block(step: StepDiff) -> _Block:
    span = step.candidate or step.baseline
    assert span is not None
    both = step.baseline is not None and step.candidate is not None
    return _Block(
        step=step,
        sign=sign(step),
        title=_safe(step.title),
        path=_safe(step.path),
        line="" if both else one_line(span),
        inside=[] if both else _inside(span),
        changes=[_shown(change) for change in step.changes],
    )


def _inside(span: Span) -> list[tuple[str, str]]:
    return [
        (field_name(key), _spelled(value)) for key, value in alone(span).fields.items() if key != "history"
    ]


def _shown(change: Change) -> _Shown:
    before, after = _spelled(change.before), _spelled(change.after)
    if change.op is Op.ADDED:
        return _Shown(place=place(change), before=None, after=[Piece(after)])
    if change.op is Op.REMOVED:
        return _Shown(place=place(change), before=[Piece(before)], after=None)
    left, right = marked(before, after)
    return _Shown(place=place(change), before=left, after=right)


def _spelled(value: Json) -> str:
    """Texts as they are, everything else as JSON; cut where nobody would read on."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return _safe(text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} ...")


def _safe(text: str) -> str:
    """Nothing hidden, nothing that turns the reading direction; lines and tabs stay."""
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
