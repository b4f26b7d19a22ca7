"""A decision for a terminal: its value, then each metric, why, and the cases that suffered most."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from agentops_eval.domain import CaseEffect, Decision, DecisionValue, MetricDecision, Reason
from agentops_eval.reports._text import one_line
from agentops_eval.reports.gate._words import (
    MESSAGE,
    NAME,
    about,
    asked,
    basis,
    effect,
    estimated,
    evidence,
    headline,
    left_out,
    margin,
    needs,
    title_of,
)

Line = tuple[str, str]
MOST_METRICS, MOST_REASONS, MOST_WORST = 50, 20, 10
_COLOURS = {DecisionValue.PROMOTE: "green", DecisionValue.HOLD: "yellow", DecisionValue.ROLLBACK: "red"}
_WORDS = max(len(value) for value in DecisionValue)


def decision_text(decision: Decision, *, width: int = 80) -> tuple[Line, ...]:
    """Lines with the style of each, empty for none: colour only repeats what the words say.

    Sentences are broken at ``width`` columns; what may be pasted never is. Names and messages of whoever
    are bounded, and what they hide is shown.
    """
    return tuple((line, style) for line, style in _all(decision, max(width, 40)))


def _all(decision: Decision, width: int) -> Iterator[Line]:
    yield from _wrapped(headline(decision), width, style=f"bold {_COLOURS[decision.value]}")
    yield from _wrapped(f"{title_of(decision)}: {basis(decision)}", width)
    yield from _bounded(
        [list(_metric(metric, width)) for metric in decision.metrics], MOST_METRICS, "metrics"
    )
    if asked(decision):
        yield from _wrapped(asked(decision), width, style="dim")
    yield from _bounded([list(_reason(one, width)) for one in decision.reasons], MOST_REASONS, "reasons")
    metrics = {metric.name: metric for metric in decision.metrics}
    worst = [list(_case(case, metrics.get(case.metric), width)) for case in decision.worst]
    yield from _bounded(worst, MOST_WORST, "cases", title="worst cases (baseline -> candidate)")
    if decision.left_out:
        yield "", ""
        yield from _wrapped(f"left out: {left_out(decision)}", width, style="yellow")
    if decision.digest:
        if not decision.left_out:
            yield "", ""
        yield f"digest {one_line(decision.digest, NAME)}", "dim"


def _bounded(some: list[list[Line]], most: int, noun: str, *, title: str = "") -> Iterator[Line]:
    if not some:
        return
    yield "", ""
    if title:
        yield title, "bold"
    for lines in some[:most]:
        yield from lines
    if len(some) > most:
        yield f"and {len(some) - most} more {noun} (--json lists all)", "dim"


def _metric(metric: MetricDecision, width: int) -> Iterator[Line]:
    name, worst = one_line(metric.name, NAME), margin(metric)
    parts = [f"{name} {estimated(metric)}", f"margin {worst}" if worst else "", f"n {metric.n:,}"]
    told = ", ".join(part for part in parts if part)
    hang = _WORDS + 2
    colour = _COLOURS[metric.value]
    yield from _wrapped(f"{metric.value:<{_WORDS}}  {told}", width, hang=hang, style=colour)
    sides = [f"{side} {evidence(metric, side)}" for side in ("promote", "rollback")]
    said = "; ".join(part for part in (*sides, needs(metric)) if part)
    yield from _wrapped(f"{' ' * hang}{said}", width, hang=hang)


def _reason(reason: Reason, width: int) -> Iterator[Line]:
    metric = f"{about(reason)}: " if about(reason) else ""
    yield from _wrapped(f"- {metric}{one_line(reason.message, MESSAGE)}", width, hang=2)
    if reason.remedy:
        yield f"  remedy:  {one_line(reason.remedy, MESSAGE)}", ""


def _case(case: CaseEffect, metric: MetricDecision | None, width: int) -> Iterator[Line]:
    before, after = effect(case, metric)
    change = f"{one_line(case.metric, NAME)} {before} -> {after}"
    yield from _wrapped(f"  {one_line(case.case, NAME)}  {change}", width, hang=4)
    for arm, trace in (("baseline", case.baseline_trace), ("candidate", case.candidate_trace)):
        if trace:
            yield f"    {arm:<9}  {one_line(trace, MESSAGE)}", "dim"


def _wrapped(text: str, width: int, *, hang: int = 0, style: str = "") -> Iterator[Line]:
    start = len(text) - len(text.lstrip())
    lines = wrap(
        text[start:],
        width=width,
        initial_indent=" " * start,
        subsequent_indent=" " * hang,
        break_on_hyphens=False,
        break_long_words=True,
    )
    for line in lines or [""]:
        yield line, style
