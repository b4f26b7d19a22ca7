"""Suites from texts, with the evaluators that there are and stand-ins for those that a build may lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentops_eval.domain import Verdict, VerdictValue
from agentops_eval.evals import Evaluator, Factory, evaluators
from agentops_eval.evals.suites import SuiteReading, parse, read_suite

if TYPE_CHECKING:
    from agentops_eval.domain import Run, Scenario, Suite


def _passes(_run: Run, _scenario: Scenario) -> Verdict:
    return Verdict(value=VerdictValue.PASS)


def _tools(expected: str | Sequence[str | Mapping[str, Any]], *, order: str = "in_order") -> Evaluator:
    return _passes


def _judge(rubric: str, reference: Any = None, samples: int = 0) -> Evaluator:
    return _passes


EVALUATORS: Mapping[str, Factory] = {"tools": _tools, "judge": _judge, **evaluators()}


def read(text: str | bytes, name: str = "scenarios/orders.yaml", **options: Any) -> SuiteReading:
    """What comes of a text that can be parsed."""
    data = text if isinstance(text, bytes) else text.encode()
    return read_suite(parse(data, name), name=name.rpartition(".")[0], evaluators=EVALUATORS, **options)


def suite(text: str | bytes, name: str = "scenarios/orders.yaml", **options: Any) -> Suite:
    """The suite of a text in which nothing is wrong."""
    found = read(text, name, **options)
    assert found.suite is not None, [str(problem) for problem in found.problems]
    return found.suite


def wrong(text: str | bytes, name: str = "scenarios/orders.yaml", **options: Any) -> list[str]:
    """What is wrong with a text, each with its place and its remedy on one line."""
    found = read(text, name, **options)
    assert found.suite is None
    return [f"{error.where}: {error.what} ({error.remedy})" for error in found.problems]
