"""``chaos import``: experiments of Chaos Toolkit that have to be changed to be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, line, print_json, prose
from agentops_eval.cli._report_file import say_written

if TYPE_CHECKING:
    from agentops_eval.domain import Json

_FILE = click.Path(path_type=Path)


@click.command("import", short_help="Make an experiment of one of Chaos Toolkit's.")
@click.argument("file", type=_FILE)
@click.option("--out", type=_FILE, required=True, help="The file to write. Never one that is there.")
@json_option
def import_(file: Path, out: Path, as_json: bool) -> int:
    """Make an experiment of Chaos Toolkit's FILE, or of the one in a journal.

    Most are read as they are: try chaos run FILE first. Here functions of chaostoolkit-toxiproxy become
    the provider toxiproxy, and fields that nothing has are left out; all of it is told. Exit code 1 where an
    activity was left out.
    """
    from agentops_eval.harness.experimenting import import_experiment_file

    notes = import_experiment_file(file, out)
    if as_json:
        told: list[Json] = [{"where": note.where, "what": note.what, "kept": note.kept} for note in notes]
        print_json({"out": str(out), "notes": told})
    else:
        for note in notes:
            word = "changed" if note.kept else "left out"
            prose(f"  {word:<9}{line(note.where)}: {line(note.what)}", hang=11)
        say_written(out)
    return 1 if any(not note.kept and "[" in note.where for note in notes) else 0
