"""What a run may spend, and how it may go about it."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory

EVALUATORS: Mapping[str, Factory] = {}

__all__ = ["EVALUATORS"]
