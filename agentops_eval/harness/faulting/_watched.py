"""A runner that remembers what was called in any run: a contract may speak of what never is."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentops_eval.chaos.conformance import Drive
from agentops_eval.domain import Event, FaultedRun, Schedule
from agentops_eval.harness.faulting._runner import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Runs what its runner runs. ``called`` has of each callee, by its name, the latest call."""

    runner: Runner
    called: dict[str, Event] = field(default_factory=dict)

    def __call__(self, schedule: Schedule) -> FaultedRun:
        """Run the subject once."""
        run = self.runner(schedule)
        self.called.update((event.boundary, event) for event in run.events)
        return run

    def driven(self, drive: Drive) -> Watched:
        """The same subject, asked by the beats of ``drive`` in every run."""
        return Watched(runner=self.runner.driven(drive), called=self.called)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What the subject can be asked besides the main thing."""
        return self.runner.tasks
