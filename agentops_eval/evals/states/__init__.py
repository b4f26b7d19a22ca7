"""What the world holds at the end, and what the agent changed in it."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals.states._effects import effects
from agentops_eval.evals.states._state import state

EVALUATORS: Mapping[str, Factory] = {"effects": effects, "state": state}

__all__ = ["EVALUATORS", "effects", "state"]
