"""Lint: what makes a trace misleading, unsafe or hard to use.

The score is computed on the trace in the conventions' words. A *check* is a rule that applies to a
span, a call or a run. The score is the share of the checks that passed, ``passed / applied``, for
each group and over all groups together. Rules of level info and those of the spans as they were
emitted do not count. A group in which nothing applied has no score, which is not a full one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from agentops_eval.domain import Finding, Level, Span, Trace, Verdict, VerdictValue
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import Told
from agentops_eval.traces._cost import Price, price_of
from agentops_eval.traces.dialects import NormalTrace, normal_of
from agentops_eval.traces.lint import (
    _audit,
    _confidence,
    _correlation,
    _cost,
    _decision,
    _human,
    _hygiene,
    _llm,
    _tool,
)
from agentops_eval.traces.lint._coverage import Covered
from agentops_eval.traces.lint._emitted import Emitted
from agentops_eval.traces.lint._model import Group, GroupScore, LintConfig, LintReport, RunLint, share
from agentops_eval.traces.lint._names import Names
from agentops_eval.traces.lint._sheet import MOST_KEPT, Sheet
from agentops_eval.traces.lint._table import RULES, levels_of
from agentops_eval.traces.lint._view import View, view_of
from agentops_eval.traces.redaction import Redactor

DEFAULT = LintConfig()
_SCORED = tuple(group for group in Group if group is not Group.EMITTED)


def lint(
    found: NormalTrace | Trace, *, config: LintConfig = DEFAULT, price: _cost.Pricer = price_of
) -> LintReport:
    """Lint one run: a trace from elsewhere after ``normalise``, or any ``Trace``.

    The report is true where there are spans and nothing in it is an error: ``assert lint(cassette.trace)``.
    """
    return lint_runs([found], config=config, price=price)


def lint_runs(
    runs: Iterable[NormalTrace | Trace], *, config: LintConfig = DEFAULT, price: _cost.Pricer = price_of
) -> LintReport:
    """Lint many runs, one after the other; memory does not grow with their number of spans.

    Raises ConfigInvalid for a rule that does not exist.
    """
    linter = _Linter(config, price)
    for run in runs:
        linter.add(run if isinstance(run, NormalTrace) else normal_of(run))
    return linter.report()


def verdict(
    found: NormalTrace | Trace, *, config: LintConfig = DEFAULT, fail_on: Level = Level.ERROR
) -> Verdict:
    """Lint as an evaluator: fail where a finding is as bad as ``fail_on``, unknown without spans."""
    report = lint(found, config=config)
    errors = [one for one in (*report.findings, *report.emitted) if one.level.rank <= fail_on.rank]
    if not report.spans:
        return Verdict(value=VerdictValue.UNKNOWN, reason="the trace has no spans")
    return Verdict(
        value=VerdictValue.FAIL if errors else VerdictValue.PASS,
        score=report.score,
        reason="; ".join(f"{one.rule} {one.message}" for one in errors[:5]) or _nothing(fail_on),
        evidence=tuple(dict.fromkeys(one.span_id for one in errors if one.span_id)),
    )


def _nothing(fail_on: Level) -> str:
    return "no finding is an error" if fail_on is Level.ERROR else f"no finding is as bad as {fail_on}"


class _Linter:
    """Adds up the runs."""

    def __init__(self, config: LintConfig, price: _cost.Pricer) -> None:
        self._config = config
        self._levels = levels_of(config)
        self._price = _remembering(price)
        self._kept: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._by_level: Counter[Level] = Counter()
        self._groups = {group: GroupScore(group=group, checks=0, passed=0) for group in _SCORED}
        self._findings: list[Finding] = []
        self._runs: list[RunLint] = []
        self._names = Names()
        self._emitted = Emitted(config)
        self._covered = Covered()
        self._told = Told()
        self._redactor = config.redactor or Redactor(config.redaction)
        self._tools: set[str] = set()
        self._unmatched = dict.fromkeys(config.destructive_tools)

    def add(self, normal: NormalTrace) -> None:
        """Lint one more run."""
        view = view_of(normal, told=self._told)
        sheet = Sheet(view, RULES, self._levels, self._kept, self._redactor)
        self._check(view, sheet)
        self._emitted.check(view, sheet)
        self._names.add(view.sources)
        self._covered.add(view)
        if self._unmatched:
            self._match(view.ran)
        scores = sheet.scores()
        for group in _SCORED:
            if group in scores:
                self._groups[group] = _sum(self._groups[group], scores[group])
        scored = [scores[group] for group in _SCORED if group in scores]
        root = next((span for span in view.spans if not span.parent_id), None)
        self._runs.append(
            RunLint(
                trace_id=view.trace_id,
                root=self._redactor.text(root.name) if root is not None else "",
                spans=len(view.spans),
                score=share(sum(one.passed for one in scored), sum(one.checks for one in scored)),
                counts=sheet.by_level(),
            )
        )
        self._counts.update(sheet.counts)
        self._by_level.update(sheet.by_level())
        self._findings += sheet.findings

    def _match(self, ran: set[str]) -> None:
        """Find the destructive tools of the configuration among those that ran."""
        self._tools |= ran if len(self._tools) < MOST_KEPT else set()
        for pattern in [one for one in self._unmatched if any(fnmatchcase(name, one) for name in ran)]:
            del self._unmatched[pattern]

    def _check(self, view: View, sheet: Sheet) -> None:
        _llm.check(view, sheet)
        _tool.check(view, sheet)
        _decision.check(view, sheet)
        _human.check(view, sheet, self._config)
        _cost.check(view, sheet, self._price)
        _confidence.check(view, sheet)
        _correlation.check(view, sheet)
        _hygiene.check(view, sheet, self._config)
        _audit.check(view, sheet, self._config)

    def report(self) -> LintReport:
        """What all runs come to."""
        self._unbounded_names()
        ordered = sorted(self._findings, key=lambda one: (one.level.rank, one.rule))
        emitted = {rule.id for rule in RULES.values() if rule.group == Group.EMITTED}
        return LintReport(
            findings=tuple(one for one in ordered if one.rule not in emitted),
            emitted=tuple(one for one in ordered if one.rule in emitted),
            counts=dict(sorted(self._counts.items())),
            by_level=dict(self._by_level),
            groups=tuple(self._groups.values()),
            coverage=self._covered.table(),
            runs=tuple(self._runs),
            emitting=self._emitted.spans,
            conforming=self._emitted.conforming,
            unmatched=tuple(self._unmatched),
            tools=frozenset(self._tools) if self._unmatched else frozenset(),
        )

    def _unbounded_names(self) -> None:
        """The one rule that is about all runs together."""
        level = self._levels.get("AL803")
        if level is None or not any(run.spans for run in self._runs):
            return
        found = list(self._names.unbounded())
        for span, where, what in found:
            self._findings.append(
                Finding(
                    rule="AL803",
                    level=level,
                    message=self._redactor.text(what),
                    where=where,
                    trace_id=span.trace_id,
                )
            )
            self._counts["AL803"] += 1
            self._by_level[level] += 1
        if level is not Level.INFO:
            group = GroupScore(group=Group.HYGIENE, checks=1, passed=0 if found else 1)
            self._groups[Group.HYGIENE] = _sum(self._groups[Group.HYGIENE], group)


def _sum(one: GroupScore, other: GroupScore) -> GroupScore:
    return GroupScore(group=one.group, checks=one.checks + other.checks, passed=one.passed + other.passed)


def _remembering(price: _cost.Pricer) -> _cost.Pricer:
    """Look a price up once per llm: whether there is one does not depend on the number of tokens."""
    known: dict[tuple[object, ...], Price | None] = {}

    def remembered(span: Span) -> Price | None:
        given: Mapping[str, object] = span.attributes
        names = tuple(given.get(key) for key in (sc.PROVIDER_NAME, sc.REQUEST_MODEL, sc.RESPONSE_MODEL))
        counted = tuple(
            isinstance(given.get(key), int) for key in (sc.USAGE_INPUT_TOKENS, sc.USAGE_OUTPUT_TOKENS)
        )
        key = (*(name if isinstance(name, str) else None for name in names), *counted)
        if key not in known:
            known[key] = price(span)
        return known[key]

    return remembered
