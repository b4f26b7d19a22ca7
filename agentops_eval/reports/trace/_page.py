"""A run as one HTML page that needs nothing else: its story, drawn and step by step, for anybody to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import Json, Label, counted
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._text import one_line
from agentops_eval.reports.trace._line import drawn
from agentops_eval.reports.trace._nouns import Clock, StepKind, TraceStep, TraceStory
from agentops_eval.reports.trace._short import capital, figures, lead, short, sums
from agentops_eval.reports.trace._values import lasted, whole
from agentops_eval.reports.trace._words import (
    NAME,
    Line,
    is_wrapper,
    kind_word,
    lines,
    origin,
    sentence,
    spent,
    tone,
)

MOST_STEPS = 400
TEXT_BUDGET = 1_200_000
"""Characters of details on a page: each step that is shown gets an equal share, within these bounds."""
LEAST_TEXT, MOST_TEXT = 600, 16_000
_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_FIRST, _LAST, _DEEPEST, _MOST_DETAILS = 150, 60, 6, 60


def trace_html(story: TraceStory, *, back: str = "", copy: str = "") -> str:
    """The run as one page. Whatever agents, llms and tools said is text to it.

    Of very long runs the beginning, the end and what matters are shown (changes, questions to people,
    failures, hand-offs), and what is left out is counted. ``back`` is a page that it leads back to,
    ``copy`` a copy of the file that it is made of; neither may be anybody's text.
    """
    total = sums(story.steps)
    told = _told(story.steps)
    picked = _picked(told)
    shown = [one for one in picked if isinstance(one, TraceStep)]
    known = {one.number for one in shown}
    agents = list(_agents(story.steps))
    labels = {one.label for one in story.steps if one.label is not None}
    return page_of(
        "trace.html.j2",
        styles=["style.css", "trace.css"],
        scripts=["theme.js", "ready.js"],
        title=one_line(story.title, NAME) or "a run",
        case=one_line(story.case, NAME),
        source=one_line(story.source, 300),
        trace_id=one_line(story.trace_id, 64),
        lead=lead(story, total),
        notes=[capital(one_line(note, 300)) for note in (*_origin(labels), *story.notes[:20])],
        facts=figures(story, total),
        short=[_line(one, known) for one in short(story, total)],
        line=drawn(shown, story.clock, of=len(told)),
        timed=story.clock is Clock.REAL,
        agents=agents if len(agents) > 1 else [],
        steps=list(_steps(picked, labelled=len(labels) > 1)),
        count=counted(sum(one.number > 0 for one in told), "step"),
        wrappers=len(story.steps) - len(told),
        only_told=story.only_told,
        left_out=story.left_out,
        placeholders=story.placeholders,
        back=back,
        copy=copy,
    )


def _origin(labels: Collection[Label]) -> Iterator[str]:
    """Where all answers came from, once for all, if not from the world."""
    told = [origin(one) for one in labels]
    if len(told) == 1 and told[0]:
        yield f"Every step was {told[0]}."


def _told(steps: Sequence[TraceStep]) -> list[TraceStep]:
    """The steps without those that only hold others; ``depth`` counts those above that are left."""
    found: list[TraceStep] = []
    above: list[int] = []  # depths of the steps above that are left
    for one in steps:
        while above and above[-1] >= one.depth:
            above.pop()
        if not is_wrapper(one):
            found.append(replace(one, depth=len(above)))
            above.append(one.depth)
    return found


def _picked(steps: Sequence[TraceStep]) -> list[TraceStep | str]:
    """The steps that are shown, and between them what is left out."""
    if len(steps) <= MOST_STEPS:
        return list(steps)
    kept = {*range(_FIRST), *range(len(steps) - _LAST, len(steps))}
    for matters in (_is_grave, _is_told):
        for at, one in enumerate(steps):
            if len(kept) >= MOST_STEPS:
                break
            if matters(one):
                kept.add(at)
    found: list[TraceStep | str] = []
    at = 0
    for number in sorted(kept):
        if number > at:
            found.append(_gap(steps[at:number]))
        found.append(steps[number])
        at = number + 1
    return found


def _is_grave(step: TraceStep) -> bool:
    return bool(step.error or step.acts or step.kind is StepKind.HUMAN)


def _is_told(step: TraceStep) -> bool:
    return bool(step.chosen) or step.kind is StepKind.AGENT


def _gap(steps: Sequence[TraceStep]) -> str:
    kinds = Counter(map(kind_word, steps))
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    return f"{counted(len(steps), 'step')} left out here ({told})"


def _agents(steps: Sequence[TraceStep]) -> Iterator[Mapping[str, str]]:
    """Who did what, where several agents were at work."""
    names = dict.fromkeys(one.name for one in steps if one.kind is StepKind.AGENT)
    for name in list(names)[:200]:
        own = [one for one in steps if one.actor == name and one.kind is not StepKind.AGENT]
        total = sums(own)
        at_work = [one.took_ms for one in steps if one.kind is StepKind.AGENT and one.name == name]
        known = [one for one in at_work if one is not None]
        yield {
            "name": one_line(name, NAME) or "without a name",
            "llms": f"{total.llms:,}",
            "tools": f"{total.tools:,}",
            "acts": f"{len(total.acts):,}",
            "asked": f"{len(total.asked):,}",
            "failed": f"{len(total.failed):,}",
            "cost": total.cost if total.llms else "none",
            "took": lasted(sum(known)) if known else "?",
        }


def _steps(picked: Sequence[TraceStep | str], *, labelled: bool) -> Iterator[Mapping[str, object]]:
    """The steps that are shown, and what is left out between them."""
    known = {one.number for one in picked if isinstance(one, TraceStep)}
    limit = min(max(TEXT_BUDGET // max(len(known), 1), LEAST_TEXT), MOST_TEXT)
    spans = set[str]()
    for one in picked:
        if isinstance(one, TraceStep):
            yield {**_step(one, known, limit, labelled=labelled), "span": _span(one, spans)}
        else:
            yield {"gap": one}


def _span(step: TraceStep, others: set[str]) -> str:
    """The step's span id, by which others lead to it; empty where it is no id, or another's too."""
    if _SPAN_ID.fullmatch(step.span_id) is None or step.span_id in others:
        return ""
    others.add(step.span_id)
    return step.span_id


def _step(step: TraceStep, known: set[int], limit: int, *, labelled: bool) -> Mapping[str, object]:
    return {
        "gap": "",
        "number": step.number,
        "depth": min(max(step.depth - 1, 0), _DEEPEST),
        "kind": kind_word(step),
        "tone": tone(step),
        "sentence": sentence(step),
        "lines": [_line(one, known) for one in lines(step)],
        "spent": spent(step, labelled=labelled),
        "details": list(_details(step, limit)),
    }


def _line(one: Line, known: set[int]) -> Mapping[str, object]:
    """A line; it leads to its step where that is shown."""
    step = one.step if one.step in known else None
    return {"name": one.name, "pieces": one.pieces, "step": step, "tone": one.tone}


def _details(step: TraceStep, limit: int) -> Iterator[tuple[str, str]]:
    """Everything that is known of a step, by name, within its share of the page."""
    left = limit
    told: dict[str, Json] = {"span": step.span_id, **step.details}
    for at, (name, value) in enumerate(told.items()):
        if at >= _MOST_DETAILS or left <= 0:
            yield "more", f"{counted(len(told) - at, 'more field')}: agentops-eval trace show --full"
            return
        text = whole(value, left)
        left -= len(text)
        yield one_line(str(name), 80), text
