"""Users' evaluators are plain functions: they name what they want to see."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace

from agentops_eval.domain import (
    Expectation,
    Json,
    Run,
    Scenario,
    ScenarioInvalid,
    Verdict,
    VerdictValue,
    nearest,
)
from agentops_eval.evals._evaluator import Evaluator

SEES: Mapping[str, Callable[[Run, Scenario], object]] = {
    "run": lambda run, _: run,
    "scenario": lambda _, scenario: scenario,
    "output": lambda run, _: run.output,
    "answers": lambda run, _: run.answers,
    "calls": lambda run, _: run.calls,
    "trace": lambda run, _: run.trace,
    "state": lambda run, _: run.state,
}
"""What a parameter of that name is given."""

_AT_LEAST = "at_least"


def from_function(function: Callable[..., object], expectation: Expectation) -> Evaluator:
    """An evaluator made of a plain function.

    Its parameters called ``run``, ``scenario``, ``output``, ``answers``, ``calls``, ``trace`` and
    ``state`` are given by us, the others by the file. It returns a Verdict, a bool, ``(bool, reason)``,
    or a score from 0 to 1, which passes from ``at_least`` (of the file, 1 by default) upwards; None
    means unknown. Raises ScenarioInvalid where the file gives what it does not take, or lacks it.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (ValueError, TypeError):  # some builtins do not say
        what = f"{expectation.evaluator} does not say which parameters it has"
        raise ScenarioInvalid(what, where=expectation.where, remedy="wrap it in a function") from None
    given = dict(_given(expectation, parameters))
    least = given.pop(_AT_LEAST, 1.0) if _AT_LEAST not in parameters else 1.0
    if isinstance(least, bool) or not isinstance(least, (int, float)):
        what = f"at_least is {least!r}, not a number"
        raise ScenarioInvalid(what, where=expectation.where, remedy="at_least: 0.8")
    seen = [name for name in parameters if name in SEES and name not in given]
    try:
        inspect.signature(function).bind(**given, **dict.fromkeys(seen))
    except TypeError as error:
        remedy = f"what a parameter of that name is given by us: {', '.join(SEES)}"
        what = f"{expectation.evaluator}: {error}"
        raise ScenarioInvalid(what, where=expectation.where, remedy=remedy) from None

    def judged(run: Run, scenario: Scenario) -> Verdict:
        return verdict_of(
            function(**given, **{name: SEES[name](run, scenario) for name in seen}), at_least=float(least)
        )

    return judged


def verdict_of(found: object, *, at_least: float = 1.0) -> Verdict:
    """Read what a plain function returned. Raises TypeError for anything that is no verdict."""
    reason = ""
    if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], str):
        found, reason = found
    if isinstance(found, Verdict):
        return _checked(found)
    if found is None:
        return Verdict(value=VerdictValue.UNKNOWN, reason=reason or "the function gave no verdict")
    if isinstance(found, bool):
        value = VerdictValue.PASS if found else VerdictValue.FAIL
        return Verdict(value=value, score=float(found), reason=reason)
    if isinstance(found, (int, float)) and 0 <= found <= 1:
        value = VerdictValue.PASS if found >= at_least else VerdictValue.FAIL
        return Verdict(
            value=value, score=float(found), reason=reason or f"{found:.3g}, at least {at_least:g}"
        )
    raise TypeError(f"a verdict is a bool, a score from 0 to 1, (bool, reason) or a Verdict, not {found!r}")


def _checked(found: Verdict) -> Verdict:
    """A verdict as the user's code made it, which may hold anything. Raises TypeError, ValueError."""
    if found.score is not None and not 0 <= found.score <= 1:
        raise ValueError(f"a score is from 0 to 1, not {found.score}")
    value, score = VerdictValue(found.value), None if found.score is None else float(found.score)
    evidence = tuple(map(str, found.evidence))
    return replace(found, value=value, score=score, reason=str(found.reason or ""), evidence=evidence)


def _given(expectation: Expectation, parameters: Mapping[str, inspect.Parameter]) -> Mapping[str, Json]:
    arguments = expectation.arguments
    if arguments is None:
        return {}
    if isinstance(arguments, Mapping):
        takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
        for name in arguments:
            if name not in parameters and name != _AT_LEAST and not takes_all:
                what = f"{expectation.evaluator} takes no argument {name!r}"
                raise ScenarioInvalid(what, where=expectation.where, remedy=nearest(name, parameters))
        return arguments
    free = [name for name in parameters if name not in SEES]
    if not free:
        what = f"{expectation.evaluator} takes no arguments of the file"
        raise ScenarioInvalid(what, where=expectation.where, remedy=f"write {expectation.evaluator}:")
    return {free[0]: arguments}
