"""Suites: scenarios, evaluators, judges, and what a candidate changed.

Everything is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_eval.evals._evaluate import build_all, evaluate, overall
    from agentops_eval.evals._evaluator import Evaluator, Factory, Resolve, build, parameters_of
    from agentops_eval.evals._functions import SEES, from_function, verdict_of
    from agentops_eval.evals._table import evaluators

_HOMES = {
    "_evaluate": "build_all evaluate overall",
    "_evaluator": "Evaluator Factory Resolve build parameters_of",
    "_functions": "SEES from_function verdict_of",
    "_table": "evaluators",
}
"""Where each public name lives, by module."""

__all__ = [
    "SEES",
    "Evaluator",
    "Factory",
    "Resolve",
    "build",
    "build_all",
    "evaluate",
    "evaluators",
    "from_function",
    "overall",
    "parameters_of",
    "verdict_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _PLACES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
