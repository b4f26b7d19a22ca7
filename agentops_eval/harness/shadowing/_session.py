"""Running a candidate beside recorded runs, and judging both sides alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from agentops_eval.domain import (
    DrawRequest,
    Ending,
    ErrorSource,
    Event,
    Result,
    Run,
    RunError,
    Scenario,
    ScenarioInvalid,
    Suite,
    Trace,
    Variant,
    Verdict,
    VerdictValue,
)
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness._settings import RecordMode, Settings, refuse_in_ci
from agentops_eval.harness._target import load_callable
from agentops_eval.harness.evaluating._agent import Agent, load_agent
from agentops_eval.harness.evaluating._endings import Done, too_late
from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.harness.evaluating._runner import Bounds, in_time, staying
from agentops_eval.harness.evaluating._trial import Ran, Stage, run_trial
from agentops_eval.harness.evaluating._work import Orders, Worker
from agentops_eval.harness.shadowing._recordings import RecordedRun
from agentops_eval.replay import Shadow, ShadowCounts, Suppressed, branch_path
from agentops_eval.traces import spend_of, tool_calls_of

EFFECTS = "same effects"
"""The evaluator where no suite says what is expected: what acts is what the recorded run did."""

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowOrders:
    """What a shadow session is told.

    ``candidate`` names the branch of each recording that holds what llms answered the candidate. ``acts``
    and ``reads`` are names of tools that do not say so themselves. With ``suites`` both sides are judged by
    the scenario that has the run's name or its input. ``told`` is what a suppressed effect is answered with.
    """

    root: Path
    settings: Settings
    agent: str
    candidate: str = "shadow"
    suites: tuple[Suite, ...] = ()
    told: Suppressed = Suppressed.ACKNOWLEDGE
    acts: Collection[str] = ()
    reads: Collection[str] = ()
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One arm's part of a pair: what was made of its run, and its trace."""

    result: Result
    trace: Trace
    counts: ShadowCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A recorded run and the candidate's run on the same input."""

    case: str
    baseline: Side
    candidate: Side


class ShadowSession:
    """Runs a candidate on recorded inputs, one after the other. Nothing it does reaches the world.

    Raises TargetInvalid for an agent that is not there, RecordingRefused where llms would be asked in CI,
    ConfigInvalid for a candidate that no branch can be named after.
    """

    def __init__(self, orders: ShadowOrders, *, agent: Agent | None = None) -> None:
        branch_path(Path("case"), orders.candidate)
        settings = refuse_in_ci(orders.settings, os.environ)
        if settings.record is RecordMode.ALL:  # a recorded run is never recorded anew
            settings = replace(settings, record=RecordMode.ONCE)
        self._orders, self._settings = orders, settings
        self._agent = agent or load_agent(orders.agent, root=orders.root)
        work = Orders(root=orders.root, settings=settings, command=partial(_rerecord, orders))
        self._worker = Worker(work, only=self._agent)
        self._runs: dict[int, tuple[Shadow, ActiveRun | None]] = {}

    def pair(self, run: RecordedRun) -> Pair | str:
        """Run the candidate on one recorded input; gives the reason where that cannot be done."""
        scenario = self._scenario(run)
        if isinstance(scenario, str):
            return scenario
        trial = self._trial(run, scenario)
        try:
            self._worker.prepare(trial)
        except ScenarioInvalid as error:  # it is of this run alone
            return "; ".join(filter(None, (error.what, error.difference)))
        bounds = Bounds(timeout_s=self._orders.timeout_s)
        perform = staying(
            partial(in_time, perform=partial(self._perform, run), bounds=bounds, give_up=self._give_up)
        )
        done = perform(trial)
        return Pair(
            case=run.case, baseline=self._recorded_side(run, trial), candidate=self._side(run, trial, done)
        )

    def close(self) -> None:
        """Keep what judges answered."""
        self._worker.close()

    # -- what is run ------------------------------------------------------------------------------

    def _scenario(self, run: RecordedRun) -> Scenario | str:
        if not self._orders.suites:
            if not run.turns:
                return "the recording does not tell what was asked: give a suite that does"
            return Scenario(id=run.case, turns=run.turns, where=str(run.path))
        every = [one for suite in self._orders.suites for one in suite.scenarios if not one.skip]
        found = [one for one in every if one.id == run.case] or [
            one for one in every if run.turns == one.turns
        ]
        if not found:
            return "no scenario has its name or its input"
        return replace(found[0], world=None, where=found[0].where or str(run.path))

    def _trial(self, run: RecordedRun, scenario: Scenario) -> Trial:
        """On the branch where there is one or one may be recorded, else on the recording alone."""
        branch = self._orders.candidate
        used = branch_path(run.path, branch).exists() or self._settings.record is not RecordMode.NONE
        return Trial(
            scenario=scenario,
            variant=Variant(),
            number=1,
            cassette=run.path,
            candidate=branch if used else "",
            path=str(run.path),
        )

    def _perform(self, run: RecordedRun, trial: Trial) -> Done:
        shadow = Shadow(
            run.cassette.events,
            told=self._orders.told,
            live_llms=self._settings.record is not RecordMode.NONE,
            acts=self._orders.acts,
            reads=self._orders.reads,
        )
        self._runs[id(trial)] = (shadow, None)
        stage = Stage(
            settings=self._settings,
            resolve=self._resolve,
            rerecord=partial(_rerecord, self._orders),
            begun=lambda active: self._runs.__setitem__(id(trial), (shadow, active)),
            shadow=shadow,
        )
        return self._worker.judge(trial, run_trial(trial, self._agent, stage))

    def _give_up(self, trial: Trial, timeout_s: float) -> Done:
        _, active = self._runs[id(trial)]
        if active is not None:
            active.give_up()
        return too_late(trial, timeout_s, missing=() if active is None else active.problems)

    def _resolve(self, spec: str) -> Callable[..., Any]:
        return load_callable(spec, root=self._orders.root)

    # -- what came of it --------------------------------------------------------------------------

    def _side(self, run: RecordedRun, trial: Trial, done: Done) -> Side:
        shadow, active = self._runs.pop(id(trial))
        counts, waited = ShadowCounts(), None
        if active is not None:
            stats = active.report.stats
            counts = shadow.counts(() if stats is None else stats.taken)
            counts = _redacted(counts, active.redactor.text)
            waited = _waited_s(active.events) if active.scope.clock.virtual else None
        result = done.result
        if result.ending is Ending.NEEDS_RECORDING:
            result = _left(result, counts.left)
        if not self._orders.suites:
            result = _by_effects(result, counts)
        return Side(
            result=replace(result, spend=replace(result.spend, latency_s=waited)),
            trace=done.trace,
            counts=counts,
        )

    def _recorded_side(self, run: RecordedRun, trial: Trial) -> Side:
        failed = None
        if run.error:
            failed = RunError(source=ErrorSource.AGENT, kind="RecordedError", message=run.error)
        waited = None if run.cassette.vcr else _waited_s(run.cassette.events)
        told = Run(
            scenario=trial.scenario.id,
            suite=trial.scenario.suite,
            output=run.answer or None,
            answers=(run.answer,) if run.answer else (),
            trace=run.trace,
            calls=tool_calls_of(run.trace),
            spend=replace(spend_of(run.trace), latency_s=waited),
            error=failed,
        )
        result = self._worker.judge(trial, Ran(run=told)).result
        if not self._orders.suites:
            result = _by_effects(result, ShadowCounts())
        asked = sum(not isinstance(one.request, DrawRequest) for one in run.cassette.events)
        return Side(result=result, trace=run.trace, counts=ShadowCounts(asked=asked, answered=asked))


