"""``trace import``: runs that were traced elsewhere become recordings, goldens and scenarios."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._filters import run_filters, say_left_out, sieve_json
from agentops_eval.cli._loading import runs_in
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import problems_json, problems_of, say_problems
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import Imported, ImportedRun

_FILE = click.Path(path_type=Path)
_SHOWN = 5
_COUNTED = {"cassette": "call", "golden": "span", "scenario": "tool call"}


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
@run_filters
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
@prices_option
@click.option("--every", is_flag=True, help="Import runs that repeat others, too.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@json_option
def import_traces(
    files: tuple[Path, ...],
    kind: str,
    out: Path,
    prices: Path | None,
    force: bool,
    as_json: bool,
    **conditions: Any,
) -> int:
    """Make recordings, goldens or scenarios of the runs in FILE...

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    A recording replays through whichever SDK the agent uses: what the llm answered is written
    anew in its dialect, and its tools give what the trace says. Of runs that repeat each other the
    first is imported; numbers do not count in this.
    """
    from agentops_eval.harness import ImportFilter, ImportKind, import_runs, pricing_of, settings_for_reading

    settings = settings_for_reading(Path.cwd())
    problems = problems_of(settings)
    found = import_runs(
        runs_in(files, problems),
        settings,
        kind=ImportKind(kind),
        out=out,
        wanted=ImportFilter(**conditions),
        force=force,
        price=pricing_of(settings, Path.cwd(), prices=prices),
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
    return {**sieve_json(found.sieve), "alike": alike}


def _say(run: ImportedRun, kind: str) -> None:
    if run.written:
        say(f"{plain(run.path)}: {many(run.calls, _COUNTED[kind])}, of trace {run.trace_id}")
    else:
        lacks = {"scenario": "asked", "golden": "approved"}.get(kind, "replayed")
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
            "no run was imported" if found.sieve.read else "no run was imported: there is none",
            style="yellow",
        )
    say_left_out(found.sieve)
