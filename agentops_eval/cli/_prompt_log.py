"""``prompt log``: the versions of prompts, what changed in each, and which are approved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, line, print_json, prose, say
from agentops_eval.cli._prompt_folder import (
    folder_of,
    problem_json,
    prompts_option,
    say_problem,
    survey_of,
    words_text,
)

if TYPE_CHECKING:
    from agentops_eval.evals.prompts import LogEntry, Prompts

_STYLES = {"approved": "green", "draft": "", "edited": "red", "gone": "red"}


@click.command(short_help="List versions and their approvals.")
@click.argument("name", metavar="[NAME]", required=False)
@prompts_option
@json_option
def log(name: str | None, folder: Path | None, as_json: bool) -> int:
    """List the versions of the prompt NAME, or of all prompts: state, digest, and what each one changed.

    A version is approved, a draft, edited since it was approved, or gone: approved and without its file.
    Exit code 1 where one is edited or gone, 2 where a file cannot be read.
    """
    from agentops_eval.evals.prompts import State, entry_json, log_of

    survey = survey_of(folder_of(folder))
    if survey.register_error is not None:  # else every version would look like a draft
        raise survey.register_error
    histories = {one: log_of(survey.prompts, one) for one in _names(survey.prompts, name)}
    if as_json:
        print_json(
            {
                "prompts": [
                    {"name": one, "versions": [entry_json(entry) for entry in entries]}
                    for one, entries in histories.items()
                ],
                "problems": [problem_json(problem) for problem in survey.problems],
            }
        )
    else:
        for number, (one, entries) in enumerate(histories.items()):
            _say(one, entries, first=not number)
        for problem in survey.problems:
            say_problem(problem)
    if survey.problems:
        return 2
    broken = (State.EDITED, State.GONE)
    return int(any(entry.state in broken for entries in histories.values() for entry in entries))


def _names(prompts: Prompts, name: str | None) -> list[str]:
    """The prompts to tell of, also those whose files are all gone. Raises PromptInvalid."""
    gone = [approval.prompt for approval in prompts.gone]
    if name is None:
        return sorted({*prompts.names, *gone})
    if name not in gone:
        prompts.find(name)
    return [name]


def _say(name: str, entries: Sequence[LogEntry], *, first: bool) -> None:
    from agentops_eval.evals.prompts import short

    if not first:
        say()
    say(line(name), style="bold")
    width = max(len(str(entry.version)) for entry in entries)
    for entry in entries:
        when = "" if entry.approval is None else entry.approval.approved_at[:10]
        head = f"  {entry.version!s:{width}}  {entry.state.value:8}  {line(when):10}  {short(entry.digest)}"
        told = "; ".join(filter(None, (_role(entry), _changes(entry))))
        prose(f"{head}  {told}".rstrip(), hang=width + 4, style=_STYLES[entry.state.value])


def _role(entry: LogEntry) -> str:
    role = "" if entry.approval is None else entry.approval.role
    return f"as {line(role, limit=80)}" if role else ""


def _changes(entry: LogEntry) -> str:
    """What a version changed against the one before it."""
    diff = entry.diff
    if entry.prompt is None:
        return "its file is gone"
    if diff is None:
        return ""
    parts = (words_text(diff), ", ".join(line(name, limit=40) for name in diff.changed))
    return "; ".join(filter(None, parts)) or "nothing that an llm could see"
