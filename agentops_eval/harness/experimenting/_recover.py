"""What a killed process has left: found in its journal, and undone before anything else is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.chaos.experiments import Owed, owed_of, read_experiment
from agentops_eval.domain import (
    AgentopsError,
    EntryKind,
    Experiment,
    GamedayEnding,
    JournalEntry,
    RunMisuse,
)
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness.experimenting._conduct import Conductor
from agentops_eval.harness.experimenting._journal_file import JournalFile, close, left_open
from agentops_eval.harness.experimenting._process import end_left_over
from agentops_eval.harness.experimenting._provider import Project, Undo, in_words, text_of
from agentops_eval.harness.experimenting._stop import Stop
from agentops_eval.harness.experimenting._toxiproxy import take_back_left_over

_UNDOS: Mapping[str, Undo] = {"process": end_left_over, "toxiproxy": take_back_left_over}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was done about one journal that was left open; ``failed`` is tried again by the next process."""

    path: Path
    restored: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """In words."""
        done = [f"undone: {what}" for what in self.restored]
        left = [f"not undone: {what}" for what in self.failed]
        return tuple(done + left) or ("nothing was left to undo",)


def recover(
    project: Project, *, listen: Sequence[Callable[[JournalEntry], None]] = ()
) -> tuple[Recovered, ...]:
    """Undo what killed processes have left below the project's root; journals of living ones are left alone.

    Raises JournalInvalid for a journal that is not as it was written: nobody may guess what it owes.
    """
    found = []
    for path in left_open(project.root):
        try:
            with JournalFile(path, redactor_of(project.settings), listen=listen) as file:
                if file.entries:
                    found.append(_recovered(file, project))
                else:  # it was killed in its first line, or has ended and removed its journal just now
                    path.unlink()
        except RunMisuse:  # its process lives
            continue
    return tuple(found)


def _recovered(file: JournalFile, project: Project) -> Recovered:
    restored: list[str] = []
    failed: list[str] = []
    before = len(file.entries)
    for owed in owed_of(file.entries):
        try:
            experiment = _experiment_of(owed)
        except AgentopsError as error:
            failed.append(f"the rollbacks of {owed.path}: {error.what}")
            continue
        home = Path(owed.path).resolve().parent
        there = Project(root=project.root, home=home, settings=project.settings, environ=project.environ)
        conductor = Conductor(
            experiment=experiment, file=file, project=there, stop=Stop(), number=owed.experiment
        )
        for number, undo in owed.undo:
            _undo(conductor, number, undo, there)
        conductor.take_up(owed)
        failed += conductor.not_restored
    for entry in file.entries[before:]:
        what = str(entry.data.get("what", ""))
        if entry.kind is EntryKind.RESTORED and what and not entry.data.get("error"):
            restored.append(what)
        elif entry.kind is EntryKind.END and entry.part == "rollbacks":
            restored += _name_of(file.entries, entry) if entry.data.get("status") == "succeeded" else []
    if not failed:
        at = file.entries[-1].at if file.entries else ""
        close(file, GamedayEnding.STOPPED, at=at, reason="whoever ran it was killed")
    return Recovered(path=file.path, restored=tuple(restored), failed=tuple(dict.fromkeys(failed)))


def _name_of(entries: Sequence[JournalEntry], end: JournalEntry) -> list[str]:
    number = end.data.get("id")
    for entry in entries:
        same = entry.experiment == end.experiment and entry.data.get("id") == number
        activity = entry.data.get("activity")
        if same and entry.kind is EntryKind.START and isinstance(activity, Mapping):
            return [f"rollback {activity.get('name')}"]
    return []


def _undo(conductor: Conductor, number: int, undo: Mapping[str, object], project: Project) -> None:
    kind = text_of(undo, "type")  # type: ignore[arg-type]  # it was read as JSON
    try:
        told = _UNDOS[kind](undo, project)  # type: ignore[arg-type]
    except Exception as error:  # the others are undone all the same
        conductor.left(number, kind, in_words(error))
    else:
        conductor.performer.restored(number, told)


def _experiment_of(owed: Owed) -> Experiment:
    """The experiment as its file says it, where that is as it was; else as the journal has it, redacted."""
    path = Path(owed.path)
    if path.is_file():
        experiment = read_experiment(path.read_bytes(), owed.path)
        if experiment.digest == owed.digest:
            return experiment
    data = json.dumps(owed.source).encode()
    name = f"{owed.path}.json" if path.suffix != ".json" else owed.path
    return read_experiment(data, name)
