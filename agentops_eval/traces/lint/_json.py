"""A lint report for scripts."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Finding, Json, Level, Rule
from agentops_eval.traces.lint._model import LintReport
from agentops_eval.traces.lint._table import RULES


def report_json(report: LintReport) -> Mapping[str, Json]:
    """The report as JSON. What is unknown is null; scores are from 0 to 1.

    ``findings`` holds those of the traces first, then those of the spans as they were emitted.
    """
    return {
        "score": report.score,
        "levels": _levels(report.by_level),
        "findings": [
            *(_finding(one, emitted=False) for one in report.findings),
            *(_finding(one, emitted=True) for one in report.emitted),
        ],
        "counts": dict(report.counts),
        "groups": [
            {"group": one.group, "score": one.score, "checks": one.checks, "passed": one.passed}
            for one in report.groups
        ],
        "coverage": [
            {"type": one.span_type, "spans": one.spans, "present": dict(one.present)}
            for one in report.coverage
        ],
        "emitted": {"spans": report.emitting, "conforming": report.conforming},
        "runs": [
            {
                "trace_id": one.trace_id,
                "root": one.root,
                "spans": one.spans,
                "score": one.score,
                "levels": _levels(one.counts),
            }
            for one in report.runs
        ],
    }


def rule_json(rule: Rule) -> Json:
    """A rule as JSON."""
    return {
        "id": rule.id,
        "slug": rule.slug,
        "level": rule.level.value,
        "group": rule.group,
        "title": rule.title,
        "explanation": rule.explanation,
        "fix": rule.fix,
        "upstream": rule.upstream or None,
    }


def _levels(counts: Mapping[Level, int]) -> Json:
    return {level.value: counts.get(level, 0) for level in Level}


def _finding(one: Finding, *, emitted: bool) -> Json:
    rule = RULES[one.rule]
    return {
        "rule": one.rule,
        "slug": rule.slug,
        "level": one.level.value,
        "group": rule.group,
        "message": one.message,
        "trace_id": one.trace_id or None,
        "span_id": one.span_id or None,
        "span": one.span or None,
        "where": one.where or None,
        "fix": rule.fix,
        "emitted": emitted,
    }
