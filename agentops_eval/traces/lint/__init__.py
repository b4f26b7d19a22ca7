"""Lint: rules that a trace is held against, in the conventions' words whatever its dialect."""

from agentops_eval.traces.lint._lint import lint, lint_runs, verdict
from agentops_eval.traces.lint._model import (
    Coverage,
    Group,
    GroupScore,
    LintConfig,
    LintReport,
    RunLint,
)
from agentops_eval.traces.lint._table import RULES, find_rule, levels_of

__all__ = [
    "RULES",
    "Coverage",
    "Group",
    "GroupScore",
    "LintConfig",
    "LintReport",
    "RunLint",
    "find_rule",
    "levels_of",
    "lint",
    "lint_runs",
    "verdict",
]
