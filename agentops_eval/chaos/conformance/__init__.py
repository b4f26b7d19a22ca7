"""Checks that drive an agent through chosen faults, and hold what it did against a rule."""

from agentops_eval.chaos._declared import Breaker, Budget, Declared, Fallback, Shedding
from agentops_eval.chaos.conformance._automaton import Demand, Edge, IllegalEdge, Passage, illegal_edges
from agentops_eval.chaos.conformance._bench import Bench, CannotTell
from agentops_eval.chaos.conformance._check import Check, conformance
from agentops_eval.chaos.conformance._drive import Beat, Drivable, Drive, Runs, Turn, turns_of
from agentops_eval.chaos.conformance._result import CheckResult

__all__ = [
    "Beat",
    "Bench",
    "Breaker",
    "Budget",
    "CannotTell",
    "Check",
    "CheckResult",
    "Declared",
    "Demand",
    "Drivable",
    "Drive",
    "Edge",
    "Fallback",
    "IllegalEdge",
    "Passage",
    "Runs",
    "Shedding",
    "Turn",
    "conformance",
    "illegal_edges",
    "turns_of",
]
