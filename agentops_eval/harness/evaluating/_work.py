"""What runs and judges one trial: the same in a thread, in another process, and in a pytest item."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    PromptEdited,
    Result,
    RunError,
    Scenario,
    ScenarioInvalid,
    TargetInvalid,
)
from agentops_eval.evals import Evaluator, build_all, judge_names
from agentops_eval.evals.prompts import PromptIndex, annotate, versions_of
from agentops_eval.harness._judge import LlmJudge, needs_recording, open_judge
from agentops_eval.harness._judge_settings import load_judge_settings
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._prompts import survey_prompts
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness._settings import RecordMode, Settings
from agentops_eval.harness._target import load_callable
from agentops_eval.harness._user import UserLlm, user_llm
from agentops_eval.harness.evaluating._agent import Agent, check_fit, load_agent
from agentops_eval.harness.evaluating._commands import record_with_cli
from agentops_eval.harness.evaluating._endings import Done, too_late
from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.harness.evaluating._throttle import Throttle
from agentops_eval.harness.evaluating._trial import Ran, Stage, run_trial
from agentops_eval.harness.evaluating._verdicts import result_of
from agentops_eval.harness.evaluating._worlds import check_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What every worker is told: where the agents are, the settings, the limits of hosts.

    ``agent`` is used instead of what the scenarios name. ``command`` gives the command that records a
    trial.
    """

    root: Path
    settings: Settings
    agent: str = ""
    limits: Mapping[str, int] | None = None
    command: Callable[[Trial], str] = record_with_cli


def _indexed(orders: Orders) -> PromptIndex:
    """The prompts of the project; a file that is none is `prompt check`'s affair, and stops no suite."""
    folder = orders.root / orders.settings.prompt_dir
    return PromptIndex.of(survey_prompts(folder).prompts, redact=redactor_of(orders.settings).text)


def _loaded(spec: str, *, root: Path) -> Agent | TargetInvalid:
    """The agent, or why there is none: it is looked for once, however many scenarios name it."""
    try:
        return load_agent(spec, root=root)
    except TargetInvalid as error:
        return error


