"""``trace diff``: two runs step by step, for people, scripts and reviewers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._filters import trace_id
from agentops_eval.cli._loading import Loaded, load
from agentops_eval.cli._output import json_option, many, print_json, prose, say, say_lines
from agentops_eval.cli._problems import problems_json, problems_of, say_problems
from agentops_eval.cli._redacted import raw_option, shown
from agentops_eval.cli._report_file import refuse_input, say_written, write_report
from agentops_eval.domain import Trace

if TYPE_CHECKING:
    from agentops_eval.traces.reading import Problems

_FILE = click.Path(path_type=Path)
_LISTED, _DIGITS = 5, 12


@click.command(short_help="Show what differs between two runs.")
@click.argument("baseline", type=_FILE)
@click.argument("candidate", type=_FILE)
@click.option("--baseline-trace", type=trace_id, metavar="ID", help="Of several runs in BASELINE, this one.")
@click.option(
    "--candidate-trace", type=trace_id, metavar="ID", help="Of several runs in CANDIDATE, this one."
)
@click.option("--steps", is_flag=True, help="In exports, compare spans that only wrap others, too.")
@click.option("--html", type=_FILE, help="Write both sides beside each other, as one page.")
@raw_option
@json_option
def diff(
    baseline: Path,
    candidate: Path,
    baseline_trace: str | None,
    candidate_trace: str | None,
    steps: bool,
    html: Path | None,
    raw: bool,
    as_json: bool,
) -> int:
    """Show what differs between two runs, step by step. Exit code 1 where anything does.

    Each is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    Where one was traced elsewhere, what agents did is compared (agents, llm calls, tools, hand-offs,
    approvals), whatever spans a framework puts around that. Secrets are taken out before.
    """
    from agentops_eval.harness import pricing_of, settings_for_reading
    from agentops_eval.traces import diff as differ

    refuse_input(html, [baseline, candidate], option="--html")
    settings = settings_for_reading(Path.cwd())
    problems = problems_of(settings)
    one, first = _only(baseline, baseline_trace, "--baseline-trace", problems)
    other, second = _only(candidate, candidate_trace, "--candidate-trace", problems)
    pricing = pricing_of(settings, Path.cwd())
    one, other = shown(one, settings, raw=raw), shown(other, settings, raw=raw)
    found = differ.diff(*_comparable(one, other, steps=steps), price=pricing.listed)
    names = f"{baseline}{first}", f"{candidate}{second}"
    if html is not None:
        from agentops_eval.reports import trace_diff_html

        write_report(html, trace_diff_html(found, baseline=names[0], candidate=names[1]))
    if as_json:
        print_json({**differ.diff_json(found), **problems_json(problems)})
    else:
        head, *lines = differ.diff_text(found, baseline=names[0], candidate=names[1]).splitlines()
        prose(head, hang=2)
        if lines:
            say_lines(lines)
        if found:
            chosen = f" --trace {other.trace.trace_id}" if second else ""
            say(f"The whole of it:  agentops-eval trace show --full {shlex.quote(str(candidate))}{chosen}")
        say_problems(problems)
        if html is not None:
            say_written(html)
    return 1 if found else 0


def _only(path: Path, wanted: str | None, option: str, problems: Problems) -> tuple[Loaded, str]:
    """The one run in a file, or the one that is named; where there are several, what tells it from them."""
    count, runs = 0, list[Loaded]()
    for run in load([path], problems):
        count += 1
        if run.trace.trace_id.startswith(wanted or ""):
            runs.append(run)
    if len(runs) == 1:
        return runs[0], f" {_short(runs[0].trace.trace_id)}" if count > 1 else ""
    if not runs:
        named = f" whose trace id begins with {wanted}" if wanted else ""
        raise Misused(
            f"{path} holds no run{named}", remedy=f"agentops-eval trace show {shlex.quote(str(path))}"
        )
    ids = [run.trace.trace_id for run in runs]
    raise Misused(
        f"{path} holds {many(len(runs), 'run')}: {', '.join(ids[:_LISTED])}{', ...' * (len(ids) > _LISTED)}",
        remedy=f"add {option} {ids[0]}",
    )


def _short(trace_id: str) -> str:
    """As many digits as tell ids apart; one of 64 bits begins with zeros."""
    return trace_id if trace_id.startswith("0" * 8) else trace_id[:_DIGITS]


def _comparable(one: Loaded, other: Loaded, *, steps: bool) -> tuple[Trace, Trace]:
    from agentops_eval.traces.dialects import essential

    if not one.elsewhere and not other.elsewhere:
        return one.trace, other.trace
    if steps:
        return one.normal.trace, other.normal.trace
    return essential(one.normal), essential(other.normal)
