"""One trial: the world laid out, the agent run under its recording, its end state looked at."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentops_eval.domain import (
    AgentopsError,
    DrawRequest,
    Effect,
    Ending,
    ErrorSource,
    Event,
    HttpRequest,
    Json,
    ReplayMiss,
    Run,
    RunError,
    ScenarioInvalid,
    Spend,
    ToolRequest,
    Trace,
    World,
    to_json,
)
from agentops_eval.evals.users import Talked, without_user
from agentops_eval.harness._mode import RunMode
from agentops_eval.harness._opening import RunSpec
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness._settings import Settings
from agentops_eval.harness._user import UserLlm
from agentops_eval.harness.evaluating._agent import SEED, Agent
from agentops_eval.harness.evaluating._approving import scripted
from agentops_eval.harness.evaluating._blame import blame, text_of
from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.harness.evaluating._worlds import OpenWorld, open_world
from agentops_eval.replay import Shadow, branch_path, case_of
from agentops_eval.seams import Handler, tool
from agentops_eval.traces import semconv as sc
from agentops_eval.traces import spend_of, tool_calls_of

WORLD_TOOL = "agentops.world"
"""The tool call under which a recording keeps the end state of its world. No agent made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of a trial before anybody judges it. ``run`` tells of a broken-off one what is known."""

    run: Run
    ending: Ending = Ending.JUDGED
    remedy: str = ""
    mode: RunMode = RunMode.REPLAY
    labels: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What trials share.

    ``resolve`` finds ``module:callable``, ``behind`` sees live calls, ``begun`` is told of the run. A
    ``shadow`` keeps it from the world.
    """

    settings: Settings
    resolve: Callable[[str], Callable[..., Any]]
    ask_user: UserLlm | None = None
    behind: tuple[Handler, ...] = ()
    rerecord: Callable[[Trial], str] = lambda trial: ""
    begun: Callable[[ActiveRun], None] = lambda run: None
    shadow: Shadow | None = None


def run_trial(trial: Trial, agent: Agent, stage: Stage) -> Ran:
    """Run the agent once. Whatever goes wrong with it is told in the result.

    Raises only KeyboardInterrupt, and what is wrong with the scenario (ScenarioInvalid).
    """
    settings = replace(stage.settings, branch=trial.branch)
    scenario = trial.scenario
    blank = Run(
        scenario=scenario.id,
        suite=scenario.suite,
        trial=trial.number,
        variant=trial.tried,
        agent=agent.spec,
        seed=trial.seed,
    )
    spec = RunSpec(
        path=trial.cassette,
        case=case_of(trial.cassette),
        agent=agent.name,
        rerecord=stage.rerecord(trial),
        approver=scripted(scenario.approver, where=scenario.where),
        behind=stage.behind,
        live_tools=scenario.world is not None,
        shadow=stage.shadow,
    )
    try:
        active = ActiveRun(spec, settings)
    except AgentopsError as error:
        return _not_begun(blank, error, rerecord=spec.rerecord)
    stage.begun(active)
    try:
        return _Performance(trial, agent, stage, active, blank).perform()
    finally:
        if not active.closed:  # a world that could not be laid out: nothing was seen that is worth keeping
            active.discard()


def _not_begun(blank: Run, error: AgentopsError, *, rerecord: str) -> Ran:
    """A recording that is missing or stale is needed; one that cannot be read is an error."""
    told = RunError(source=ErrorSource.INFRASTRUCTURE, kind=type(error).__name__, message=str(error))
    if error.exit_code == _NEEDS:
        return Ran(run=replace(blank, error=told), ending=Ending.NEEDS_RECORDING, remedy=rerecord)
    return Ran(run=replace(blank, error=told), ending=Ending.ERROR, remedy=error.remedy)


_NEEDS = 3


