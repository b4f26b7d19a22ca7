"""What experiments and game days print while they run, and at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.cli._output import flush, line, many, prose, say
from agentops_eval.domain import EntryKind, JournalEntry, Weakness, WeaknessKind

if TYPE_CHECKING:
    from agentops_eval.harness.experimenting import Project

_STYLES = {"good": "green", "bad": "red", "plain": ""}
_WORDS: Mapping[WeaknessKind, str] = {
    WeaknessKind.DEVIATED: "deviated",
    WeaknessKind.UNSAFE: "unsafe",
    WeaknessKind.UNDECLARED: "undeclared",
    WeaknessKind.NOT_STEADY: "not steady",
    WeaknessKind.ABORTED: "aborted",
    WeaknessKind.NOT_RUN: "not run",
    WeaknessKind.NOT_RESTORED: "not undone",
}


@dataclass(slots=True)
class Teller:
    """Prints a line an entry, as they come. ``quiet`` prints nothing."""

    quiet: bool = False
    entries: list[JournalEntry] = field(default_factory=list)

    def __call__(self, entry: JournalEntry) -> None:
        """Take an entry in, from any thread."""
        self.entries.append(entry)
        if self.quiet:
            return
        for text, style in told_entry(entry, self.entries):
            say(text, style=style)
        flush()


def told_entry(entry: JournalEntry, before: Iterable[JournalEntry]) -> Iterable[tuple[str, str]]:
    """An entry in words with its style; nothing for what only machines need."""
    from agentops_eval.reports import moments_of

    for moment in moments_of(entry, before):
        indent = "" if entry.kind is EntryKind.EXPERIMENT else "  "
        yield f"{indent}{line(moment.what)}", _STYLES[moment.tone]


def say_weaknesses(weaknesses: Iterable[Weakness]) -> None:
    """Print what was found, with owner and remedy."""
    for one in weaknesses:
        who = f" ({one.activity})" if one.activity else ""
        prose(f"  {_WORDS[one.kind]:<11}{line(one.what, limit=600)}{line(who)}", hang=13, style="red")
        if one.owner:
            say(f"             owner:  {line(one.owner)}")
        prose(f"             remedy: {line(one.remedy, limit=600)}", hang=21)


def project_here() -> Project:
    """The project of the working directory, with its settings."""
    import os

    from agentops_eval.harness import load_settings
    from agentops_eval.harness.experimenting import Project

    root = Path.cwd()
    return Project(root=root, home=root, settings=load_settings(root), environ=dict(os.environ))


def restore_first(project: Project, *, quiet: bool) -> tuple[str, ...]:
    """Undo what an earlier process has left, and say so. Raises NotRestored where something of it stays."""
    from agentops_eval.domain import NotRestored
    from agentops_eval.harness.experimenting import recover

    told: list[str] = []
    for one in recover(project):
        if not quiet:
            say(f"left by an earlier process: {line(one.path)}", style="yellow")
            for text in one.told:
                say(f"  {line(text)}")
        told += [f"{one.path.name}: {text}" for text in one.told]
        if one.failed:
            raise NotRestored(
                f"{many(len(one.failed), 'thing')} that an earlier process did could not be undone",
                where=str(one.path),
                difference="\n".join(one.failed),
                remedy="mend that, then: agentops-eval gameday restore; or delete the journal",
            )
    return tuple(told)
