"""``trace show``: runs as call trees, and as documents for scripts."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_eval.cli._loading import Loaded, load
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say, say_lines
from agentops_eval.cli._problems import problems_json, say_no_runs, say_problems
from agentops_eval.cli._tree import draw, say_totals
from agentops_eval.domain import Json


@click.command(short_help="Draw runs as trees of calls.")
@click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--full", is_flag=True, help="Show all that was asked and answered, nothing left out.")
@json_option
def show(files: tuple[Path, ...], full: bool, as_json: bool) -> int:
    """Draw the call trees of the runs in FILE... with tokens, cost, durations and status.

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    Exports are read together, as a trace may be spread over several. A golden's clock is logical:
    durations come from the recording beside it. With --full they are left out: what is shown then
    follows from FILE alone, so that git can compare two versions of it.
    """
    from agentops_eval.traces.reading import Problems

    problems = Problems()
    runs = load(files, problems)
    if as_json:
        documents = [_json(run, full=full) for run in runs]
        print_json({"paths": [str(file) for file in files], "runs": documents, **problems_json(problems)})
        return 0
    count = 0
    for run in runs:
        if count:
            say("")
        count += 1
        _show(run, full=full)
    say_problems(problems)
    if not count:
        say_no_runs(files)
    return 0


def _json(run: Loaded, *, full: bool) -> Json:
    from agentops_eval.traces import calls_json, summary_json

    calls = calls_json(run.trace, durations_ms=run.durations_ms, labels=run.labels, full=full)
    return {**summary_json(run.normal), "calls": calls, "note": run.note}


def _show(run: Loaded, *, full: bool) -> None:
    from agentops_eval.traces import full_lines, view_rows, view_totals

    if run.exported:
        dialects = sorted({name for name in run.normal.dialects.values() if name != "unknown"})
        prose(
            line(f"trace {run.trace.trace_id} ({', '.join(dialects) or 'no dialect that is known'})"),
            style="bold",
        )
    if full:
        say_lines(full_lines(run.trace))
        return
    rows = view_rows(run.trace, durations_ms=run.durations_ms, labels=run.labels)
    draw(rows)
    say_totals(rows, view_totals(run.trace))
    if run.normal.duplicates:
        prose(
            f"{many(len(run.normal.duplicates), 'span')} left out: another tells the same call", style="dim"
        )
    if run.note:
        prose(line(run.note), style="dim")
