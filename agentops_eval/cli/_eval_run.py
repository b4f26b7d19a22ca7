"""``eval run``: suites of scenarios without pytest."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._eval_needed import say_needed
from agentops_eval.cli._eval_options import (
    FILE,
    RATE,
    bounding,
    bounds_of,
    choice_of,
    choosing,
    limits_of,
)
from agentops_eval.cli._eval_report import reporting, write_reports
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import agents_output, json_option, line, plain, print_json, prose, say
from agentops_eval.cli._report_file import check_reports
from agentops_eval.cli._results import say_results

if TYPE_CHECKING:
    from agentops_eval.domain import AgentopsError, Result
    from agentops_eval.harness.evaluating import Prepared, Session


@click.command(short_help="Run suites of scenarios.")
@click.argument("paths", metavar="[FILE|FOLDER]...", type=FILE, nargs=-1)
@choosing
@click.option(
    "--record",
    type=click.Choice(["once", "all"]),
    is_flag=False,
    flag_value="once",
    help="Record what has no recording yet, or all anew.",
)
@bounding
@click.option("--out", type=FILE, help="Write results to this file, a row a trial.")
@click.option("--resume", is_flag=True, help="Go on with the results in --out.")
@click.option("--order", "order_path", type=FILE, help="Run cases in the order that gate order wrote.")
@click.option("--min-pass-rate", type=RATE, help="The share of trials that has to pass.")
@reporting
@json_option
def run(
    paths: tuple[Path, ...],
    record: str | None,
    out: Path | None,
    resume: bool,
    order_path: Path | None,
    min_pass_rate: float | None,
    reports: tuple[Path, ...],
    annotations: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Run the scenarios in FILE or FOLDER (scenarios/ by default), replayed from their recordings.

    With --json, one verdict a line. Exit codes: 0 all passed, 1 a case failed or has no verdict, 2 a file
    cannot be used (the others still run), 3 a case must be recorded first.
    """
    from agentops_eval.harness.evaluating import report_of, rule

    check_reports(reports)
    if resume and out is None:
        raise Misused("--resume goes on with a file of results", remedy="name it with --out")
    session, prepared, problems = _begin(paths, record, given)
    if order_path is not None:
        prepared = _ordered(prepared, order_path)
    with agents_output(aside=True), _progress(len(prepared.trials), session) as seen:
        results = list(seen(session.results(prepared, out=out, resume=resume)))
    results = _in_order(results, prepared)
    ruling = rule(results, problems=len(problems), min_pass_rate=min_pass_rate, stopped=session.purse.stopped)
    _note(session, prepared, results, given, min_pass_rate)
    report = report_of(results, title=_title(prepared), command=_command())
    write_reports(report, reports, annotations=annotations, quiet=as_json)
    if as_json:
        _print_rows(results, problems)
    else:
        say_results(report)
        say_needed(results, prepared.trials)
        for one in prepared.skipped:
            prose(f"skipped  {line(one.suite)}/{line(one.id)}: {line(one.skip)}", style="dim")
        _say_problems(problems)
        say(ruling.reason, style="green" if ruling.passed else "red")
        if out is not None and results:
            say(f"results: {plain(out)}", style="dim")
    return ruling.exit_code


def _begin(
    paths: Sequence[Path], record: str | None, given: dict[str, Any]
) -> tuple[Session, Prepared, tuple[AgentopsError, ...]]:
    from agentops_eval.harness import load_settings, load_suites
    from agentops_eval.harness.evaluating import Orders, Session

    root = Path.cwd()
    settings = load_settings(root, overrides={} if record is None else {"record": record})
    loaded = load_suites(paths or (Path("scenarios"),), root=root)
    orders = Orders(
        root=root, settings=settings, agent=given["agent"] or "", limits=limits_of(given["limits"])
    )
    session = Session(orders, bounds_of(given), max_cost_usd=given["max_cost_usd"])
    prepared = session.prepare(loaded.suites, choice_of(given))
    return session, prepared, (*loaded.problems, *prepared.problems)


def _note(
    session: Session,
    prepared: Prepared,
    results: Sequence[Result],
    given: dict[str, Any],
    min_pass_rate: float | None,
) -> None:
    from agentops_eval.harness.evidencing import SuitesRun, noted_of_suites

    orders = session.orders
    shown = SuitesRun(
        trials=prepared.trials,
        results=results,
        choice=choice_of(given),
        agent=given["agent"] or "",
        min_pass_rate=min_pass_rate,
        stopped=session.purse.stopped,
    )
    keep(orders.settings, lambda: noted_of_suites(shown, orders.settings), root=orders.root)


def _ordered(prepared: Prepared, path: Path) -> Prepared:
    """The trials by the order of a gate, so that whoever looks early sees no chosen cases; others behind."""
    from agentops_eval.domain import case_name
    from agentops_eval.harness.gating import load_order

    cases = load_order(path).cases
    places = {case: place for place, case in enumerate(cases)}
    trials = sorted(
        prepared.trials,
        key=lambda one: places.get(case_name(one.scenario.suite, one.scenario.id), len(places)),
    )
    return replace(prepared, trials=tuple(trials))


def _title(prepared: Prepared) -> str:
    names = ", ".join(prepared.header.suites)
    return f"{names}, candidate {prepared.header.candidate}" if prepared.header.candidate else names


def _command() -> str:
    return shlex.join(["agentops-eval", *sys.argv[1:]])


def _in_order(results: Iterable[Result], prepared: Prepared) -> list[Result]:
    """As the trials were planned, whatever was done first."""
    places = {trial.key: place for place, trial in enumerate(prepared.trials)}
    return sorted(results, key=lambda one: places[(one.suite, one.case, one.variant, one.trial)])


def _print_rows(results: Iterable[Result], problems: Iterable[AgentopsError]) -> None:
    from agentops_eval.cli._errors import trouble_of
    from agentops_eval.harness.evaluating import row_of

    for result in results:
        print_json(row_of(result))
    for problem in problems:
        click.echo(json.dumps(trouble_of(problem).to_json()), err=True)


def _say_problems(problems: Sequence[AgentopsError]) -> None:
    from agentops_eval.cli._errors import trouble_of

    for problem in problems:
        say(str(trouble_of(problem)), style="red")


@contextmanager
def _progress(count: int, session: Session) -> Iterator[Any]:
    """A bar with what it has cost and how long it will take, for a person at a terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb" or count < 2:
        yield lambda results: results
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    terminal = Console(file=open(os.dup(sys.stderr.fileno()), "w", encoding="utf-8"), stderr=True)  # noqa: SIM115, PTH123
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[cost]}"), TimeRemainingColumn())
    with Progress(*columns, console=terminal, transient=True) as bar:
        task = bar.add_task("", total=count, cost="")

        def seen(results: Iterable[Result]) -> Iterator[Result]:
            for result in results:
                spent = session.purse.spent_usd
                bar.update(task, advance=1, cost=f"{spent:.4f} USD" if spent else "")
                yield result

        yield seen
