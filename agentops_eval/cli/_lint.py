"""``trace lint``: what makes traces misleading, unsafe or hard to use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._filters import left_out_lines, run_filters, say_left_out, sieve_json, sieve_of
from agentops_eval.cli._loading import runs_in
from agentops_eval.cli._output import json_option, line, print_json, prose, say, say_lines
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import (
    note_problems,
    problems_json,
    problems_of,
    say_no_runs,
    say_problems,
    say_unmatched,
)
from agentops_eval.cli._report_file import format_of, refuse_input, say_written, write_report
from agentops_eval.domain import Json, Level

if TYPE_CHECKING:
    from agentops_eval.harness import Sieve
    from agentops_eval.traces.lint import LintConfig, LintReport
    from agentops_eval.traces.reading import Problems

_FILE = click.Path(path_type=Path)
_STYLES = {"error": "red", "warn": "yellow", "info": "dim"}
_SUITE = "agentops.trace.lint"
_FORMATS = ("text", "json", "sarif", "junit")


@click.command(short_help="Hold runs against rules.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1)
@click.option(
    "--select", multiple=True, metavar="RULE", help="Check only this rule, or group (AL4). May be repeated."
)
@click.option(
    "--ignore", multiple=True, metavar="RULE", help="Do not check this rule, or group. May be repeated."
)
@click.option(
    "--destructive",
    multiple=True,
    metavar="TOOL",
    help="A person has to approve this tool; * fits anything. May be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warn", "info", "never"]),
    default="error",
    show_default=True,
    help="The mildest level that makes the exit code 1.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="How the report is written; else by the suffix of --out, or as text.",
)
@click.option("--out", type=_FILE, help="Write the report to this file.")
@prices_option
@click.option("--all", "everything", is_flag=True, help="Show every place, and the coverage of attributes.")
@click.option(
    "--explain", metavar="RULE", help="Say what a rule means and how to mend it; all for every one."
)
@run_filters
@json_option
def lint(
    files: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    destructive: tuple[str, ...],
    fail_on: str,
    form: str | None,
    out: Path | None,
    prices: Path | None,
    everything: bool,
    explain: str | None,
    as_json: bool,
    **conditions: Any,
) -> int:
    """Check the runs in FILE... against rules. Exit code 1 where a finding is an error, or there is no run.

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    The score is that of the traces in the conventions' words; how their spans were written is told apart.
    Settings stand under [tool.agentops.lint] in pyproject.toml.
    """
    from agentops_eval.harness import load_lint_config, pricing_of, settings_for_reading
    from agentops_eval.harness.evidencing import Witness, noted_of_lint
    from agentops_eval.traces.lint import lint_runs

    form = format_of(form, as_json=as_json, out=out, formats=_FORMATS)
    if explain is not None:
        return _explain(explain, as_json=form == "json")
    if not files:
        raise Misused("no file is named", remedy="agentops-eval trace lint FILE, or --explain RULE")
    refuse_input(out, files, option="--out")
    config = load_lint_config(Path.cwd(), select=select, ignore=ignore, destructive=destructive)
    settings = settings_for_reading(Path.cwd())
    problems, sieve, seen = problems_of(settings), sieve_of(conditions), Witness()
    runs = seen.through(sieve.through(runs_in(files, problems)))
    report = lint_runs(runs, config=config, price=pricing_of(settings, Path.cwd(), prices=prices))
    keep(settings, lambda: noted_of_lint(report, config, seen, settings, files), of=sieve.wanted)
    unmatched = [name for name in dict.fromkeys(destructive) if name in report.unmatched]
    least = None if fail_on == "never" else Level(fail_on)
    if form == "text":
        _tell(report, problems, sieve, files, out, everything=everything)
        say_unmatched("--destructive", unmatched, report.tools)
    else:
        noted: dict[str, Json] = {"unmatched": [*unmatched], **sieve_json(sieve), **problems_json(problems)}
        _write(_document(form, report, config, noted, files, least), out)
        _say_beside(form, sieve, problems)
    return int(least is not None and (report.at_least(least) > 0 or not report.spans))


def _say_beside(form: str, sieve: Sieve, problems: Problems) -> None:
    """Say on standard error what a document has no place for."""
    if form == "json":
        return
    for text in left_out_lines(sieve):
        click.echo(text, err=True)
    note_problems(problems)


def _explain(name: str, *, as_json: bool) -> int:
    from agentops_eval.traces.lint import RULES, explanation_lines, find_rule, rule_json

    rules = list(RULES.values()) if name == "all" else [find_rule(name, where="--explain")]
    if as_json:
        print_json({"rules": [rule_json(rule) for rule in rules]})
        return 0
    for number, rule in enumerate(rules):
        if number:
            say()
        for text in explanation_lines(rule):
            prose(text, hang=2)
    return 0


def _document(
    form: str,
    report: LintReport,
    config: LintConfig,
    noted: Mapping[str, Json],
    files: tuple[Path, ...],
    least: Level | None,
) -> bytes:
    from agentops_eval import __version__
    from agentops_eval.reports import junit_xml, sarif
    from agentops_eval.traces.lint import RULES, levels_of, report_json

    found = (*report.findings, *report.emitted)
    rules = [RULES[name] for name in levels_of(config)]
    if form == "junit":
        return junit_xml(found, rules, suite=_SUITE, fail_on=least)
    document: Json = (
        sarif(found, rules, version=__version__)
        if form == "sarif"
        else {"paths": [str(file) for file in files], **report_json(report), **noted}
    )
    return json.dumps(document).encode() + b"\n"


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        say_lines(data.decode("utf-8").splitlines())
        return
    write_report(out, data)
    say_written(out)


def _tell(
    report: LintReport,
    problems: Problems,
    sieve: Sieve,
    files: tuple[Path, ...],
    out: Path | None,
    *,
    everything: bool,
) -> None:
    from agentops_eval.traces.lint import report_lines

    lines = list(report_lines(report, everything=everything))
    if out is not None:
        write_report(out, "".join(f"{line(text, limit=1000)}\n" for text, _ in lines))
        say_written(out)
        say_left_out(sieve)
        return
    for text, level in lines:
        indent = len(text) - len(text.lstrip()) + 2
        prose(line(text, limit=1000), hang=indent, style="" if level is None else _STYLES[level.value])
    say_left_out(sieve)
    say_problems(problems)
    if not sieve.read:
        say_no_runs(files)
