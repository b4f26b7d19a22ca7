"""Lint: rules that a trace is held against, in the conventions' words whatever its dialect.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.traces.lint._json import report_json, rule_json
    from agentops_eval.traces.lint._lint import lint, lint_runs, verdict
    from agentops_eval.traces.lint._model import (
        Coverage,
        Group,
        GroupScore,
        LintConfig,
        LintReport,
        RunLint,
    )
    from agentops_eval.traces.lint._page import rules_page
    from agentops_eval.traces.lint._table import RULES, find_rule, levels_of
    from agentops_eval.traces.lint._text import explanation_lines, report_lines

_HOMES = {
    "_json": "report_json rule_json",
    "_lint": "lint lint_runs verdict",
    "_model": "Coverage Group GroupScore LintConfig LintReport RunLint",
    "_page": "rules_page",
    "_table": "RULES find_rule levels_of",
    "_text": "explanation_lines report_lines",
}
"""Where each public name lives, by module."""

__all__ = [
    "RULES",
    "Coverage",
    "Group",
    "GroupScore",
    "LintConfig",
    "LintReport",
    "RunLint",
    "explanation_lines",
    "find_rule",
    "levels_of",
    "lint",
    "lint_runs",
    "report_json",
    "report_lines",
    "rule_json",
    "rules_page",
    "verdict",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
