"""What an agent answered, judged without an llm."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory

EVALUATORS: Mapping[str, Factory] = {}

__all__ = ["EVALUATORS"]
