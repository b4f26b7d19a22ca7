"""From what a trial did to what is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentops_eval.domain import Ending, Json, Result, Scenario, Verdict, VerdictValue
from agentops_eval.evals import Evaluator, evaluate, overall
from agentops_eval.harness.evaluating._trial import Ran
from agentops_eval.traces.redaction import Redactor

COMPLETES = "completes"
_LONGEST_OUTPUT = 100_000


def result_of(ran: Ran, scenario: Scenario, using: Sequence[Evaluator], redactor: Redactor) -> Result:
    """Judge a trial by everything that its scenario expects.

    One that ended without a verdict is judged by nothing. An agent that broke off has failed, whatever
    else holds of what it did until then. What evaluators say may quote the run: it is redacted.
    """
    run = ran.run
    verdicts: tuple[Verdict, ...] = ()
    if ran.ending is Ending.JUDGED:
        verdicts = evaluate(run, scenario, using=using)
        if run.error is not None:
            broke = f"the agent raised {run.error.kind}: {run.error.message}"[:500]
            verdicts = (
                Verdict(value=VerdictValue.FAIL, score=0.0, reason=broke, evaluator=COMPLETES),
                *verdicts,
            )
    return Result(
        suite=run.suite,
        case=run.scenario,
        title=redactor.text(scenario.title),
        asked=asked_of(scenario, redactor),
        trial=run.trial,
        variant=run.variant,
        ending=ran.ending,
        value=overall(verdicts) if ran.ending is Ending.JUDGED else VerdictValue.UNKNOWN,
        verdicts=tuple(_redacted(verdict, redactor) for verdict in verdicts),
        error=run.error,
        output=_bounded(run.output),
        answers=tuple(map(_bounded, run.answers)) if len(run.answers) > 1 else (),
        state=run.state,
        state_before=run.state_before,
        spend=run.spend,
        tags=scenario.tags,
        segments=scenario.segments,
        versions=run.versions,
        seed=run.seed,
        recording=run.recording,
        labels=ran.labels or {},
        trace_id=run.trace.trace_id,
        where=scenario.where,
        remedy=ran.remedy,
    )


def asked_of(scenario: Scenario, redactor: Redactor) -> tuple[Json, ...]:
    """What the user says, as long as an answer may be; nothing where the user is a simulated one."""
    turns = () if scenario.user is not None else scenario.turns
    return tuple(_bounded(redactor.json(turn)) for turn in turns)


def _redacted(verdict: Verdict, redactor: Redactor) -> Verdict:
    return replace(
        verdict,
        reason=redactor.text(verdict.reason),
        evidence=tuple(redactor.text(one) for one in verdict.evidence),
    )


def is_cut(result: Result) -> bool:
    """Whether a result does not hold the whole of what the agent answered."""
    answers = (result.output, *result.answers)
    return any(isinstance(one, str) and len(one) > _LONGEST_OUTPUT for one in answers)


def _bounded(output: Json) -> Json:
    if isinstance(output, str) and len(output) > _LONGEST_OUTPUT:
        return f"{output[:_LONGEST_OUTPUT]}... ({len(output) - _LONGEST_OUTPUT:,} more characters)"
    return output
