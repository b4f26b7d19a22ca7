"""Lint: rules that a trace is held against, in the conventions' words whatever its dialect."""

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
