"""What an agent answered, judged without an llm."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals.answers._answer import answer
from agentops_eval.evals.answers._numbers import answer_number
from agentops_eval.evals.answers._refusal import refuses
from agentops_eval.evals.answers._similar import answer_similar
from agentops_eval.evals.answers._structured import answer_diff, answer_schema
from agentops_eval.evals.answers._texts import (
    answer_contains,
    answer_equals,
    answer_matches,
    completes,
    concise,
)

EVALUATORS: Mapping[str, Factory] = {
    "answer": answer,
    "answer_contains": answer_contains,
    "answer_diff": answer_diff,
    "answer_equals": answer_equals,
    "answer_matches": answer_matches,
    "answer_number": answer_number,
    "answer_schema": answer_schema,
    "answer_similar": answer_similar,
    "completes": completes,
    "concise": concise,
    "refuses": refuses,
}

__all__ = [
    "EVALUATORS",
    "answer",
    "answer_contains",
    "answer_diff",
    "answer_equals",
    "answer_matches",
    "answer_number",
    "answer_schema",
    "answer_similar",
    "completes",
    "concise",
    "refuses",
]
