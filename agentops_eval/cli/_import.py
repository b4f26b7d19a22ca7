"""``trace import``: runs that were traced elsewhere become recordings, goldens and scenarios."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._loading import runs_in
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._problems import problems_json, say_problems
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import Imported, ImportedRun

_FILE = click.Path(path_type=Path)
_SHOWN = 5
_COUNTED = {"cassette": "call", "golden": "span", "scenario": "tool call"}


def time(text: str) -> datetime:
    """A time in ISO 8601, UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write 2026-11-26 or 2026-11-26T14:30:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def usd(text: str) -> Decimal:
    """An amount of US dollars."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise click.BadParameter(f"{text!r} is no amount of US dollars; write 0.25")
    return found


@click.command("import", short_help="Make recordings, goldens or scenarios of runs.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option(
    "--as",
    "kind",
    type=click.Choice(list(_COUNTED)),
    default="cassette",
    show_default=True,
    help="What a run becomes.",
)
@click.option("--out", type=_FILE, required=True, help="A folder; for one run a file with its suffix.")
@click.option(
    "--trace", "trace_id", default="", metavar="ID", help="Only this trace; its first digits will do."
)
@click.option("--agent", default="", metavar="NAME", help="Only runs of this agent.")
@click.option("--conversation", default="", metavar="ID", help="Only runs of this conversation.")
@click.option("--errors", "errors_only", is_flag=True, help="Only runs in which something failed.")
@click.option("--since", type=time, help="Only runs that began then or later (ISO 8601, UTC).")
@click.option("--until", type=time, help="Only runs that began before then.")
@click.option("--min-cost", "min_cost_usd", type=usd, help="Only runs that cost as much, in US dollars.")
@click.option(
    "--latency-percentile",
    type=click.FloatRange(0, 100),
    metavar="P",
    help="Of these, only the slow ones: at or above this percentile of latency.",
)
@click.option(
    "--alike",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.9,
    show_default=True,
    metavar="SHARE",
    help="Runs whose steps are the same, and this share of what was said, are imported once.",
)
@click.option("--every", is_flag=True, help="Import runs that repeat others, too.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@json_option
def import_traces(
    files: tuple[Path, ...], kind: str, out: Path, force: bool, as_json: bool, **conditions: Any
) -> int:
    """Make recordings, goldens or scenarios of the runs in FILE...

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    A recording replays through whichever SDK the agent uses: what the llm answered is written
    anew in its dialect, and its tools give what the trace says. Of runs that repeat each other the
    first is imported; numbers do not count in this.
    """
    from agentops_eval.harness import ImportFilter, ImportKind, import_runs, settings_for_reading
    from agentops_eval.traces.reading import Problems

    problems = Problems()
    found = import_runs(
        runs_in(files, problems),
        settings_for_reading(Path.cwd()),
        kind=ImportKind(kind),
        out=out,
        wanted=ImportFilter(**conditions),
        force=force,
    )
    if as_json:
        imported = [_json(run) for run in found.runs]
        print_json({"runs": imported, **_counts(found), **problems_json(problems)})
    else:
        for run in found.runs:
            _say(run, kind)
        _say_counts(found)
        say_problems(problems)
    return 0 if any(run.written for run in found.runs) else 1


def _json(run: ImportedRun) -> Json:
    return {
        "trace_id": run.trace_id,
        "path": str(run.path) if run.written else None,
        "calls": run.calls,
        "gaps": list(run.gaps),
        "unmapped": list(run.unmapped),
        "alike": list(run.alike),
    }


def _counts(found: Imported) -> dict[str, Json]:
    alike = sum(len(run.alike) for run in found.runs)
    return {"read": found.read, "unfit": found.unfit, "unknown": found.unknown, "alike": alike}


def _say(run: ImportedRun, kind: str) -> None:
    if run.written:
        say(f"{plain(run.path)}: {many(run.calls, _COUNTED[kind])}, of trace {run.trace_id}")
    else:
        lacks = "asked" if kind == "scenario" else "replayed"
        say(f"trace {run.trace_id}: nothing that could be {lacks}", style="yellow")
    if run.alike:
        prose(f"  {many(len(run.alike), 'further run')} alike left out", style="dim")
    for gap in run.gaps[:_SHOWN]:
        prose(f"  not told: {line(gap)}", hang=12, style="yellow")
    if len(run.gaps) > _SHOWN:
        say(f"  and {len(run.gaps) - _SHOWN} more gaps (--json lists all)", style="yellow")
    if run.unmapped:
        prose(f"  not read: {line(', '.join(run.unmapped))}", hang=12, style="dim")


def _say_counts(found: Imported) -> None:
    if not found.runs:
        say(
            "no run was imported: none fits" if found.read else "no run was imported: there is none",
            style="yellow",
        )
    if found.unknown:
        prose(
            f"{many(found.unknown, 'run')} left out: the trace does not tell when it began, what it cost or "
            "how long it took",
            style="yellow",
        )
