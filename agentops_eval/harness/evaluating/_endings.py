"""Results of trials of which nothing but their end is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    ReplayMiss,
    Result,
    RunError,
    Trace,
    Verdict,
    VerdictValue,
)
from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.harness.evaluating._verdicts import COMPLETES


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A judged trial and its trace. ``live`` says whether anything was asked for real."""

    result: Result
    trace: Trace
    live: bool = False


def too_late(
    trial: Trial,
    timeout_s: float,
    *,
    missing: Sequence[BaseException] = (),
    remedy: str = "",
    live: bool = False,
) -> Done:
    """The result of a trial that did not end in time: the agent's failure.

    Not where its recording had no answer for it, after which an agent may do anything: ``missing`` are the
    run's problems.
    """
    miss = next((one for one in missing if isinstance(one, ReplayMiss) and one.reason != "blocked"), None)
    if miss is not None:
        told = RunError(
            source=ErrorSource.INFRASTRUCTURE, kind=f"ReplayMiss {miss.reason}", message=str(miss)
        )
        return broken_off(trial, told, ending=Ending.NEEDS_RECORDING, remedy=remedy, live=live)
    reason = f"no answer within {timeout_s:g} s"
    verdict = Verdict(value=VerdictValue.FAIL, score=0.0, reason=reason, evaluator=COMPLETES)
    error = RunError(source=ErrorSource.AGENT, kind="Timeout", message=reason)
    return broken_off(trial, error, ending=Ending.JUDGED, verdicts=(verdict,), live=live)


def broken_off(
    trial: Trial,
    error: RunError,
    *,
    ending: Ending,
    verdicts: tuple[Verdict, ...] = (),
    remedy: str = "",
    live: bool = False,
) -> Done:
    """The result of a trial of which nothing but its end is known."""
    scenario = trial.scenario
    value = VerdictValue.FAIL if verdicts else VerdictValue.UNKNOWN
    result = Result(
        suite=scenario.suite,
        case=scenario.id,
        trial=trial.number,
        variant=trial.tried,
        ending=ending,
        value=value,
        verdicts=verdicts,
        error=error,
        tags=scenario.tags,
        segments=scenario.segments,
        title=scenario.title,
        seed=trial.seed,
        where=scenario.where,
        remedy=remedy,
    )
    return Done(result=result, trace=Trace(), live=live)
