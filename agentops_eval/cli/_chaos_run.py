"""``chaos run``: experiments, one after the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._experiments_told import Teller, project_here, restore_first, say_weaknesses
from agentops_eval.cli._output import agents_output, json_option, line, plain, print_json, say
from agentops_eval.cli._report_file import refuse_input, write_report

if TYPE_CHECKING:
    from agentops_eval.domain import Experiment, Journal, Json
    from agentops_eval.harness.experimenting import Conducted, Project

_FILE = click.Path(path_type=Path)


@click.command(short_help="Carry experiments out: steady state, method, rollbacks.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Do nothing, and say what would be done.")
@click.option("--journal", type=_FILE, metavar="FILE", help="Write the journal to this file, as JSON.")
@json_option
def run(files: tuple[Path, ...], dry_run: bool, journal: Path | None, as_json: bool) -> int:
    """Carry experiments out, in Chaos Toolkit's shape, and write their journals.

    Rollbacks always run: behind failures, Ctrl-C and SIGTERM too. What a killed process has left is undone
    before anything else is done.

    --json prints the journal; of several experiments an array of them. Exit codes: 0 steady, 1 deviated or
    another finding, 2 could not be carried out.
    """
    from agentops_eval.harness.experimenting import load_experiment

    refuse_input(journal, files, option="--journal")
    if journal is not None and journal.is_dir():
        raise Misused(f"{journal} is a folder", remedy="name a file with --journal")
    experiments = [load_experiment(file) for file in files]
    project = project_here()
    with agents_output(aside=as_json):
        conducted = _conducted(experiments, project, dry=dry_run, quiet=as_json)
    _note([one.journal for one in conducted], project)
    document = _document(conducted, several=len(files) > 1)
    if journal is not None:
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True)
        write_report(journal, f"{text}\n")
    if as_json:
        print_json(document)
    elif journal is not None:
        say(f"journal written to {plain(journal)}")
    if len(conducted) < len(files):
        return 2
    codes = {one.exit_code for one in conducted}
    return 2 if 2 in codes else max(codes)


def _note(journals: list[Journal], project: Project) -> None:
    from agentops_eval.harness.evidencing import noted_of_journals

    settings = project.settings
    keep(settings, lambda: noted_of_journals(journals, settings), root=project.root)


def _document(conducted: Sequence[Conducted], *, several: bool) -> Json:
    from agentops_eval.chaos.experiments import journal_json

    journals: list[Json] = [journal_json(one.journal) for one in conducted]
    return journals if several or not journals else journals[0]


def _conducted(
    experiments: Sequence[Experiment], project: Project, *, dry: bool, quiet: bool
) -> list[Conducted]:
    from agentops_eval.domain import Dry, WeaknessKind
    from agentops_eval.harness.experimenting import Stop, conduct, signals

    stop = Stop()
    found: list[Conducted] = []
    with signals(stop):
        if not dry:
            restore_first(project, quiet=quiet)
        for experiment in experiments:
            if stop.is_set:
                break
            teller = Teller(quiet=quiet)
            for note in experiment.notes if not quiet else ():
                say(f"note: {line(note)}", style="yellow")
            one = conduct(
                experiment, project, stop=stop, dry=Dry.ACTIVITIES if dry else None, listen=(teller,)
            )
            found.append(one)
            if not quiet:
                _say(one)
            if any(weakness.kind is WeaknessKind.NOT_RESTORED for weakness in one.weaknesses):
                break
    return found


def _say(one: Conducted) -> None:
    say_weaknesses(one.weaknesses)
    words = {0: ("steady", "green"), 1: ("a weakness was found", "red"), 2: ("not carried out", "yellow")}
    word, style = words[one.exit_code]
    say("dry run: nothing was done" if one.journal.dry else word, style="" if one.journal.dry else style)
