"""What could not be read in files of traces, for people and for scripts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import line, many, plain, prose, say
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import Settings
    from agentops_eval.traces.reading import Problems

_SHOWN = 10


def problems_of(settings: Settings) -> Problems:
    """An empty list of problems, into which none of what the project calls a secret gets."""
    from agentops_eval.harness import redactor_of
    from agentops_eval.traces.reading import Problems

    return Problems(redactor_of(settings).text)


def say_no_runs(files: Iterable[Path]) -> None:
    """That there is nothing to tell of, and where it was looked for."""
    say("no runs in " + ", ".join(plain(file) for file in files))


def say_unmatched(option: str, names: Iterable[str], known: Iterable[str]) -> None:
    """That a tool which was named on the command line ran in none of the runs, and which may be meant."""
    ran = sorted(known)
    for name in names:
        near = difflib.get_close_matches(name, ran, n=1)
        told = f"; did you mean {line(near[0], limit=80)}?" if near else ""
        prose(f"{option} {line(name, limit=80)}: no such tool ran in these files{told}", style="yellow")


def say_problems(problems: Problems) -> None:
    """What could not be read, the first of it."""
    head, *lines = problem_lines(problems) or [""]
    if head:
        prose(head, style="yellow")
    for text in lines:
        say(text)


def note_problems(problems: Problems) -> None:
    """The same on standard error, where standard output is a document that has no place for it."""
    for text in problem_lines(problems):
        click.echo(text, err=True)


def problem_lines(problems: Problems) -> list[str]:
    """What could not be read, the first of it, as lines under a heading; none where all was read."""
    if not problems.count:
        return []
    lines = [f"{many(problems.count, 'problem')}, passed over:"]
    lines += [f"  {line(str(problem))}" for problem in problems.kept[:_SHOWN]]
    if problems.count > _SHOWN:
        lines.append(f"  and {problems.count - _SHOWN} more (--json lists the first 1,000)")
    return lines


def problems_json(problems: Problems) -> dict[str, Json]:
    """The keys that every command prints which reads traces."""
    noted: list[Json] = [{"where": problem.where, "what": problem.what} for problem in problems.kept]
    return {"problems": noted, "problem_count": problems.count}
