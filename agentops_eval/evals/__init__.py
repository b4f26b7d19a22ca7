"""Suites: scenarios, evaluators, judges, and what a candidate changed.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals._evaluate import build_all, evaluate, overall
    from agentops_eval.evals._evaluator import Evaluator, Factory, Resolve, build, parameters_of
    from agentops_eval.evals._flakes import Flake, flakes
    from agentops_eval.evals._functions import from_function, verdict_of
    from agentops_eval.evals._table import evaluators, judge_names
    from agentops_eval.evals.comparing import Diverges, compare
    from agentops_eval.evals.tools import match_tool_calls

_HOMES = {
    "_evaluate": "build_all evaluate overall",
    "_evaluator": "Evaluator Factory Resolve build parameters_of",
    "_flakes": "Flake flakes",
    "_functions": "from_function verdict_of",
    "_table": "evaluators judge_names",
    "comparing": "Diverges compare",
    "tools": "match_tool_calls",
}
"""Where each public name lives, by module."""

__all__ = [
    "Diverges",
    "Evaluator",
    "Factory",
    "Flake",
    "Resolve",
    "build",
    "build_all",
    "compare",
    "evaluate",
    "evaluators",
    "flakes",
    "from_function",
    "judge_names",
    "match_tool_calls",
    "overall",
    "parameters_of",
    "verdict_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
