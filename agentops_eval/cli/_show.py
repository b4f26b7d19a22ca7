"""``trace show``: runs as call trees, and as documents for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._filters import run_filters, say_left_out, sieve_json, sieve_of
from agentops_eval.cli._loading import Loaded, load
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say, say_lines
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import problems_json, problems_of, say_no_runs, say_problems
from agentops_eval.cli._redacted import raw_option, shown
from agentops_eval.cli._report_file import refuse_input, say_written, write_report
from agentops_eval.cli._tree import draw, say_totals
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.traces.prices import Pricing

_FILE = click.Path(path_type=Path)
_LISTED = 5


@click.command(short_help="Draw runs as trees of calls.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("--full", is_flag=True, help="Show all that was asked and answered, nothing left out.")
@click.option("--html", type=_FILE, metavar="PAGE", help="Tell one run as a page that anybody can read.")
@click.option("--markdown", type=_FILE, metavar="FILE", help="Tell one run as Markdown.")
@prices_option
@raw_option
@run_filters
@json_option
def show(
    files: tuple[Path, ...],
    full: bool,
    html: Path | None,
    markdown: Path | None,
    prices: Path | None,
    raw: bool,
    as_json: bool,
    **conditions: Any,
) -> int:
    """Draw the call trees of the runs in FILE... with tokens, cost, durations and status.

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    Exports are read together, as a trace may be spread over several. A golden's clock is logical:
    durations come from the recording beside it. With --full they are left out: what is shown then
    follows from FILE alone, so that git can compare two versions of it. Secrets are taken out.
    """
    from agentops_eval.harness import pricing_of, settings_for_reading

    refuse_input(html, files, option="--html")
    refuse_input(markdown, files, option="--markdown")
    settings = settings_for_reading(Path.cwd())
    pricing = pricing_of(settings, Path.cwd(), prices=prices)
    problems, sieve = problems_of(settings), sieve_of(conditions)
    runs: Iterator[Loaded] = (shown(run, settings, raw=raw) for run in load(files, problems, sieve))
    if html is not None or markdown is not None:
        told = _only(files, runs)
        _tell(told, files, pricing, html=html, markdown=markdown)
        runs = iter(told)
    if as_json:
        paths: list[Json] = [str(file) for file in files]
        documents = [_json(run, pricing, full=full) for run in runs]
        print_json({"paths": paths, "runs": documents, **sieve_json(sieve), **problems_json(problems)})
        return 0 if documents else 1
    count = 0
    for run in runs:
        if count:
            say("")
        count += 1
        _show(run, pricing, full=full)
    say_left_out(sieve)
    say_problems(problems)
    if count:
        say_written(*filter(None, (html, markdown)))
    if not sieve.read:
        say_no_runs(files)
    return 0 if count else 1


def _only(files: Sequence[Path], runs: Iterator[Loaded]) -> list[Loaded]:
    """The one run that a page can tell; none where there is none. Raises Misused for several."""
    found = list(islice(runs, _LISTED + 1))
    if len(found) < 2:
        return found
    ids = [run.trace.trace_id for run in found]
    told = f"{', '.join(ids[:_LISTED])}{', ...' * (len(ids) > _LISTED)}"
    raise Misused(
        f"one run can be told, and there are several: {told}",
        remedy=f"add --trace {ids[0]}" if len({*ids}) == len(ids) else f"name one file: {plain(files[0])}",
    )


def _tell(
    runs: Sequence[Loaded],
    files: Sequence[Path],
    price: Pricing,
    *,
    html: Path | None,
    markdown: Path | None,
) -> None:
    """Write what tells the run, if there is one."""
    from agentops_eval.harness import RunToTell, story_of
    from agentops_eval.reports import trace_html, trace_markdown

    for run in runs:
        told = RunToTell(
            trace=run.trace,
            normal=run.normal,
            timed=run.timed,
            source=", ".join(map(str, files)),
            labels=run.labels,
            notes=tuple(filter(None, [run.note])),
        )
        story = story_of(told, price=price)
        for file, form in ((html, trace_html), (markdown, trace_markdown)):
            if file is not None:
                write_report(file, form(story))


def _json(run: Loaded, price: Pricing, *, full: bool) -> Json:
    from agentops_eval.traces import calls_json, summary_json

    calls = calls_json(run.trace, durations_ms=run.durations_ms, labels=run.labels, price=price, full=full)
    return {**summary_json(run.normal, price=price), "calls": calls, "note": run.note}


def _show(run: Loaded, price: Pricing, *, full: bool) -> None:
    from agentops_eval.traces import conversations_of, full_lines, view_rows, view_totals

    if run.exported:
        dialects = sorted({name for name in run.normal.dialects.values() if name != "unknown"})
        told = conversations_of(run.normal)
        named = f", conversation {', '.join(told[:3])}{', ...' * (len(told) > 3)}" if told else ""
        prose(
            line(f"trace {run.trace.trace_id} ({', '.join(dialects) or 'no dialect that is known'}){named}"),
            style="bold",
        )
    if full:
        say_lines(full_lines(run.trace))
        return
    rows = view_rows(run.trace, durations_ms=run.durations_ms, labels=run.labels, price=price)
    draw(rows)
    say_totals(rows, view_totals(run.trace, price=price), price.tables)
    if run.normal.duplicates:
        prose(
            f"{many(len(run.normal.duplicates), 'span')} left out: another tells the same call", style="dim"
        )
    if run.note:
        prose(line(run.note), style="dim")
