"""The bench on which a check tries an agent: it runs, counts, and keeps what was found or left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.conformance._drive import Drivable, Drive, Runs
from agentops_eval.chaos.conformance._reading import calls, chosen
from agentops_eval.chaos.conformance._result import CheckResult
from agentops_eval.chaos.faults import Hits, fault
from agentops_eval.domain import (
    Blame,
    ChaosFinding,
    EndedBy,
    Event,
    Fault,
    FaultedRun,
    Harm,
    Impact,
    Json,
    Mode,
    Schedule,
    Seam,
    canonical_json,
)

Judge: TypeAlias = Callable[[FaultedRun, FaultedRun], Impact]


_AGAIN = ("target", "task")
"""Details that are parameters too: with them the check finds this again, and little else."""


class CannotTell(Exception):
    """Ends a check that has nothing to go by; the text says what is missing."""


@dataclass(slots=True, kw_only=True)
class Bench:
    """One check of one agent. ``judge`` gives the impact of a run by its fault-free one.

    ``parameters`` are those that were given, for whoever wants to check the same again. A run that is asked
    for twice is made once.
    """

    name: str
    runner: Runs
    kinds: Mapping[str, Kind]
    judge: Judge
    agent: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    runs: int = 0
    _known: dict[str, FaultedRun] = field(default_factory=dict)
    _found: dict[tuple[Harm, str], ChaosFinding] = field(default_factory=dict)
    _again: dict[tuple[Harm, str], int] = field(default_factory=dict)
    _notes: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    # -- running ------------------------------------------------------------------------------

    @property
    def base(self) -> FaultedRun:
        """The fault-free run."""
        return self.run()

    def run(self, *faults: Fault, seed: int = 0, drive: Drive | None = None) -> FaultedRun:
        """The run under these faults, asked by these beats where they are given.

        Raises CannotTell where the runner cannot ask an agent more than once, or where even without a fault
        there is no run to compare with.
        """
        schedule = Schedule(faults=faults, seed=seed)
        key = f"{canonical_json(schedule.to_json())} {drive}"
        if key not in self._known:
            self.runs += 1
            self._known[key] = self._runs(drive)(schedule)
        run = self._known[key]
        if not faults and run.ended in (EndedBy.LEFT, EndedBy.HANG):
            told = "leaves its recording" if run.ended is EndedBy.LEFT else "hangs"
            raise CannotTell(f"even without a fault it {told}: {run.why}")
        if not faults and run.error is not None and not calls(run):
            raise CannotTell(f"even without a fault it raises {run.error.kind}: {run.error.message}")
        return run

    def tried(self, *faults: Fault, seed: int = 0, drive: Drive | None = None) -> FaultedRun | None:
        """The same run where it can be judged; else None, and the check cannot pass any more."""
        run = self.run(*faults, seed=seed, drive=drive)
        if run.not_injected:
            self.leave_open(run.not_injected[0])
        elif run.ended is EndedBy.LEFT:
            self.leave_open(f"{run.schedule}: it left its recording: {run.why}")
        else:
            return run
        return None

    def impact(self, run: FaultedRun) -> Impact:
        """What the faults of a run did, by comparison with the fault-free one."""
        return self.judge(self.base, run)

    @property
    def called(self) -> Mapping[str, Event]:
        """All that was called so far, in any run, by its name; of each the latest call."""
        return {event.boundary: event for run in self._known.values() for event in calls(run)}

    @property
    def drivable(self) -> bool:
        """Whether the runner can ask its agent more than once a run, or not at all."""
        return isinstance(self.runner, Drivable)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What the agent can be asked besides the main thing."""
        return self.runner.tasks if isinstance(self.runner, Drivable) else ()

    def _runs(self, drive: Drive | None) -> Runs:
        if drive is None:
            return self.runner
        if not isinstance(self.runner, Drivable):
            raise CannotTell("its runner asks the agent only once a run")
        return self.runner.driven(drive)

    # -- choosing -----------------------------------------------------------------------------

    def sites(self, run: FaultedRun, target: str = "*") -> Iterator[tuple[Event, str]]:
        """The calls of a run that a target means, each with its execution index."""
        for event in calls(run):
            if chosen(target, event):
                yield event, run.sites[event.index]

    def kind(self, seam: Seam, *names: str) -> str:
        """The first of these kinds that the catalogue has for a seam; empty where it has none."""
        return next((name for name in names if name in self.kinds and seam in self.kinds[name].seams), "")

    def fault(
        self,
        seam: Seam,
        names: tuple[str, ...],
        target: str = "*",
        *,
        hits: Hits | None = None,
        **wanted: Json,
    ) -> Fault | None:
        """A fault of the first of these kinds, with those parameters that it takes; None without one."""
        name = self.kind(seam, *names)
        if not name:
            return None
        taken = {key: value for key, value in wanted.items() if key in self.kinds[name].parameters}
        return fault(name, target, hits=hits, **taken)

    # -- telling ------------------------------------------------------------------------------

    def find(
        self,
        harm: Harm,
        subject: str,
        text: str,
        run: FaultedRun,
        *,
        base: FaultedRun | None = None,
        **details: Json,
    ) -> None:
        """Note a finding. Of those with one harm and subject the first is kept, the rest are counted."""
        key = (harm, subject)
        self._again[key] = self._again.get(key, 0) + 1
        if key in self._found:
            return
        impact = self._blamed(run, base, Blame(harm=harm, subject=subject, text=text))
        again = {**self.parameters, **{key: details[key] for key in _AGAIN if key in details}}
        told: dict[str, Json] = {"subject": subject, "text": text, **details, "arguments": again}
        self._found[key] = ChaosFinding(
            agent=self.agent, impact=impact, check=self.name, runs=self.runs, details=told
        )

    def _blamed(self, run: FaultedRun, base: FaultedRun | None, blame: Blame) -> Impact:
        """The run's impact with the check's own reason first."""
        impact = self.judge(base or self.base, run)
        others = tuple(
            [one for one in impact.reasons if (one.harm, one.subject) != (blame.harm, blame.subject)]
        )
        usual = Mode.DEGRADED_UNDECLARED if blame.harm is Harm.UNDECLARED else Mode.FAILED_UNSAFE
        mode = impact.mode if impact.mode in (Mode.HUNG, Mode.FAILED_UNSAFE) else usual
        return Impact(
            mode=mode,
            run=run,
            reasons=(blame, *others),
            blast_radius=impact.blast_radius,
            effects=impact.effects,
            retries=impact.retries,
            recovery=impact.recovery,
            cost=impact.cost,
            labels=impact.labels,
        )

    def note(self, line: str) -> None:
        """Add a line of evidence."""
        if line not in self._notes:
            self._notes.append(line)

    def leave_open(self, why: str) -> None:
        """Say what could not be told: the check does not pass, unless something else was found."""
        if why not in self._open:
            self._open.append(why)

    @property
    def result(self) -> CheckResult:
        """What was found so far."""
        findings = tuple(self._found.values())
        passed = False if findings else None if self._open else True
        why = "; ".join(self._open[:3]) + (f" and {len(self._open) - 3} more" if len(self._open) > 3 else "")
        if findings:
            why = "; ".join(str(one.details["text"]) for one in findings[:3])
        notes = [
            *self._notes,
            *(f"{subject}: seen {n} times" for (_, subject), n in self._again.items() if n > 1),
        ]
        return CheckResult(
            name=self.name,
            passed=passed,
            runs=self.runs,
            findings=findings,
            why=why,
            evidence=tuple(notes),
        )
