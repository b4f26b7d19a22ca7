"""``eval compare``: what a candidate's results changed against a baseline's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._eval_options import FILE, SHARE
from agentops_eval.cli._eval_report import reporting, write_reports
from agentops_eval.cli._output import json_option, line, print_json, say
from agentops_eval.cli._report_file import check_reports
from agentops_eval.cli._results import say_results

if TYPE_CHECKING:
    from agentops_eval.domain import Comparison, Result
    from agentops_eval.harness.evaluating import Divergences, Results
    from agentops_eval.reports import Report


@click.command(short_help="Compare a candidate's results with a baseline's.")
@click.argument("baseline", type=FILE)
@click.argument("candidate", type=FILE)
@click.option(
    "--margin",
    type=SHARE,
    default=0.05,
    show_default=True,
    help="The loss of pass rate that is let pass in a tag or segment.",
)
@click.option(
    "--alpha",
    type=SHARE,
    default=0.05,
    show_default=True,
    help="How often noise may be called a change.",
)
@click.option("--variant", help="Of several variants in CANDIDATE, this one.")
@click.option("--allow-missing", is_flag=True, help="Cases that CANDIDATE did not run are no finding.")
@reporting
@json_option
def compare(
    baseline: Path,
    candidate: Path,
    margin: float,
    alpha: float,
    variant: str | None,
    allow_missing: bool,
    reports: tuple[Path, ...],
    annotations: bool,
    as_json: bool,
) -> int:
    """Say what CANDIDATE changed against BASELINE, both written by eval run.

    Exit codes: 0 nothing is worse, 1 a case or a part is, was not run, or nobody can say, 3 a case of the
    candidate must be recorded first.
    """
    from agentops_eval.evals import compare as compared
    from agentops_eval.harness.evaluating import (
        Divergences,
        one_variant,
        read_results,
        report_of,
        rule_comparison,
    )
    from agentops_eval.reports import comparison_json

    check_reports(reports)
    sides = (read_results(baseline), read_results(candidate))
    before = one_variant(_of_variant(sides[0], ""))
    after = one_variant(_of_variant(sides[1], variant))
    parted = Divergences(baseline, candidate)
    names = (_name(baseline), _name(candidate))
    found = compared(before, after, names=names, margin=margin, alpha=alpha, diverges=parted)
    if reports or annotations:
        report = _report(found, before, after, parted)
        write_reports(report, reports, annotations=annotations, quiet=as_json)
    unfinished = [side.unfinished for side in sides]
    ruling = rule_comparison(found, after, unfinished=unfinished, allow_missing=allow_missing)
    if as_json:
        print_json(comparison_json(found))
    else:
        say_results(report_of((), comparison=found))
        say(line(ruling.reason), style="green" if ruling.passed else "red")
    return ruling.exit_code


def _of_variant(found: Results, wanted: str | None) -> Sequence[Result]:
    """The rows of one variant: the only one there is, or the one that is wanted."""
    there = sorted({one.variant for one in found.rows})
    if len(there) < 2 and wanted in {None, "", *there}:
        return found.rows
    if wanted not in there:
        listed = ", ".join(name or '""' for name in there)
        what = f"{found.path} holds the variants {listed}"
        raise Misused(what, remedy=f"add --variant {there[-1]}")
    return [one for one in found.rows if one.variant == wanted]


def _report(
    found: Comparison, before: Sequence[Result], after: Sequence[Result], parted: Divergences
) -> Report:
    """The comparison with the traces and the prompts that differ, side by side."""
    from agentops_eval.harness import redactor_of, settings_for_reading
    from agentops_eval.harness.evaluating import prompt_diffs, report_of, side_by_side

    settings = settings_for_reading(Path.cwd())
    folder = Path.cwd() / settings.prompt_dir
    return report_of(
        after,
        title=f"{found.candidate} against {found.baseline}",
        comparison=found,
        diffs=side_by_side(found, before, after, parted.diff),
        prompts=prompt_diffs(before, after, folder, redact=redactor_of(settings).text),
    )


def _name(path: Path) -> str:
    return path.name.removesuffix(".jsonl")
