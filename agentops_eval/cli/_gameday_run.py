"""``gameday run``: the plan of a game day, watched as it goes."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._experiments_told import Teller, project_here, restore_first, say_weaknesses
from agentops_eval.cli._output import agents_output, json_option, line, plain, print_json, say
from agentops_eval.cli._report_file import refuse_input, write_report

if TYPE_CHECKING:
    from agentops_eval.domain import GamedayPlan, GamedayReport, Json
    from agentops_eval.harness.experimenting import Gameday, Project, Stop

_FILE = click.Path(path_type=Path)


@click.command(short_help="Carry a plan out, and report.")
@click.argument("plan_path", metavar="PLAN", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Do nothing, and say what would be done.")
@click.option("--plain", "as_lines", is_flag=True, help="Print lines in place of the live view.")
@click.option("--out", type=_FILE, metavar="FOLDER", help="Write the reports there.")
@click.option("--journal", type=_FILE, metavar="FILE", help="Write a copy of the journal's lines there.")
@json_option
def run(
    plan_path: Path, dry_run: bool, as_lines: bool, out: Path | None, journal: Path | None, as_json: bool
) -> int:
    """Carry the experiments of a plan out, in order, with its gates, pauses and abort conditions.

    Stop it with q, Ctrl-C, SIGTERM or the plan's kill switch: rollbacks run all the same. What a killed day
    has left is undone before this one begins. The journal stays in .agentops/journals; reports in Markdown,
    JSON and HTML are written beside it, or to --out.

    Exit codes: 0 steady, 1 a finding, 2 could not be carried out.
    """
    from agentops_eval.chaos.experiments import day_exit_code
    from agentops_eval.domain import Dry
    from agentops_eval.harness.evidencing import noted_of_gameday
    from agentops_eval.harness.experimenting import Gameday, Stop, load_gameday, signals

    refuse_input(journal, [plan_path], option="--journal")
    plan = load_gameday(plan_path)
    refuse_input(journal, [Path(step.experiment.path) for step in plan.steps], option="--journal")
    project, stop = project_here(), Stop()
    with signals(stop):
        recovered = () if dry_run else restore_first(project, quiet=as_json)
        day = Gameday(
            plan=plan,
            project=project,
            stop=stop,
            dry=Dry.ACTIVITIES if dry_run else None,
            recovered=recovered,
        )
        with agents_output(aside=as_json), _view(plan, day, stop, quiet=as_json, as_lines=as_lines):
            report = day.run()
    keep(project.settings, lambda: noted_of_gameday(report, project.settings, [plan_path]), root=project.root)
    _finish(day, report, project, out=out, journal=journal, as_json=as_json)
    return day_exit_code(report)


def _view(
    plan: GamedayPlan, day: Gameday, stop: Stop, *, quiet: bool, as_lines: bool
) -> AbstractContextManager[object]:
    """How the day is watched: live on a terminal, else in lines."""
    from contextlib import nullcontext

    terminal = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if quiet or as_lines or not terminal:
        day.listen = (Teller(quiet=quiet),)
        return nullcontext()
    from agentops_eval.cli._gameday_live import LiveView

    view = LiveView(plan, stop)
    day.listen = (view.take,)
    return view


def _finish(
    day: Gameday,
    report: GamedayReport,
    project: Project,
    *,
    out: Path | None,
    journal: Path | None,
    as_json: bool,
) -> None:
    if not as_json:  # before files are written: there may be no room for them
        say()
        say_outcome(report)
        say(f"journal  {plain(_shown(day.path, project.root))}")
    written = write_reports(report, out or day.path.with_suffix(""))
    if journal is not None:
        write_report(journal, day.path.read_bytes())
    if as_json:
        print_json(document_of(report))
        return
    *others, page = written
    say(f"report   {plain(_shown(page, project.root))}")
    say(f"         beside it: {', '.join(one.name for one in others)}")


def say_outcome(report: GamedayReport) -> None:
    """Print what was found, and what the day came to."""
    say_weaknesses(report.weaknesses)
    dry = bool(report.journals) and all(one.dry for one in report.journals)
    word = "dry run: nothing was done" if dry else "steady" if report.steady else "not steady"
    say(word, style="" if dry else "green" if report.steady else "red")
    if report.reason:
        say(f"  {line(report.reason)}")


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def document_of(report: GamedayReport) -> dict[str, Json]:
    """The report as JSON, with the journals in Chaos Toolkit's shape."""
    from agentops_eval.chaos.experiments import journal_json
    from agentops_eval.reports import gameday_json

    return {**gameday_json(report), "journals": [journal_json(one) for one in report.journals]}


def write_reports(report: GamedayReport, folder: Path) -> list[Path]:
    """Write the report in its three forms; gives their paths."""
    import json

    from agentops_eval.reports import gameday_html, gameday_markdown

    text = json.dumps(document_of(report), indent=2, sort_keys=True)
    forms = {
        "report.md": gameday_markdown(report),
        "report.json": f"{text}\n",
        "report.html": gameday_html(report),
    }
    for name, content in forms.items():
        write_report(folder / name, content)
    return [folder / name for name in forms]
