"""The providers ``agent`` and ``impact``: runs under faults, judged by their contracts, and looks at them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from agentops_eval.chaos import Limits, judge, net_effects
from agentops_eval.chaos.experiments import differences, impact_json, schedule_of
from agentops_eval.domain import (
    ExperimentInvalid,
    FaultedRun,
    FaultNotInjected,
    Impact,
    Json,
    Schedule,
)
from agentops_eval.harness._target import load_callable
from agentops_eval.harness.experimenting._provider import Doing, Given, Project, text_of
from agentops_eval.harness.faulting import Answers, Runner, SubjectOrder, load_subject

Judging: TypeAlias = Callable[[FaultedRun, FaultedRun], Impact]
"""Compares a run under faults with the one without."""

_WORDS = frozenset({"approve", "reject", "silent"})


@dataclass(slots=True, kw_only=True)
class _Agent:
    """An agent as an experiment names it: how it is run and judged, and its run without faults."""

    runner: Runner
    judge: Judging
    base: FaultedRun | None = None

    def without_faults(self) -> FaultedRun:
        """The run that all others are compared with; once for the experiment."""
        if self.base is None:
            self.base = self.runner(Schedule())
        return self.base


@dataclass(slots=True, kw_only=True)
class AgentRuns:
    """What the agents of one experiment did so far.

    ``impacts`` has the last of each activity by name. ``effects`` counts what all runs changed, less what
    they took back.
    """

    impacts: dict[str, Impact] = field(default_factory=dict)
    orders: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    effects: int = 0
    _agents: dict[str, _Agent] = field(default_factory=dict)

    def agent_of(self, settings: Mapping[str, Json], project: Project) -> _Agent:
        """The agent that settings ask for. Raises what loading raises."""
        who = {name: value for name, value in settings.items() if name not in ("faults", "seed")}
        key = json.dumps(who, sort_keys=True, default=str)
        if key not in self._agents:
            self._agents[key] = _loaded(who, project)
        return self._agents[key]

    def look(self, name: str, project: Project) -> tuple[Impact, bool]:
        """The impact of an activity's run, and whether it ran; before that, of the run without faults."""
        if name in self.impacts:
            return self.impacts[name], True
        agent = self.agent_of(self.orders[name], project)
        base = agent.without_faults()
        return agent.judge(base, base), False


def _loaded(settings: Mapping[str, Json], project: Project) -> _Agent:
    approver = text_of(settings, "approver")
    called = load_callable(approver, root=project.root) if approver and approver not in _WORDS else None
    arguments = settings.get("arguments")
    answers = text_of(settings, "answers")
    order = SubjectOrder(
        target=text_of(settings, "agent"),
        arguments=tuple(map(str, arguments)) if isinstance(arguments, list) else (),
        root=project.root,
        settings=project.settings,
        cassette=_path(settings, "cassette", project),
        answers=Answers(answers) if answers else None,
        world=text_of(settings, "world"),
        approver="" if called else approver,
        limits=_limits(settings.get("limits")),
    )
    subject = load_subject(order, approver=called)
    return _Agent(runner=Runner(subject), judge=_judging(_path(settings, "contract", project), project))


def _path(settings: Mapping[str, Json], name: str, project: Project) -> Path | None:
    """A file that an experiment names: relative to its own folder, or to the project's root."""
    said = text_of(settings, name)
    if not said:
        return None
    beside = project.home / said
    return beside if beside.exists() else project.root / said


def _limits(said: Json) -> Limits:
    if not isinstance(said, Mapping):
        return Limits()
    names = {"deadline": "deadline_s", "calls": "calls", "repeats": "repeats"}
    return Limits(**{names[name]: value for name, value in said.items()})  # type: ignore[arg-type]  # they were read


def _judging(contract: Path | None, project: Project) -> Judging:
    if contract is None:
        return judge
    from agentops_eval.harness.faulting import load_contract

    declared = load_contract(contract, root=project.root)
    return lambda base, run: judge(base, run, contract=declared)


class AgentProvider:
    """Runs an agent once under the faults that are asked for, and gives the impact."""

    def __init__(self, runs: AgentRuns) -> None:
        self._runs = runs

    def check(self, doing: Doing) -> None:
        """Load the agent, its recording and its contract: what is missing is told before anything is done."""
        self._runs.orders[doing.activity.name] = doing.settings
        if not doing.dry:
            self._runs.agent_of(doing.settings, doing.project)

    def would(self, doing: Doing) -> str:
        """The run and its faults."""
        return f"run {text_of(doing.settings, 'agent')} under {schedule_of(doing.settings)}"

    def run(self, doing: Doing) -> Given:
        """Run it. Raises FaultNotInjected where a fault did not happen."""
        agent = self._runs.agent_of(doing.settings, doing.project)
        self._runs.orders[doing.activity.name] = doing.settings
        base = agent.without_faults()
        run = agent.runner(schedule_of(doing.settings))
        if run.not_injected:
            raise FaultNotInjected("; ".join(run.not_injected))
        impact = agent.judge(base, run)
        self._runs.impacts[doing.activity.name] = impact
        self._runs.effects += len(net_effects(run))
        harms = f": {', '.join(sorted(impact.harms))}" if impact.harms else ""
        told = f"{run.schedule}: {impact.mode}{harms}"
        return Given(output=impact_json(impact), told=told, virtual_s=run.elapsed_s)


class ImpactProvider:
    """Looks at what faults did to an agent."""

    def __init__(self, runs: AgentRuns) -> None:
        self._runs = runs

    def check(self, doing: Doing) -> None:
        """Nothing to refuse: its file was read whole."""

    def would(self, doing: Doing) -> str:
        """The look."""
        return f"look at what became of {text_of(doing.settings, 'of')}"

    def run(self, doing: Doing) -> Given:
        """Look. True where everything that is asked for is so."""
        name = text_of(doing.settings, "of")
        if name not in self._runs.impacts and name not in self._runs.orders:
            raise ExperimentInvalid(f"no agent's run is called {name}")
        impact, ran = self._runs.look(name, doing.project)
        found: Sequence[str] = differences(impact, doing.settings)
        before = "" if ran else "without faults: "
        return Given(output=not found, told=f"{before}{'; '.join(found) or f'it was {impact.mode}'}")
