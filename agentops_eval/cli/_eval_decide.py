"""``eval decide``: results that are there are judged again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._eval_options import FILE, RATE
from agentops_eval.cli._eval_report import reporting, write_reports
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import json_option, line, print_json, say
from agentops_eval.cli._report_file import check_reports
from agentops_eval.cli._results import say_results

if TYPE_CHECKING:
    from agentops_eval.domain import Json, Result
    from agentops_eval.harness.evaluating import Results


@click.command(short_help="Judge results again, without running anything.")
@click.argument("results", type=FILE)
@click.option("--min-pass-rate", type=RATE, help="The share of trials that has to pass.")
@click.option(
    "--at-least", multiple=True, metavar="EVALUATOR=SCORE", help="Another threshold. May be repeated."
)
@click.option("--against", type=FILE, multiple=True, help="Judge by what these scenarios expect today.")
@click.option("--out", type=FILE, help="Write the new results to this file.")
@reporting
@json_option
def decide(
    results: Path,
    min_pass_rate: float | None,
    at_least: tuple[str, ...],
    against: tuple[Path, ...],
    out: Path | None,
    reports: tuple[Path, ...],
    annotations: bool,
    as_json: bool,
) -> int:
    """Judge what eval run wrote to RESULTS again: under other thresholds, or by other expectations.

    Exit codes are those of eval run.
    """
    from agentops_eval.harness.evaluating import keep_results, read_results, report_of, row_of, rule, under

    check_reports(reports)
    found = read_results(results)
    rows: Sequence[Result] = found.rows
    notes = [f"{results}: its last line was cut off, and is left out"] if found.torn else []
    if against:
        rows, gone = _against(rows, against, results)
        notes += [f"no suite has {name} any more; it is left out" for name in gone]
    rows = under(rows, _thresholds(at_least))
    if out is not None:
        left = max(found.header.planned - len(found.rows), 0)
        keep_results(out, replace(found.header, planned=len(rows) + left), rows, traces_of=results)
    _note(found, rows, against, min_pass_rate)
    ruling = rule(rows, min_pass_rate=min_pass_rate, stopped=found.unfinished)
    report = report_of(
        rows, title=f"{results.name}, judged again" if against or at_least else results.name, notes=notes
    )
    write_reports(report, reports, annotations=annotations, quiet=as_json)
    if as_json:
        told: dict[str, Json] = {
            "exit_code": ruling.exit_code,
            "reason": ruling.reason,
            "results": [row_of(one) for one in rows],
        }
        print_json(told)
    else:
        say_results(report)
        say(line(ruling.reason), style="green" if ruling.passed else "red")
    return ruling.exit_code


def _note(
    found: Results, rows: Sequence[Result], against: Sequence[Path], min_pass_rate: float | None
) -> None:
    """Keep what the results show as judged now."""
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import Noted, noted_of_judged

    root = Path.cwd()
    settings = settings_for_reading(root)

    def noted() -> Noted:
        return noted_of_judged(found, rows, settings, root, against=against, min_pass_rate=min_pass_rate)

    keep(settings, noted)


def _against(
    rows: Sequence[Result], paths: Sequence[Path], results: Path
) -> tuple[Sequence[Result], Sequence[str]]:
    from agentops_eval.harness import load_suites
    from agentops_eval.harness.evaluating import against

    loaded = load_suites(paths, root=Path.cwd())
    if loaded.problems:
        raise loaded.problems[0]
    return against(rows, loaded.suites, beside=results, root=Path.cwd())


def _thresholds(words: Sequence[str]) -> Mapping[str, float]:
    read: dict[str, float] = {}
    for word in words:
        name, _, score = word.rpartition("=")
        try:
            read[name] = float(score)
        except ValueError:
            read[""] = 0.0
        if not name or not 0 <= read.get(name, -1.0) <= 1:
            example = "for example --at-least answer_similar=0.8"
            raise Misused(f"--at-least {word!r} is not EVALUATOR=SCORE", remedy=example)
    return read
