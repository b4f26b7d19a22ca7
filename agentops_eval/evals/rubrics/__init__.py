"""What only a reader can tell, put to a judge."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals.rubrics._rubrics import judge, shipped

EVALUATORS: Mapping[str, Factory] = {"judge": judge, **shipped()}

__all__ = ["EVALUATORS"]
