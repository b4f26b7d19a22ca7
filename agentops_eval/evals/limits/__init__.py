"""What a run may spend, and how it may go about it."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals.limits._budget import budget
from agentops_eval.evals.limits._lint import lint

EVALUATORS: Mapping[str, Factory] = {"budget": budget, "lint": lint}

__all__ = ["EVALUATORS", "budget", "lint"]