def _rerecord(orders: ShadowOrders, trial: Trial) -> str:
    return f"agentops-eval shadow {trial.path} --agent {orders.agent} --candidate {orders.candidate} --record"


def _redacted(counts: ShadowCounts, clean: Callable[[str], str]) -> ShadowCounts:
    return replace(
        counts,
        extra=tuple(map(clean, counts.extra)),
        missing=tuple(map(clean, counts.missing)),
        unsure=tuple(map(clean, counts.unsure)),
        left=clean(counts.left),
    )


def _left(result: Result, where: str) -> Result:
    """A run that left its recording was not judged: nobody can say how it would have gone on."""
    told = where or ("" if result.error is None else result.error.message.splitlines()[0])
    reason = f"left the recording: {told}"[:500]
    verdict = Verdict(value=VerdictValue.UNKNOWN, reason=reason, evaluator=EFFECTS)
    return replace(result, ending=Ending.JUDGED, value=VerdictValue.UNKNOWN, verdicts=(verdict,))


def _by_effects(result: Result, counts: ShadowCounts) -> Result:
    """The verdict where nothing else is expected: the effects are those of the recorded run.

    Cases in this order: it acted beyond the recording, which no later turn takes back; it ended without a
    verdict; it left the recording; it broke off; it did not do what the recorded run did; nobody can say;
    it did the same.
    """
    if counts.extra:
        return _verdict(result, VerdictValue.FAIL, f"acted otherwise: {_listed(counts.extra)}")
    if result.ending is not Ending.JUDGED or result.verdicts:
        return result
    if result.error is not None:
        return _verdict(result, VerdictValue.FAIL, f"broke off: {result.error.message}"[:500])
    if counts.missing:
        return _verdict(result, VerdictValue.FAIL, f"did not happen again: {_listed(counts.missing)}")
    if counts.unsure:
        told = f"did not happen again, and nobody says whether it acts: {_listed(counts.unsure)}"
        return _verdict(result, VerdictValue.UNKNOWN, told)
    return _verdict(result, VerdictValue.PASS, "")


def _verdict(result: Result, value: VerdictValue, reason: str) -> Result:
    verdict = Verdict(value=value, reason=reason, evaluator=EFFECTS)
    return replace(result, ending=Ending.JUDGED, value=value, verdicts=(verdict,))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return "; ".join(one[:200] for one in names[:_SHOWN]) + more


def _waited_s(events: Iterable[Event]) -> float:
    """How long the agent waited for answers, calls side by side counted once.

    What it computed in between is the machine's affair, and a replay does not tell of it.
    """
    spans = sorted(
        (one.started_s, one.ended_s)
        for one in events
        if one.parent is None and not isinstance(one.request, DrawRequest)
    )
    total, until = 0.0, float("-inf")
    for start, end in spans:
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return round(total, 3)