class Worker:
    """Prepares scenarios once, runs trials of them as often as asked for. Safe under threads."""

    def __init__(self, orders: Orders, *, only: Agent | None = None) -> None:
        self._orders = orders
        self._only = only
        self._judge: LlmJudge | None = None
        self._prompts: Callable[[], PromptIndex] = cache(partial(_indexed, orders))
        self._lock = threading.Lock()
        self._throttle = Throttle(orders.limits or {})
        self._agent: Callable[[str], Agent | TargetInvalid] = cache(partial(_loaded, root=orders.root))
        self._runs: dict[int, ActiveRun] = {}
        self._evaluators: dict[tuple[str, str], tuple[Scenario, tuple[Evaluator, ...]]] = {}

    def with_agent(self, agent: Agent) -> Worker:
        """A worker that runs this agent, whatever the scenarios name."""
        return Worker(self._orders, only=agent)

    def prepare(self, trial: Trial) -> None:
        """Find the agent, build the evaluators, look at the world. Raises what cannot be meant."""
        check_world(trial.scenario)
        check_fit(self._agent_of(trial), trial.scenario, trial.variant)
        self._using(trial)

    def perform(self, trial: Trial) -> Done:
        """Run one trial and judge it. Raises what ``prepare`` raises, and KeyboardInterrupt."""
        stage = Stage(
            settings=self._orders.settings,
            resolve=self._resolve,
            ask_user=self._ask_user(trial),
            behind=(self._throttle,),
            rerecord=self._orders.command,
            begun=partial(self._runs.__setitem__, id(trial)),
        )
        try:
            ran = run_trial(trial, self._agent_of(trial), stage)
        finally:
            run = self._runs.pop(id(trial), None)
        if run is not None and run.scope.given_up:
            return too_late(trial, 0.0)  # nobody waits for it, and no judge is paid
        return self.judge(trial, ran)

    def judge(self, trial: Trial, ran: Ran) -> Done:
        """Judge what a trial did, by all that its scenario expects."""
        ran = self._versioned(ran)
        redactor = redactor_of(self._orders.settings)
        result = self._judged(trial, lambda: result_of(ran, trial.scenario, self._using(trial), redactor))
        return Done(result=result, trace=ran.run.trace, live=bool((ran.labels or {}).get("live")))

    def give_up(self, trial: Trial, timeout_s: float) -> Done:
        """End a trial that is under way in another thread, and say what came of it.

        What it cost, if anything was asked for real, nobody knows.
        """
        run = self._runs.get(id(trial))
        if run is not None:
            run.give_up()
        live = self._orders.settings.record is not RecordMode.NONE
        missing = () if run is None else run.problems
        return too_late(trial, timeout_s, missing=missing, remedy=self._orders.command(trial), live=live)

    def _versioned(self, ran: Ran) -> Ran:
        """The run with the versions of prompts and tools that it is about; none may be edited in place."""
        try:
            versions = versions_of(ran.run.trace, self._prompts())
        except PromptEdited as edited:
            told = RunError(source=ErrorSource.INFRASTRUCTURE, kind="PromptEdited", message=str(edited))
            return replace(ran, ending=Ending.ERROR, run=replace(ran.run, error=told), remedy=edited.remedy)
        trace = annotate(ran.run.trace, self._prompts())
        return replace(ran, run=replace(ran.run, versions=versions, trace=trace))

    def close(self) -> None:
        """Save what judges answered: it is paid for."""
        if self._judge is not None:
            self._judge.save()

    def _judged(self, trial: Trial, judge: Callable[[], Result]) -> Result:
        """Judge with the llm that the project names, where an expectation of the scenario asks one.

        A trial whose judge was not recorded needs a recording, unless it has failed anyway.
        """
        names = judge_names()
        if not any(one.evaluator in names for one in trial.scenario.expect):
            return judge()
        with self._opened_judge().judging() as asked:
            result = judge()
        if result.ending is not Ending.JUDGED or not needs_recording(asked, result.value):
            return result
        told = RunError(source=ErrorSource.JUDGE, kind="RecordingNeeded", message="\n".join(asked.missing))
        remedy = self._orders.command(trial)
        return replace(result, ending=Ending.NEEDS_RECORDING, error=told, remedy=remedy)

    def _opened_judge(self) -> LlmJudge:
        with self._lock:
            if self._judge is None:
                self._judge = open_judge(self._orders.root, settings=self._orders.settings)
            return self._judge

    def _ask_user(self, trial: Trial) -> UserLlm | None:
        if trial.scenario.user is None:
            return None
        return user_llm(load_judge_settings(self._orders.root))

    def _agent_of(self, trial: Trial) -> Agent:
        if self._only is not None:
            return self._only
        spec = self._orders.agent or trial.scenario.agent
        if not spec:
            raise ScenarioInvalid(
                "nobody says which agent this is for",
                where=trial.scenario.where,
                remedy="write agent: module:callable at the head of the file, or give --agent",
            )
        found = self._agent(spec)
        if isinstance(found, TargetInvalid):
            where = f"{trial.scenario.where} agent"
            looked = f"looked in {found.where}" if found.where else ""
            difference = "\n".join(filter(None, (found.difference, looked)))
            raise TargetInvalid(found.what, where=where, difference=difference, remedy=found.remedy)
        return found

    def _using(self, trial: Trial) -> Sequence[Evaluator]:
        scenario = trial.scenario
        place = (scenario.suite, scenario.id)
        known = self._evaluators.get(place)
        # By what it says: to a process each trial comes with a copy of its scenario.
        if known is None or (known[0] is not scenario and known[0] != scenario):
            known = self._evaluators[place] = (scenario, build_all(scenario, resolve=self._resolve))
        return known[1]

    def _resolve(self, spec: str) -> Callable[..., Any]:
        return load_callable(spec, root=self._orders.root)
