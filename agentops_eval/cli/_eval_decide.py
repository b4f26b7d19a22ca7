"""``eval decide`` and ``eval report``: results that are there are judged again, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._eval_options import FILE
from agentops_eval.cli._eval_report import check_reports, reporting, write_reports
from agentops_eval.cli._output import json_option, line, many, print_json, say
from agentops_eval.cli._results import say_results

if TYPE_CHECKING:
    from agentops_eval.domain import Comparison, Json, Result
    from agentops_eval.reports import PromptDiff


@click.command(short_help="Judge results again, without running anything.")
@click.argument("results", type=FILE)
@click.option("--min-pass-rate", type=click.FloatRange(0, 1), help="The share of trials that has to pass.")
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
        keep_results(out, found.header, rows, traces_of=results)
    ruling = rule(rows, min_pass_rate=min_pass_rate)
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


@click.command(short_help="Compare a candidate's results with a baseline's.")
@click.argument("baseline", type=FILE)
@click.argument("candidate", type=FILE)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="The loss of pass rate that is let pass in a tag or segment.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
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

    Exit codes: 0 nothing is worse, 1 a case or a part is, or was not run, 3 a case of the candidate must be
    recorded first.
    """
    from agentops_eval.evals import compare as compared
    from agentops_eval.harness.evaluating import (
        Divergences,
        one_variant,
        report_of,
        side_by_side,
    )
    from agentops_eval.reports import comparison_json

    check_reports(reports)
    before = one_variant(_of_variant(baseline, ""))
    after = one_variant(_of_variant(candidate, variant))
    parted = Divergences(baseline, candidate)
    names = (_name(baseline), _name(candidate))
    found = compared(before, after, names=names, margin=margin, alpha=alpha, diverges=parted)
    if reports or annotations:
        diffs = side_by_side(found, before, after, parted.diff)
        prompts, title = _prompts(before, after), f"{names[1]} against {names[0]}"
        report = report_of(after, title=title, comparison=found, diffs=diffs, prompts=prompts)
        write_reports(report, reports, annotations=annotations, quiet=as_json)
    if as_json:
        print_json(comparison_json(found))
    else:
        say_results(report_of((), comparison=found))
    return _compared(found, after, allow_missing=allow_missing, quiet=as_json)


def _compared(found: Comparison, after: Sequence[Result], *, allow_missing: bool, quiet: bool) -> int:
    """The exit code, and what is said of cases that were not compared: missing data never passes."""
    from agentops_eval.domain import ChangeKind, Ending

    gone = [case for case in found.cases if case.kind is ChangeKind.REMOVED]
    needed = sum(one.ending is Ending.NEEDS_RECORDING for one in after)
    nothing = not any(case.baseline.judged and case.candidate.judged for case in found.cases)
    if not quiet and needed:
        say(f"{many(needed, 'trial')} of the candidate must be recorded first", style="yellow")
    if not quiet and gone and not allow_missing:
        names = ", ".join(line(case.case, limit=60) for case in gone[:5])
        told = f"the candidate did not run {many(len(gone), 'case')}: {names}"
        say(f"{told} (--allow-missing where that is meant)", style="red")
    if not quiet and nothing:
        say("the files have no judged case in common: nothing was compared", style="red")
    if found.regressions or found.worse_parts or nothing or (gone and not allow_missing):
        return 3 if nothing and needed else 1
    return 3 if needed else 0


def _of_variant(path: Path, wanted: str | None) -> Sequence[Result]:
    """The rows of one variant: the only one there is, or the one that is wanted."""
    from agentops_eval.harness.evaluating import read_results

    rows = read_results(path).rows
    there = sorted({one.variant for one in rows})
    if len(there) < 2 and wanted in {None, "", *there}:
        return rows
    if wanted not in there:
        listed = ", ".join(name or '""' for name in there)
        raise Misused(f"{path} holds the variants {listed}", remedy=f"add --variant {there[-1]}")
    return [one for one in rows if one.variant == wanted]


def _prompts(before: Sequence[Result], after: Sequence[Result]) -> tuple[PromptDiff, ...]:
    from agentops_eval.harness import redactor_of, settings_for_reading
    from agentops_eval.harness.evaluating import prompt_diffs

    settings = settings_for_reading(Path.cwd())
    folder = Path.cwd() / settings.prompt_dir
    return prompt_diffs(before, after, folder, redact=redactor_of(settings).text)


def _name(path: Path) -> str:
    return path.name.removesuffix(".jsonl")
