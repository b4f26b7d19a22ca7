"""A lint report for people: the worst first, what is broken often told once, with the first places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agentops_eval.domain import Finding, Level, Rule
from agentops_eval.traces.lint._model import LintReport
from agentops_eval.traces.lint._table import RULES

_PLACES = 3
_TITLES = {Level.ERROR: "errors", Level.WARN: "warnings", Level.INFO: "notes"}
_WIDEST = 160


def report_lines(report: LintReport, *, everything: bool = False) -> Iterator[tuple[str, Level | None]]:
    """The lines of the report, with the level that a line is about. With ``everything`` nothing is folded."""
    yield f"{_many(len(report.runs), 'run')}, {_many(report.spans, 'span')}", None
    for level in Level:
        found = [one for one in report.findings if one.level is level]
        if found:
            yield "", None
            yield _TITLES[level], level
            yield from _rules(found, report, level, everything=everything)
    if report.emitting:
        yield "", None
        share = f"{report.conforming} of {_many(report.emitting, 'span')}"
        yield f"as emitted: {share} written as the conventions say (not part of the score)", None
        yield from _rules(report.emitted, report, None, everything=everything)
    if everything and report.coverage:
        yield "", None
        yield from _coverage(report)
    yield "", None
    yield from _totals(report)


def explanation_lines(rule: Rule) -> Iterator[str]:
    """A rule, explained."""
    yield f"{rule.id} {rule.slug} ({rule.level}, {rule.group})"
    yield f"  {rule.title}"
    yield f"  {rule.explanation}"
    yield f"  fix: {rule.fix}"
    if rule.upstream:
        yield f"  the conventions' own conformance run calls it {rule.upstream}"


def _rules(
    found: Sequence[Finding], report: LintReport, level: Level | None, *, everything: bool
) -> Iterator[tuple[str, Level | None]]:
    by_rule: dict[str, list[Finding]] = {}
    for one in found:
        by_rule.setdefault(one.rule, []).append(one)
    for name, some in by_rule.items():
        rule, count = RULES[name], report.counts.get(name, len(some))
        worst = "" if level is not None else f"{some[0].level} "
        yield f"  {worst}{rule.id} {rule.slug} ({count}): {rule.title}", level
        notes = some[0].level is Level.INFO
        shown = some if everything else some[: 1 if notes else _PLACES]
        yield from ((f"      {_place(one)}", None) for one in shown)
        rest = count - len(shown)
        if rest > 0 and not notes:
            yield f"      and {rest} more", None


def _place(one: Finding) -> str:
    message = one.message if len(one.message) <= _WIDEST else f"{one.message[: _WIDEST - 3]}..."
    said = "" if message == RULES[one.rule].title else message
    span = f"{one.span} {one.span_id}".strip()
    return "; ".join(part for part in (said, span, one.where) if part)


def _coverage(report: LintReport) -> Iterator[tuple[str, Level | None]]:
    yield "coverage: spans that tell an attribute", None
    for one in report.coverage:
        yield f"  {one.span_type}", None
        for key, present in one.present.items():
            yield f"    {present:>6} of {one.spans}  {key}", None


def _totals(report: LintReport) -> Iterator[tuple[str, Level | None]]:
    checks = sum(one.checks for one in report.groups)
    yield f"score {_percent(report.score)} of {_many(checks, 'check')}", None
    known = [f"{one.group} {_percent(one.score)}" for one in report.groups if one.checks]
    unknown = [one.group for one in report.groups if not one.checks]
    if known:
        yield f"  {', '.join(known)}", None
    if unknown:
        yield f"  nothing to check: {', '.join(unknown)}", None
    counted = (_many(report.by_level.get(level, 0), _SINGULAR[level]) for level in Level)
    yield ", ".join(counted), None
    first = next(_first(report), None)
    if first is not None:
        yield f"what a rule means: agentops-eval trace lint --explain {first}", None


_SINGULAR = {Level.ERROR: "error", Level.WARN: "warning", Level.INFO: "note"}


def _first(report: LintReport) -> Iterator[str]:
    found: Iterable[Finding] = (*report.findings, *report.emitted)
    return (one.rule for one in found)


def _percent(score: float | None) -> str:
    """Rounded down, so that only a full score reads 100 %."""
    return "unknown" if score is None else f"{int(score * 100)} %"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
