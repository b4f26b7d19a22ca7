"""``gameday report`` and ``gameday restore``: what a journal tells, and undoing what was left."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_eval.cli._experiments_told import Teller, project_here, restore_first
from agentops_eval.cli._gameday_run import document_of, say_outcome, write_reports
from agentops_eval.cli._output import json_option, print_json, say
from agentops_eval.cli._report_file import say_written

_FILE = click.Path(path_type=Path)


@click.command(short_help="Report a game day again, from its journal.")
@click.argument("journal", type=_FILE)
@click.option("--out", type=_FILE, metavar="FOLDER", help="Write report.md, .json and .html there.")
@json_option
def report(journal: Path, out: Path | None, as_json: bool) -> int:
    """Report a game day from its journal, finished or not: its lines, its findings, what it came to."""
    from agentops_eval.chaos.experiments import day_exit_code, report_of
    from agentops_eval.domain import JournalInvalid
    from agentops_eval.harness.experimenting import read_entries

    entries = read_entries(journal)
    if not entries:
        what = "the journal is empty: what it is of was killed before it began"
        raise JournalInvalid(what, where=str(journal), remedy="journals are in .agentops/journals")
    found = report_of(entries)
    written = write_reports(found, out) if out is not None else []
    if as_json:
        print_json(document_of(found))
    elif written:
        say_written(*written)
    else:
        teller = Teller()
        for entry in entries:
            teller(entry)
        say()
        say_outcome(found)
        if found.ending is None:
            say("  it did not end: whoever ran it was killed")
    return day_exit_code(found)


@click.command(short_help="Undo what killed experiments have left.")
@json_option
def restore(as_json: bool) -> int:
    """Undo what experiments of killed processes have left, below the working directory.

    Their journals are in .agentops/journals. Those of processes that are at work are left alone. Exit code 2
    where something could not be undone.
    """
    told = restore_first(project_here(), quiet=as_json)
    if as_json:
        print_json({"restored": list(told)})
    elif not told:
        say("nothing was left")
    return 0
