"""One experiment carried out: steady state, method, steady state, and what undoes it, always."""

from __future__ import annotations

import platform
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from agentops_eval import __version__
from agentops_eval.chaos.experiments import (
    AFTER,
    BEFORE,
    DURING,
    METHOD,
    ROLLBACKS,
    Owed,
    entry_id,
    journals_of,
    runs_virtually,
)
from agentops_eval.domain import (
    AbortCondition,
    Activity,
    ActivityRun,
    ActivityStatus,
    AgentopsError,
    Dry,
    EntryKind,
    Experiment,
    Journal,
    JournalStatus,
    Json,
    Strategy,
)
from agentops_eval.harness.experimenting._activities import Performer
from agentops_eval.harness.experimenting._agent import AgentProvider, AgentRuns, ImpactProvider
from agentops_eval.harness.experimenting._clock import ExperimentClock, RealClock, VirtualClock
from agentops_eval.harness.experimenting._http import HttpProvider
from agentops_eval.harness.experimenting._journal_file import JournalFile
from agentops_eval.harness.experimenting._process import ProcessProvider
from agentops_eval.harness.experimenting._provider import ActivityProvider, Project
from agentops_eval.harness.experimenting._python import PythonProvider
from agentops_eval.harness.experimenting._sentinel import Sentinel, Watched
from agentops_eval.harness.experimenting._stop import Stop
from agentops_eval.harness.experimenting._toxiproxy import ToxiproxyProvider
from agentops_eval.harness.experimenting._values import configured, is_probe, secrets_of, texts_of

_ROLLBACK_S = 60.0
"""Seconds that a rollback may take which names no timeout: one that hangs must not keep the others."""

