"""``trace import``: runs that were traced elsewhere become recordings and goldens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._problems import problems_json, say_problems
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import ImportedRun

_FILE = click.Path(path_type=Path)
_SHOWN = 5


@click.command("import")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option(
    "--as", "kind", type=click.Choice(["cassette", "golden"]), default="cassette", show_default=True
)
@click.option("--out", type=_FILE, required=True, help="A folder; for one run a file with its suffix.")
@click.option(
    "--trace", "trace_id", default="", metavar="ID", help="Only this trace; its first digits will do."
)
@click.option("--agent", default="", metavar="NAME", help="Only runs of this agent.")
@click.option("--conversation", default="", metavar="ID", help="Only runs of this conversation.")
@click.option("--errors", "errors_only", is_flag=True, help="Only runs in which something failed.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@json_option
def import_traces(
    files: tuple[Path, ...],
    kind: str,
    out: Path,
    trace_id: str,
    agent: str,
    conversation: str,
    errors_only: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Make recordings, or goldens, of the runs in FILE... (OTLP of any framework; several belong together).

    A recording replays through whichever SDK the agent uses: what the llm answered is written anew in
    its dialect, and its tools give what the trace says. Runs that do the same are imported once.
    """
    from agentops_eval.harness import ImportFilter, ImportKind, import_runs, load_settings
    from agentops_eval.traces.reading import Problems

    problems = Problems()
    runs = import_runs(
        files,
        load_settings(Path.cwd(), overrides={"record": "none"}),
        kind=ImportKind(kind),
        out=out,
        wanted=ImportFilter(
            trace_id=trace_id, agent=agent, conversation=conversation, errors_only=errors_only
        ),
        problems=problems,
        force=force,
    )
    if as_json:
        imported = [_json(run) for run in runs]
        print_json({"runs": imported, **problems_json(problems)})
    else:
        for run in runs:
            _say(run, kind)
        say_problems(problems)
        if not runs:
            say("no run was imported: none fits", style="yellow")
    return 0 if any(run.calls for run in runs) else 1


def _json(run: ImportedRun) -> Json:
    return {
        "trace_id": run.trace_id,
        "path": str(run.path) if run.calls else None,
        "calls": run.calls,
        "gaps": list(run.gaps),
        "unmapped": list(run.unmapped),
        "alike": list(run.alike),
    }


def _say(run: ImportedRun, kind: str) -> None:
    if run.calls:
        counted = many(run.calls, "call" if kind == "cassette" else "span")
        say(f"{plain(run.path)}: {counted}, of trace {run.trace_id}")
    else:
        say(f"trace {run.trace_id}: nothing that could be replayed", style="yellow")
    if run.alike:
        prose(f"  {many(len(run.alike), 'further run')} that did the same left out", style="dim")
    for gap in run.gaps[:_SHOWN]:
        prose(f"  not told: {line(gap)}", hang=12, style="yellow")
    if len(run.gaps) > _SHOWN:
        say(f"  and {len(run.gaps) - _SHOWN} more gaps (--json lists all)", style="yellow")
    if run.unmapped:
        prose(f"  not read: {line(', '.join(run.unmapped))}", hang=12, style="dim")
