"""Verdicts on made-up runs, by the way that a file takes: an expectation is built, then asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentops_eval.domain import (
    ErrorSource,
    Expectation,
    Run,
    RunError,
    Scenario,
    ScenarioInvalid,
    Verdict,
    VerdictValue,
)
from agentops_eval.evals import build, evaluators

PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN
WHERE = "refunds.yaml:7 scenarios[0].expect"
BROKEN_BY_AGENT = RunError(source=ErrorSource.AGENT, kind="ValueError", message="no order")
BROKEN_BY_JUDGE = RunError(source=ErrorSource.JUDGE, kind="Timeout")


def judged(
    evaluator: str, arguments: Any = None, *, resolve: Callable[..., Any] | None = None, **run: Any
) -> Verdict:
    """What an evaluator makes of a run with these fields."""
    expectation = Expectation(evaluator=evaluator, arguments=arguments, where=f"{WHERE}.{evaluator}")
    built = build(expectation, evaluators()[evaluator], resolve=resolve)
    return built(Run(scenario="refund", **run), Scenario(id="refund"))


def value(evaluator: str, arguments: Any = None, **run: Any) -> VerdictValue:
    """The verdict's value alone."""
    return judged(evaluator, arguments, **run).value


def refused(evaluator: str, arguments: Any = None) -> str:
    """How the file that says this is refused."""
    with pytest.raises(ScenarioInvalid) as caught:
        judged(evaluator, arguments)
    return str(caught.value)