class _Performance:
    """The course of one trial."""

    def __init__(self, trial: Trial, agent: Agent, stage: Stage, active: ActiveRun, blank: Run) -> None:
        self._trial, self._agent, self._stage, self._active, self._blank = trial, agent, stage, active, blank
        self._before: Json = None
        self._advice = ""

    def perform(self) -> Ran:
        world = self._trial.scenario.world
        if world is None:
            return self._within(None)
        try:
            with open_world(world, resolve=self._stage.resolve) as opened:
                return self._within(opened)
        except ScenarioInvalid as invalid:
            invalid.where = f"{self._trial.scenario.where} {invalid.where}"
            raise
        except (AgentopsError, KeyboardInterrupt):
            raise
        except BaseException as error:  # what the agent raises does not get here: it is the world's
            told = f"the world {world.kind} raised {type(error).__name__}: {text_of(error)}"
            kind = f"World {type(error).__name__}"
            broke = RunError(source=ErrorSource.INFRASTRUCTURE, kind=kind, message=told)
            return self._ran((), None, broke, ending=Ending.ERROR)

    def _within(self, world: OpenWorld | None) -> Ran:
        """Run under the recording, and close it by what happened."""
        active = self._active
        talked = Talked()
        state: Json = None
        failed: BaseException | None = None
        before = self._before = None if world is None else to_json(world.state())
        active.open()
        try:
            scenario, given = self._trial.scenario, self._given(world)
            clean = active.redactor.text
            talked = self._agent.talk(scenario, given, ask=self._stage.ask_user, clean=clean)
        except KeyboardInterrupt as error:
            if threading.current_thread() is threading.main_thread():  # elsewhere it is no person's
                active.abandon(cause=error)
                raise
            failed = error
        except ReplayMiss:  # the run remembers it and raises it when it closes
            pass
        except BaseException as error:  # one that exits, or is cancelled, has given no answer either
            failed = error
        if world is not None and not active.problems:
            state = self._state(world, before)
        return self._closed(talked, state, failed)

    def _given(self, world: OpenWorld | None) -> Mapping[str, object]:
        scenario = self._trial.scenario
        given: dict[str, object] = {**scenario.parameters, **self._trial.variant.parameters}
        if scenario.world is not None:
            given[scenario.world.parameter] = world
        if self._agent.takes is not None and self._agent.admits(SEED):
            given.setdefault(SEED, self._trial.seed)
        return given

    def _state(self, world: OpenWorld, before: Json) -> Json:
        """The end state: seen live, or as recorded, for in a replay tools do nothing.

        A recorded state answers for one world as it was laid out, and for the tool calls that led to it.
        What is done past the tool seam is done in a replay, too. Cases of a replay, in this order:

        1. The world has changed: it tells, unless tools would have done something as well.
        2. A tool that acts was called, a service was asked, or nothing was changed: as recorded.
        3. No tool was called at all: the world tells, so that a change that is left out is missed.
        4. Only tools that read were called, and yet something was changed: nobody can say.
        """
        acts, reads = _tool_calls(self._active)
        asked = json.dumps([acts, reads, _laid_out(self._trial.scenario.world)], sort_keys=True)

        @tool(name=WORLD_TOOL)
        def world_state(effects: str) -> Any:
            return to_json(world.state())

        try:
            recorded = to_json(world_state(hashlib.sha256(asked.encode()).hexdigest()[:16]))
            if self._active.mode is not RunMode.REPLAY:
                return recorded
            now = to_json(world.state())
        except (Exception, ReplayMiss):  # the run remembers a miss and raises it when it closes
            return None
        if now != before:
            return None if acts else now
        if acts or recorded == before or _reached_out(self._active.events):
            return recorded
        if not reads:
            return now
        self._advice = _DECLARE
        return None

    def _closed(self, talked: Talked, state: Json, failed: BaseException | None) -> Ran:
        active, answers = self._active, talked.answers
        error = talked.error if failed is None else blame(failed, active.events)
        try:
            if error is not None and error.source is not ErrorSource.AGENT:
                active.abandon(cause=failed)
            else:
                active.close(outcome="completed" if failed is None else f"raised {type(failed).__name__}")
        except ReplayMiss as miss:
            return self._missed(miss)
        except AgentopsError as problem:
            told = RunError(
                source=ErrorSource.INFRASTRUCTURE, kind=type(problem).__name__, message=str(problem)
            )
            return self._ran(answers, state, told, ending=Ending.ERROR, remedy=problem.remedy)
        ending = Ending.JUDGED if error is None or error.source is ErrorSource.AGENT else Ending.ERROR
        return self._ran(answers, state, error, ending=ending)

    def _missed(self, miss: ReplayMiss) -> Ran:
        """A recording that does not cover this run is needed anew; blocked traffic is something else."""
        told = RunError(
            source=ErrorSource.INFRASTRUCTURE, kind=f"ReplayMiss {miss.reason}", message=str(miss)
        )
        ending = Ending.ERROR if miss.reason == "blocked" else Ending.NEEDS_RECORDING
        return self._ran((), None, told, ending=ending, remedy=self._active.spec.rerecord or miss.remedy)

    def _ran(
        self,
        answers: tuple[Json, ...],
        state: Json,
        error: RunError | None,
        *,
        ending: Ending,
        remedy: str = "",
    ) -> Ran:
        active = self._active
        redact = active.redactor.json
        trace = without_user(_without_world(active.trace))
        run = replace(
            self._blank,
            output=redact(answers[-1]) if answers else None,
            answers=tuple(map(redact, answers)),
            trace=trace,
            calls=tool_calls_of(trace),
            state=redact(state),
            state_before=redact(self._before),
            spend=_spend(trace, active.scope.clock.elapsed_s()),
            error=None if error is None else replace(error, message=active.redactor.text(error.message)),
            recording=recording_digest(self._trial, active.mode),
        )
        return Ran(
            run=run, ending=ending, remedy=remedy or self._advice, mode=active.mode, labels=_labels(active)
        )


