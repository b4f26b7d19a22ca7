"""Takes down what the checks find, and counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from agentops_eval.domain import Finding, Level, Rule, Span
from agentops_eval.traces._excerpt import clipped
from agentops_eval.traces._normal import TextRedactor
from agentops_eval.traces._text import printable
from agentops_eval.traces.lint._model import GroupScore
from agentops_eval.traces.lint._view import View

MOST_KEPT = 1000
"""Findings of one rule that are kept; the others are counted."""

_WIDTH, _READ = 300, 4_096


class Sheet:
    """The checks of one run. ``levels`` holds the rules that are checked, with their levels.

    ``kept`` counts what has been kept of each rule so far, over several runs.
    """

    def __init__(
        self,
        view: View,
        rules: Mapping[str, Rule],
        levels: Mapping[str, Level],
        kept: Counter[str],
        redactor: TextRedactor,
    ) -> None:
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self._applied: Counter[str] = Counter()
        self._view = view
        self._rules = rules
        self._levels = levels
        self._kept = kept
        self._redactor = redactor

    def check(self, rule: str, passed: object, span: Span | None, what: str = "", /) -> None:
        """Note that a rule applies, and whether it was kept; ``what`` says what is wrong where it was not."""
        if passed:
            self.kept(rule)
        else:
            self.broken(rule, span, what)

    def kept(self, rule: str) -> None:
        """Note that a rule applied and was kept."""
        if rule in self._levels:
            self._applied[rule] += 1

    def broken(self, rule: str, span: Span | None, what: str = "") -> None:
        """Note that a rule applied and was broken; what is wrong is the rule's title, if nothing is said."""
        if rule not in self._levels:
            return
        self._applied[rule] += 1
        self.counts[rule] += 1
        if self._kept[rule] < MOST_KEPT:
            self._kept[rule] += 1
            self.findings.append(self._finding(rule, span, what))

    def asks(self, *rules: str) -> bool:
        """Whether any of these rules is checked at all."""
        return any(rule in self._levels for rule in rules)

    def _finding(self, rule: str, span: Span | None, what: str) -> Finding:
        shown = clipped(printable(self._clean(what) or self._rules[rule].title), _WIDTH)
        if span is None:
            return Finding(
                rule=rule,
                level=self._levels[rule],
                message=shown,
                where=self._view.where,
                trace_id=self._view.trace_id,
            )
        return Finding(
            rule=rule,
            level=self._levels[rule],
            message=shown,
            where=self._view.where_of(span),
            trace_id=span.trace_id,
            span_id=span.span_id,
            span=printable(self._clean(span.name)[:_WIDTH]),
        )

    def _clean(self, text: str) -> str:
        """Without secrets: reports go to many readers."""
        clean = self._redactor.json(text[:_READ])
        return clean if isinstance(clean, str) else ""

    def by_level(self) -> Counter[Level]:
        """How many findings there are of each level."""
        found: Counter[Level] = Counter()
        for rule, count in self.counts.items():
            found[self._levels[rule]] += count
        return found

    def scores(self) -> dict[str, GroupScore]:
        """The checks of each group that has rules which count."""
        found: dict[str, GroupScore] = {}
        for rule, applied in self._applied.items():
            if self._levels[rule] is Level.INFO:
                continue
            group = self._rules[rule].group
            before = found.get(group, GroupScore(group=group, checks=0, passed=0))
            found[group] = GroupScore(
                group=group,
                checks=before.checks + applied,
                passed=before.passed + applied - self.counts[rule],
            )
        return found
