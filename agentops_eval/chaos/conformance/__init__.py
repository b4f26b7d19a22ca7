"""Checks that drive an agent through chosen faults, and hold what it did against a rule.

Everything is imported on first use: a runner needs to know of drives, and not of every check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.chaos._declared import Breaker, Budget, Declared, Fallback, Shedding
    from agentops_eval.chaos.conformance._automaton import (
        Demand,
        Edge,
        Passage,
        illegal_edges,
    )
    from agentops_eval.chaos.conformance._drive import Beat, Drive, Turn, turns_of
    from agentops_eval.chaos.conformance._result import CheckResult
    from agentops_eval.chaos.conformance._run import check, check_all, checked
    from agentops_eval.chaos.conformance.checks import CHECKS

_HOMES = {
    "agentops_eval.chaos._declared": "Breaker Budget Declared Fallback Shedding",
    "_automaton": "Demand Edge Passage illegal_edges",
    "_drive": "Beat Drive Turn turns_of",
    "_result": "CheckResult",
    "_run": "check check_all checked",
    "checks": "CHECKS",
}
"""Where each public name lives, by module."""

__all__ = [
    "CHECKS",
    "Beat",
    "Breaker",
    "Budget",
    "CheckResult",
    "Declared",
    "Demand",
    "Drive",
    "Edge",
    "Fallback",
    "Passage",
    "Shedding",
    "Turn",
    "check",
    "check_all",
    "checked",
    "illegal_edges",
    "turns_of",
]

__getattr__ = lazy(__name__, {name: home for home, names in _HOMES.items() for name in names.split()})


def __dir__() -> list[str]:
    return sorted(__all__)