def _labels(active: ActiveRun) -> Mapping[str, int]:
    """The agent's answered calls by where the answers came from."""
    calls = (
        event.label.value
        for event in active.events
        if event.outcome is not None
        and not isinstance(event.request, DrawRequest)
        and event.boundary != WORLD_TOOL
    )
    return dict(Counter(calls))


_DECLARE = 'say which tools change the world: @tool(effect="write")'


def _tool_calls(active: ActiveRun) -> tuple[list[Json], list[Json]]:
    """The calls of tools that act, in their order, and of those that read, in any: names with arguments.

    One that failed may have done a part of it. One that says nothing of itself counts as reading.
    """
    acts: list[Json] = []
    reads: list[Json] = []
    for event in active.redactor.events(active.events):
        if isinstance(event.request, ToolRequest) and event.outcome is not None:
            listed = reads if event.request.effect is Effect.READ else acts
            listed.append([event.request.name, dict(event.request.arguments)])
    return acts, sorted(reads, key=lambda one: json.dumps(one, sort_keys=True))


def _reached_out(events: Sequence[Event]) -> bool:
    """Whether anything but an llm was asked over HTTP: a service may change a world that lies outside."""
    from agentops_eval.traces.llm import parse_llm_call

    return any(
        isinstance(event.request, HttpRequest) and parse_llm_call(event.request, event.outcome) is None
        for event in events
    )


def _laid_out(world: World | None) -> Json:
    """How a world was laid out: what a recording saw in another one says nothing of it."""
    return None if world is None else [world.kind, to_json(world.setup)]


def _without_world(trace: Trace) -> Trace:
    kept = tuple(span for span in trace.spans if span.attributes.get(sc.TOOL_NAME) != WORLD_TOOL)
    return replace(trace, spans=kept)


def _spend(trace: Trace, elapsed_s: float) -> Spend:
    """What the run spent; its time is that of the run's clock, which in a replay passes as recorded."""
    return replace(spend_of(trace), latency_s=round(elapsed_s, 3))


def recording_digest(trial: Trial, mode: RunMode) -> str:
    """What tells recordings apart, whatever their name: the digest of their calls; empty without one.

    That of a branch is made of its parent's calls as well, of which it holds only what differs.
    """
    paths = [trial.cassette]
    if trial.branch and (branch := branch_path(trial.cassette, trial.branch)).exists():
        paths.append(branch)
    digest = hashlib.sha256()
    try:
        for path in paths:
            _, _, events = path.read_bytes().partition(b"\n")
            digest.update(events)
    except OSError:
        return ""
    return digest.hexdigest()[:32]
