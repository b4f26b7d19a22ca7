"""A game day: experiments in order with gates between them, one journal for all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentops_eval.chaos.experiments import plan_json, report_of, runs_virtually
from agentops_eval.domain import (
    AbortKind,
    ActivityStatus,
    Dry,
    EntryKind,
    GamedayEnding,
    GamedayPlan,
    GamedayReport,
    GamedayStep,
    Journal,
    JournalEntry,
    JournalStatus,
    Json,
    Pauses,
    Require,
)
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness.experimenting._activities import Performer
from agentops_eval.harness.experimenting._clock import ExperimentClock, RealClock, VirtualClock
from agentops_eval.harness.experimenting._conduct import Conditions, Conductor
from agentops_eval.harness.experimenting._http import HttpProvider
from agentops_eval.harness.experimenting._journal_file import JournalFile, close, new_path
from agentops_eval.harness.experimenting._process import ProcessProvider
from agentops_eval.harness.experimenting._provider import ActivityProvider, Project, seconds_of
from agentops_eval.harness.experimenting._python import PythonProvider
from agentops_eval.harness.experimenting._session import home_of
from agentops_eval.harness.experimenting._stop import Stop
from agentops_eval.harness.experimenting._toxiproxy import ToxiproxyProvider

_GATE = "gate"


@dataclass(slots=True, kw_only=True)
class Gameday:
    """Carries a plan out. ``path`` is where its journal is, which stays."""

    plan: GamedayPlan
    project: Project
    stop: Stop = field(default_factory=Stop)
    dry: Dry | None = None
    listen: Sequence[Callable[[JournalEntry], None]] = ()
    recovered: tuple[str, ...] = ()
    path: Path = field(init=False)
    clock: ExperimentClock = field(init=False)

    def __post_init__(self) -> None:
        self.path = new_path(self.project.root, self.plan.title)
        virtual = all(runs_virtually(step.experiment) for step in self.plan.steps)
        probes = any(step.probes for step in self.plan.steps)
        asked = any(one.kind is AbortKind.PROBE for one in self.plan.abort)
        self.clock = VirtualClock() if virtual and not probes and not asked else RealClock()

    def run(self) -> GamedayReport:
        """Carry it out. Every experiment is undone, whatever happens.

        Raises AgentopsError before anything is done, where something of it may not or cannot be done.
        """
        with JournalFile(self.path, redactor_of(self.project.settings), listen=self.listen) as file:
            try:
                conductors = self._prepared(file)
                file.append(EntryKind.DAY, at=self.clock.now(), data=plan_json(self.plan))
            except BaseException:
                self.path.unlink()
                raise
            ending, reason = GamedayEnding.STOPPED, "it was not carried to its end"
            try:
                ending, reason = self._days_course(conductors, file)
            finally:
                whole = not any(conductor.not_restored for conductor in conductors)
                close(file, ending, at=self.clock.now(), reason=reason, whole=whole)
            return report_of(file.entries, recovered=self.recovered)

    def _prepared(self, file: JournalFile) -> list[Conductor]:
        """The conductor of each experiment; all of them are ready before the first begins."""
        switch = Path(self.plan.kill_switch) if self.plan.kill_switch else None
        more = Conditions(abort=self.plan.abort, clock=self.clock, kill_switch=switch, stop=self.stop)
        conductors = [
            Conductor(
                experiment=step.experiment,
                file=file,
                project=home_of(step.experiment, self.project),
                stop=Stop(self.stop),
                number=number,
                dry=self.dry,
                more=more,
            )
            for number, step in enumerate(self.plan.steps, start=1)
        ]
        for conductor in conductors:
            conductor.prepare()
        gates = self._gate_performer(file)
        for step in self.plan.steps:
            for probe in step.probes:
                gates.check(probe)
        return conductors

    def _gate_performer(self, file: JournalFile) -> Performer:
        providers: Mapping[str, ActivityProvider] = {
            "python": PythonProvider(),
            "process": ProcessProvider(),
            "http": HttpProvider(),
            "toxiproxy": ToxiproxyProvider(file.path.with_suffix(".gates")),
        }
        return Performer(
            file=file,
            clock=self.clock,
            project=self.project,
            providers=providers,
            number=0,
            dry=self.dry,
            hosts=self.plan.hosts,
        )

    def _days_course(self, conductors: Sequence[Conductor], file: JournalFile) -> tuple[GamedayEnding, str]:
        gates = self._gate_performer(file)
        for conductor, step in zip(conductors, self.plan.steps, strict=True):
            self._pause(step.pauses, file, before=True)
            if self.stop.is_set:
                break
            journal = conductor.run()
            if self.stop.is_set:
                break
            last = conductor is conductors[-1]
            why = "" if last else self._held(step, journal, gates, file, conductor)
            if why:
                return GamedayEnding.HELD, why
            self._pause(step.pauses, file, before=False)
        if self.stop.is_set:
            aborted = self.stop.status is JournalStatus.ABORTED
            return (GamedayEnding.ABORTED if aborted else GamedayEnding.STOPPED), self.stop.reason
        return GamedayEnding.FINISHED, ""

    def _pause(self, pauses: Pauses, file: JournalFile, *, before: bool) -> None:
        seconds = seconds_of(pauses.before_s if before else pauses.after_s, default=0.0)
        if seconds and not self.stop.is_set and self.dry is None:
            file.append(EntryKind.PAUSE, at=self.clock.now(), data={"seconds": seconds})
            self.clock.wait(seconds, self.stop)

    def _held(
        self, step: GamedayStep, journal: Journal, gates: Performer, file: JournalFile, behind: Conductor
    ) -> str:
        """Why the day does not go on behind an experiment, else nothing."""
        why = "" if journal.dry else _short_of(step.require, journal)
        if behind.not_restored:
            why = f"not undone: {', '.join(behind.not_restored)}"
        for probe in step.probes if not why else ():
            run = gates.perform(probe, self.stop, part=_GATE)
            if run.status is not ActivityStatus.SUCCEEDED or run.tolerance_met is False:
                said = run.told or (run.exception[-1].strip() if run.exception else "it could not be asked")
                why = f"the gate's probe {probe.name}: {said}"
                break
        told: dict[str, Json] = {"behind": behind.number, "passed": not why}
        file.append(EntryKind.GATE, at=self.clock.now(), data={**told, "why": why} if why else told)
        return f"{journal.title}: {why}" if why else ""


def _short_of(require: Require, journal: Journal) -> str:
    if require is Require.STEADY and not journal.steady:
        return "the steady state did not hold" if journal.deviated else "it was not carried out whole"
    if require is Require.COMPLETED and journal.status is not JournalStatus.COMPLETED:
        return f"it ended {journal.status}"
    return ""
