"""Experiments one by one, each with a journal of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentops_eval.chaos.experiments import exit_code_of, weaknesses_of
from agentops_eval.domain import Dry, Experiment, GamedayEnding, Journal, JournalEntry, Weakness
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness.experimenting._conduct import Conductor
from agentops_eval.harness.experimenting._journal_file import JournalFile, close, new_path
from agentops_eval.harness.experimenting._provider import Project
from agentops_eval.harness.experimenting._stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """One experiment that was carried out, and what it showed."""

    experiment: Experiment
    journal: Journal
    weaknesses: tuple[Weakness, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 steady, 1 deviated, 2 could not be carried out."""
        return exit_code_of(self.weaknesses)


def home_of(experiment: Experiment, project: Project) -> Project:
    """The project as seen from an experiment's file."""
    return replace(project, home=Path(experiment.path).resolve().parent)


def conduct(
    experiment: Experiment,
    project: Project,
    *,
    stop: Stop | None = None,
    dry: Dry | None = None,
    listen: Sequence[Callable[[JournalEntry], None]] = (),
) -> Conducted:
    """Carry one experiment out. Its journal is on the disk while it lasts, and stays where something is left.

    Raises AgentopsError before anything is done, where something of it may not or cannot be done.
    """
    path = new_path(project.root, experiment.title)
    redactor = redactor_of(project.settings)
    with JournalFile(path, redactor, listen=listen) as file:
        conductor = Conductor(
            experiment=experiment,
            file=file,
            project=home_of(experiment, project),
            stop=Stop(stop),
            dry=dry,
        )
        try:
            conductor.prepare()
        except BaseException:
            path.unlink()
            raise
        journal = conductor.run()
        whole = not conductor.not_restored
        close(file, GamedayEnding.FINISHED, at=conductor.performer.clock.now(), whole=whole)
        if whole:
            path.unlink()
    weaknesses = weaknesses_of(journal, owner=experiment.owner, remedy=experiment.remedy)
    return Conducted(experiment=experiment, journal=journal, weaknesses=weaknesses)
