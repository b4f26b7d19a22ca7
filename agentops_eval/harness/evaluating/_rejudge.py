"""Judging results again: under other thresholds, or by what the scenarios expect today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from agentops_eval.domain import (
    AgentopsError,
    Ending,
    Result,
    ResultsInvalid,
    Run,
    Suite,
    Trace,
    Verdict,
    VerdictValue,
    case_name,
    nearest,
)
from agentops_eval.evals import Evaluator, build_all, evaluate, overall
from agentops_eval.harness._target import load_callable
from agentops_eval.harness.evaluating._store import kept_trace
from agentops_eval.harness.evaluating._verdicts import COMPLETES, is_cut
from agentops_eval.traces import tool_calls_of

_BUILT = 16
"""Scenarios whose evaluators are kept for their other trials, which lie near by."""

_MOVE_TOGETHER = "keep the folder of traces beside its results, as `eval run --out` wrote both"

_CUT = (
    Verdict(
        value=VerdictValue.UNKNOWN,
        reason="only the beginning of the answer was kept, so that nothing can be said of it: run it again",
        evaluator=COMPLETES,
    ),
)


def under(results: Iterable[Result], at_least: Mapping[str, float]) -> tuple[Result, ...]:
    """The results with other thresholds: ``at_least`` says from which score an evaluator's verdict passes.

    A verdict without a score stays as it is. Raises ResultsInvalid for an evaluator that judged nothing.
    """
    found = tuple(results)
    known = {verdict.evaluator for one in found for verdict in one.verdicts}
    for name in at_least:
        if name not in known:
            raise ResultsInvalid(f"{name} judged nothing in these results", remedy=nearest(name, known))
    return tuple(_under(one, at_least) for one in found)


def _under(result: Result, at_least: Mapping[str, float]) -> Result:
    if result.ending is not Ending.JUDGED:
        return result
    verdicts = tuple(_moved(verdict, at_least.get(verdict.evaluator)) for verdict in result.verdicts)
    return replace(result, verdicts=verdicts, value=overall(verdicts))


def _moved(verdict: Verdict, least: float | None) -> Verdict:
    if least is None or verdict.score is None:
        return verdict
    value = VerdictValue.PASS if verdict.score >= least else VerdictValue.FAIL
    if value is verdict.value:
        return verdict
    told = f"score {verdict.score:.3g}, where at least {least:g} passes"
    return replace(verdict, value=value, reason=f"{told}; {verdict.reason}" if verdict.reason else told)


def against(
    results: Iterable[Result], suites: Sequence[Suite], *, beside: Path, root: Path
) -> tuple[tuple[Result, ...], tuple[str, ...]]:
    """The results judged by what ``suites`` expect today, and the keys of cases that no suite has any more.

    ``beside`` is the file of results, beside which its traces lie. Raises ScenarioInvalid for an evaluator
    that does not fit, and ResultsInvalid for a trace that cannot be read.
    """
    known = {(suite.name, scenario.id): scenario for suite in suites for scenario in suite.scenarios}

    @lru_cache(maxsize=_BUILT)
    def using(suite: str, case: str) -> Sequence[Evaluator]:
        return build_all(known[suite, case], resolve=partial(load_callable, root=root))

    judged: list[Result] = []
    gone: list[str] = []
    for one in results:
        scenario = known.get((one.suite, one.case))
        if scenario is None:
            gone.append(case_name(one.suite, one.case))
        elif one.ending is Ending.JUDGED:
            kept = tuple(verdict for verdict in one.verdicts if verdict.evaluator == COMPLETES and one.error)
            again = using(one.suite, one.case)
            found = _CUT if is_cut(one) else evaluate(run_of(one, beside), scenario, using=again)
            verdicts = (*kept, *found)
            judged.append(replace(one, verdicts=verdicts, value=overall(verdicts), tags=scenario.tags))
        else:
            judged.append(one)
    return tuple(judged), tuple(dict.fromkeys(gone))


def run_of(result: Result, beside: Path) -> Run:
    """The run that a result is of, as far as its file and the trace beside it tell."""
    trace = read_trace(result, beside)
    return Run(
        scenario=result.case,
        suite=result.suite,
        trial=result.trial,
        variant=result.variant,
        output=result.output,
        answers=result.answers or ((result.output,) if result.output is not None else ()),
        trace=trace,
        calls=tool_calls_of(trace),
        state=result.state,
        state_before=result.state_before,
        spend=result.spend,
        error=result.error,
        seed=result.seed,
        versions=result.versions,
        recording=result.recording,
    )


def read_trace(result: Result, beside: Path) -> Trace:
    """The trace of a result, empty where it has none, as it was judged.

    Raises ResultsInvalid for one that cannot be read, or is not as it was written.
    """
    if not result.trace_file:
        return Trace()
    path = beside.parent / result.trace_file
    real = path.resolve() if path.is_symlink() else _resolved(path.parent) / path.name
    if path.name == ".." or not real.is_relative_to(_resolved(beside.parent)):
        raise ResultsInvalid(
            "a trace lies elsewhere than beside its results", where=str(path), remedy=_MOVE_TOGETHER
        )
    try:
        return kept_trace(path)
    except (AgentopsError, OSError) as error:
        what = f"the trace of {result.case} cannot be read: {error}"
        raise ResultsInvalid(what, where=str(path), remedy=_MOVE_TOGETHER) from None


@lru_cache(maxsize=16)
def _resolved(folder: Path) -> Path:
    """Asked for every trace in it."""
    return folder.resolve()
