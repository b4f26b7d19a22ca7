"""``eval import``: suites of other tools become a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import fit, json_option, line, many, plain, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.domain import Json
    from agentops_eval.evals.suites import ImportedSuite, Note

_FILE = click.Path(path_type=Path)
_SHOWN = 40
_LONG, _WIDE = 1_000, 80


@click.command("import", short_help="Make a scenario file of another tool's suite.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option(
    "--out", type=_FILE, required=True, help="The scenario file, .yaml or .json. Never one that is there."
)
@json_option
def import_suites(files: tuple[Path, ...], out: Path, as_json: bool) -> int:
    """Make one scenario file of the suites in FILE...

    FILE is an eval set of Google ADK, a configuration of promptfoo with its tests, or a dataset of
    pydantic-evals, as YAML or JSON. What cannot be said in a scenario file is listed, with the reason.
    Exit code 1 where no case was imported.
    """
    from agentops_eval.harness import import_suite_files

    found = import_suite_files(files, out=out, root=Path.cwd())
    if as_json:
        print_json(_json(found, out))
    else:
        _tell(found, out)
    return 0 if found.scenarios else 1


def _json(found: ImportedSuite, out: Path) -> Json:
    return {
        "out": str(out) if found.scenarios else None,
        "forms": list(found.forms),
        "scenarios": found.scenarios,
        "changed": [_note(note) for note in found.notes if note.kept],
        "left_out": [_note(note) for note in found.notes if not note.kept],
    }


def _note(note: Note) -> Json:
    return {"where": note.where, "what": note.what, "why": note.why}


def _tell(found: ImportedSuite, out: Path) -> None:
    forms = " and ".join(found.forms)
    if found.scenarios:
        say(f"{plain(out)}: {many(found.scenarios, 'scenario')}, of {forms}")
    else:
        say(f"nothing was imported of {forms}", style="yellow")
    _list("changed:", [note for note in found.notes if note.kept])
    _list("left out:", [note for note in found.notes if not note.kept])


def _list(title: str, notes: list[Note]) -> None:
    """What is alike in many cases is said once, with how often."""
    alike: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        alike.setdefault((note.what, note.why), []).append(note)
    if alike:
        say(title, style="bold")
    for (what, why), same in list(alike.items())[:_SHOWN]:
        more = f" and {len(same) - 1} more" if len(same) > 1 else ""
        where = f"{fit(line(same[0].where, limit=_LONG), _WIDE, middle=True)}{more}"
        prose(f"  {where}  {line(what, limit=120)}: {line(why)}", hang=4)
    if len(alike) > _SHOWN:
        say(f"  and {len(alike) - _SHOWN} more kinds (--json lists all)")
