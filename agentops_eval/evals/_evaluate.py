"""Judging one run by everything that its scenario expects."""

from __future__ import annotations

from collections.abc import Iterable

from agentops_eval.domain import (
    Expectation,
    Run,
    Scenario,
    ScenarioInvalid,
    Verdict,
    VerdictValue,
    nearest,
)
from agentops_eval.evals._evaluator import Evaluator, Resolve, build, named
from agentops_eval.evals._functions import from_function
from agentops_eval.evals._table import evaluators


def build_all(scenario: Scenario, *, resolve: Resolve | None = None) -> tuple[Evaluator, ...]:
    """The evaluators of a scenario, in the order of its expectations.

    ``resolve`` finds evaluators of the user's. Raises ScenarioInvalid for what is not known or does not
    fit, and what ``resolve`` raises.
    """
    return tuple(_build(expectation, resolve) for expectation in scenario.expect)


def _build(expectation: Expectation, resolve: Resolve | None) -> Evaluator:
    name = expectation.evaluator
    if ":" in name and resolve is not None:
        return named(name, from_function(resolve(name), expectation))
    known = evaluators()
    if name not in known:
        what = f"there is no evaluator {name!r}"
        raise ScenarioInvalid(what, where=expectation.where, remedy=nearest(name, known))
    return build(expectation, known[name], resolve=resolve)


def evaluate(
    run: Run, scenario: Scenario, *, using: Iterable[Evaluator] | None = None, resolve: Resolve | None = None
) -> tuple[Verdict, ...]:
    """One verdict for each expectation, in their order. An evaluator that raises has no verdict: unknown.

    ``using`` are the evaluators where they were built before, as for many trials of one scenario.
    """
    chosen = build_all(scenario, resolve=resolve) if using is None else using
    return tuple(evaluator(run, scenario) for evaluator in chosen)


def overall(verdicts: Iterable[Verdict]) -> VerdictValue:
    """Fail where one fails; else unknown where one is unknown, or where there is none; else pass."""
    values = {verdict.value for verdict in verdicts}
    if VerdictValue.FAIL in values:
        return VerdictValue.FAIL
    return VerdictValue.PASS if values == {VerdictValue.PASS} else VerdictValue.UNKNOWN