_BEFORE = (Strategy.DEFAULT, Strategy.BEFORE, Strategy.CONTINUOUS)
_AFTER = (Strategy.DEFAULT, Strategy.AFTER, Strategy.CONTINUOUS)
_DURING = (Strategy.DURING, Strategy.CONTINUOUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a whole day adds to an experiment: its own conditions and clock, what ends it, a kill switch."""

    abort: tuple[AbortCondition, ...] = ()
    clock: ExperimentClock | None = None
    kill_switch: Path | None = None
    stop: Stop | None = None


@dataclass(slots=True, kw_only=True)
class Conductor:
    """Carries one experiment out. ``number`` is its place in the journal's file."""

    experiment: Experiment
    file: JournalFile
    project: Project
    stop: Stop
    number: int = 1
    dry: Dry | None = None
    more: Conditions = field(default_factory=Conditions)
    runs: AgentRuns = field(default_factory=AgentRuns)
    performer: Performer = field(init=False)
    _toxiproxy: ToxiproxyProvider = field(init=False)
    _begun_s: float = 0.0
    _deviated: bool = False
    _failed: bool = False
    _dead: bool = False
    _not_restored: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = self.more.clock or (VirtualClock() if runs_virtually(self.experiment) else RealClock())
        self._toxiproxy = ToxiproxyProvider(self.file.path.with_suffix(f".{self.number}"))
        providers: Mapping[str, ActivityProvider] = {
            "python": PythonProvider(),
            "process": ProcessProvider(),
            "http": HttpProvider(),
            "agent": AgentProvider(self.runs),
            "impact": ImpactProvider(self.runs),
            "toxiproxy": self._toxiproxy,
        }
        self.performer = Performer(
            file=self.file,
            clock=clock,
            project=self.project,
            providers=providers,
            number=self.number,
            dry=self.dry or self.experiment.dry,
            hosts=self.experiment.hosts,
        )

    def prepare(self) -> None:
        """Read the configuration, and refuse what may not be done, beforehand. Raises AgentopsError."""
        performer, said = self.performer, self.experiment
        performer.configuration = configured(said.configuration, self.project.environ)
        performer.secrets = secrets_of(said.secrets, self.project.environ)
        for secret in texts_of(performer.secrets):
            self.file.redactor.learn(secret, "secret")
        for activity in self._activities():
            performer.check(activity)

    def _activities(self) -> tuple[Activity, ...]:
        said = self.experiment
        probes = said.hypothesis.probes if said.hypothesis is not None else ()
        asked = [one.probe for one in (*said.abort, *self.more.abort) if one.probe is not None]
        return (*said.method, *probes, *said.rollbacks, *asked)

    def run(self) -> Journal:
        """Carry it out. Whatever happens, what was done is undone before this returns or raises."""
        self._begun_s = self.performer.clock.elapsed_s()
        self._write(EntryKind.EXPERIMENT, "", self._beginning())
        try:
            try:
                self._configure()
                self._play()
            except BaseException:
                self._dead = True
                raise
            finally:
                self._undo()
        finally:
            self._finish()
        return journals_of(self.file.entries)[-1]

    def _beginning(self) -> Mapping[str, Json]:
        said, virtual = self.experiment, isinstance(self.performer.clock, VirtualClock)
        dry = self.performer.dry in (Dry.ACTIVITIES, Dry.ACTIONS)
        return {
            "experiment": said.source,
            "path": said.path,
            "digest": said.digest,
            "version": f"agentops-eval {__version__}",
            "platform": "" if virtual else platform.platform(),
            "node": "" if virtual else platform.node(),
            "notes": list(said.notes),
            "dry": dry,
        }

    def _configure(self) -> None:
        """Ask the probes that tell configured values. Raises ExperimentInvalid for what is none."""
        from agentops_eval.harness.experimenting._dynamic import asked_values

        for name, value in self.experiment.configuration.items():
            if is_probe(value):
                self.performer.configuration[name] = asked_values(name, value, self.performer, self.stop)

    def _play(self) -> None:
        said, virtual = self.experiment, isinstance(self.performer.clock, VirtualClock)
        sentinel = self._sentinel()
        sentinel.look()
        if not virtual:
            sentinel.begin()
        try:
            if said.strategy in _BEFORE and not self.stop.is_set and not self._look(BEFORE):
                return
            with _Continuous(self, on=said.strategy in _DURING and not virtual):
                self._method(sentinel, each=said.strategy in _DURING and virtual)
            if said.strategy in _AFTER and not self.stop.is_set:
                self._deviated |= not self._look(AFTER)
        finally:
            sentinel.end()

    def _sentinel(self) -> Sentinel:
        own = [Watched(condition=one, since=self._elapsed_s, stop=self.stop) for one in self.experiment.abort]
        clock, day = self.performer.clock, self.more.stop or self.stop
        more = [Watched(condition=one, since=clock.elapsed_s, stop=day) for one in self.more.abort]
        switch = self.more.kill_switch
        return Sentinel([*own, *more], self.performer, self.runs, self.stop, kill_switch=switch, day=day)

    def _elapsed_s(self) -> float:
        return round(self.performer.clock.elapsed_s() - self._begun_s, 6)

    def _look(self, part: str) -> bool:
        """Look at the steady state once; whether it is met. Ends at the first probe that is not."""
        hypothesis = self.experiment.hypothesis
        assert hypothesis is not None
        look, met, dry = self.performer.new_id(), True, False
        self._write(EntryKind.LOOK, part, {"look": look, "title": hypothesis.title})
        for probe in hypothesis.probes:
            run = self.performer.perform(probe, self.stop, part=part, look=look)
            self._failed |= run.status is ActivityStatus.FAILED and part != DURING
            dry |= run.dry
            met = run.dry or (run.status is ActivityStatus.SUCCEEDED and run.tolerance_met is not False)
            if not met:
                break
        self._write(EntryKind.LOOKED, part, {"look": look, "met": None if dry and met else met})
        return met

    def look_during(self, looks: list[bool]) -> None:
        """Look while the method runs; a state that is not met ends it where the experiment says so."""
        said = self.experiment
        met = self._look(DURING)
        if self.stop.is_set and not met:  # it was cut off
            return
        looks.append(met)
        if met:
            return
        self._deviated = True
        ratio = 100 * looks.count(False) / len(looks)
        if said.fail_fast and ratio >= said.fail_fast_ratio:
            why = f"the steady state was not met in {ratio:.0f} % of the looks while the method ran"
            self.stop.now(JournalStatus.FAILED, why)

    def _method(self, sentinel: Sentinel, *, each: bool) -> None:
        behind: list[threading.Thread] = []
        looks: list[bool] = []
        virtual = isinstance(self.performer.clock, VirtualClock)
        for activity in self.experiment.method:
            sentinel.look()
            if self.stop.is_set:
                break
            if activity.background and not virtual:
                thread = threading.Thread(target=self._act, args=(activity,), daemon=True)
                thread.start()
                behind.append(thread)
            else:
                self._act(activity)
            if each:
                self.look_during(looks)
        while any(thread.is_alive() for thread in behind):
            behind[0].join(0.05)
            behind = [thread for thread in behind if thread.is_alive()]
        if not self.stop.is_set:
            sentinel.look()

    def _act(self, activity: Activity) -> None:
        run = self.performer.perform(activity, self.stop, part=METHOD)
        self._failed |= run.status is ActivityStatus.FAILED
        self._deviated |= run.tolerance_met is False

    def take_up(self, owed: Owed) -> None:
        """Undo what an earlier process has left of this experiment, and end its journal."""
        self.performer.number_from(1 + max((entry_id(entry) for entry in self.file.entries), default=0))
        try:
            self.prepare()
        except AgentopsError as error:
            self._not_restored.append(f"its rollbacks: {error.what}")
            for place, activity in enumerate(self.experiment.rollbacks):
                if place not in owed.rolled_back:
                    self.performer.restored(0, activity.name, error.what)
        else:
            self._undo(done=owed.rolled_back)
        before = owed.ended
        self._begun_s = self.performer.clock.elapsed_s() - self._seconds_since(owed.begun_at)
        self._deviated = before.get("deviated") is True
        reason = "whoever ran it was killed; it was undone later"
        if not before:
            self.stop.now(JournalStatus.INTERRUPTED, reason)
        self._finish(status=str(before.get("status", JournalStatus.INTERRUPTED)))

    def _seconds_since(self, at: str) -> float:
        now = datetime.fromisoformat(self.performer.clock.now())
        try:
            return max((now - datetime.fromisoformat(at)).total_seconds(), 0.0)
        except (ValueError, TypeError):
            return 0.0

    def left(self, number: int, what: str, why: str) -> None:
        """Write down that something could not be undone."""
        self.performer.restored(number, what, why)
        self._not_restored.append(f"{what}: {why}")

    def _undo(self, *, done: frozenset[int] = frozenset()) -> None:
        """Run the rollbacks, and take back what providers owe. Nothing ends this early."""
        never, self.performer.undoing = Stop(), True
        for place, activity in enumerate(self.experiment.rollbacks):
            if place in done:
                continue
            run = self._rolled_back(activity, place, never)
            if run.status is not ActivityStatus.SUCCEEDED:
                self._not_restored.append(activity.name)
        for number, told, error in self._toxiproxy.close():
            self.performer.restored(number, told, error)
            if error:
                self._not_restored.append(f"{told}: {error}")

    def _rolled_back(self, activity: Activity, place: int, never: Stop) -> ActivityRun:
        bounded = replace(activity, timeout_s=activity.timeout_s or _ROLLBACK_S)
        return self.performer.perform(bounded, never, part=ROLLBACKS, place=place)

    def _finish(self, *, status: str = "") -> None:
        if self.stop.is_set:
            self._write(EntryKind.STOP, "", {"reason": self.stop.reason, "status": str(self.stop.status)})
        told: dict[str, Json] = {
            "status": status or str(self._status()),
            "deviated": self._deviated,
            "duration": self._elapsed_s(),
        }
        if self._not_restored:
            told["not_restored"] = list(self._not_restored)
        self._write(EntryKind.ENDED, "", told)

    def _status(self) -> JournalStatus:
        if self.stop.status is not None:
            return self.stop.status
        if self._dead:
            return JournalStatus.INTERRUPTED
        return JournalStatus.FAILED if self._failed else JournalStatus.COMPLETED

    def _write(self, kind: EntryKind, part: str, told: Mapping[str, Json]) -> None:
        self.performer.write(kind, part, told)

    @property
    def not_restored(self) -> Sequence[str]:
        """What could not be undone."""
        return tuple(self._not_restored)


class _Continuous:
    """Looks at the steady state again and again while its block runs."""

    def __init__(self, conductor: Conductor, *, on: bool) -> None:
        self._conductor = conductor
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True) if on else None

    def __enter__(self) -> None:
        if self._thread is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(30.0)

    def _watch(self) -> None:
        looks: list[bool] = []
        while not self._over.is_set() and not self._conductor.stop.is_set:
            self._conductor.look_during(looks)
            self._over.wait(self._conductor.experiment.frequency_s)
