"""``eval stats``: what the outcomes of many trials come to."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._eval_options import SHARE
from agentops_eval.cli._output import console, json_option, line, many, print_json, prose, say

if TYPE_CHECKING:
    from fractions import Fraction

    from agentops_eval.domain import Json
    from agentops_eval.harness import Outcomes
    from agentops_eval.stats import Interval, Summary

_STDIN = "-"
_ROWS = 12


@click.command("stats", short_help="Rates, intervals and pass^k of outcomes from anywhere.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--k", "most_k", type=click.IntRange(1), help="The largest k; 100 by default.")
@click.option(
    "--confidence",
    type=SHARE,
    default=0.95,
    show_default=True,
    help="Of both intervals.",
)
@click.option("--variant", help="Only trials of this variant, by its name.")
@json_option
def stats(file: Path, most_k: int | None, confidence: float, variant: str | None, as_json: bool) -> int:
    """Sum up the outcomes in FILE: pass rate, intervals, pass^k and pass@k.

    FILE holds a row for each trial, {"case", "trial", "passed"}, as JSON lines or CSV, or is what
    eval run wrote; - is standard input. Rows whose error is not the agent's are left out and counted;
    replays of one recording count once. Exit code 1 where no trial was judged.
    """
    from agentops_eval.harness import read_outcomes
    from agentops_eval.stats import MOST_K, summarise

    with _opened(file) as (source, name):
        outcomes = read_outcomes(source, name=name, variant=variant)
    summary = summarise(outcomes.samples, confidence=confidence, most_k=most_k or MOST_K)
    if as_json:
        print_json(_document(summary))
    else:
        _say(summary, name, most_k)
        _say_notes(outcomes, variant)
    return 0 if summary.wilson else 1


@contextmanager
def _opened(file: Path) -> Iterator[tuple[IO[bytes], str]]:
    if str(file) == _STDIN:
        if sys.stdin is None or sys.stdin.isatty():
            raise Misused(
                "standard input is a terminal",
                remedy="name a file, or: cat FILE | agentops-eval eval stats -",
            )
        yield sys.stdin.buffer, "standard input"
        return
    if file.is_dir():
        raise Misused(f"{file} is a folder", remedy="name a file in it")
    with file.open("rb") as source:
        yield source, str(file)


def _document(summary: Summary) -> dict[str, Json]:
    from agentops_eval.domain import ErrorSource

    collapsed, excluded = summary.collapsed, summary.collapsed.excluded
    return {
        "cases": len(collapsed.judged),
        "trials": collapsed.trials,
        "pass_hat_k": {str(k): float(value) for k, value in summary.pass_hat_k.items()},
        "pass_at_k": {str(k): float(value) for k, value in summary.pass_at_k.items()},
        "wilson": _limits(summary.wilson),
        "clustered": _limits(summary.clustered),
        "excluded_infrastructure": excluded.get(ErrorSource.INFRASTRUCTURE, 0),
        "excluded_judge": excluded.get(ErrorSource.JUDGE, 0),
        "excluded_simulator": excluded.get(ErrorSource.SIMULATOR, 0),
        "unknown": collapsed.unknown,
        "replays": collapsed.replays,
        "unjudged_cases": len(collapsed.tallies) - len(collapsed.judged),
    }


def _limits(interval: Interval | None) -> Json:
    return None if interval is None else list(interval.limits)


def _say(summary: Summary, name: str, most_k: int | None) -> None:
    collapsed = summary.collapsed
    cases, trials = many(len(collapsed.judged), "case"), many(collapsed.trials, "trial")
    if summary.wilson is None or summary.clustered is None:
        say(f"{line(name)}: no trial was judged", style="bold")
    else:
        say(f"{line(name)}: {cases}, {trials}, pass rate {_percent(summary.pass_hat_k[1])}%", style="bold")
        confidence = f"{100 * summary.wilson.confidence:.4g}%"
        prose(f"  {_range(summary.clustered)} at {confidence}, {_method(summary.clustered)}", hang=4)
        prose(f"  {_range(summary.wilson)} at {confidence}, if all trials were independent (Wilson)", hang=4)
        _say_ks(summary)
        _say_bound(summary, most_k)
    left_out = [f"{count} for an error of {source}" for source, count in collapsed.excluded.items()]
    left_out += [f"{collapsed.unknown} that nobody could judge"] if collapsed.unknown else []
    if left_out:
        prose(f"left out of all rates: {', '.join(left_out)}", style="yellow")
    if gone := len(collapsed.tallies) - len(collapsed.judged):
        prose(f"{many(gone, 'case')} without any judged trial: in no rate", style="yellow")
    if collapsed.replays:
        again = f"{many(collapsed.replays, 'trial')} replay{'s' if collapsed.replays == 1 else ''}"
        prose(f"{again} a recording that another trial has replayed: counted once")


def _say_ks(summary: Summary) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("k", "pass^k", "pass@k"):
        table.add_column(title, justify="right", no_wrap=True)
    ks = list(summary.pass_hat_k)
    for k in ks if len(ks) <= _ROWS else [*ks[: _ROWS - 1], ks[-1]]:
        table.add_row(str(k), f"{_percent(summary.pass_hat_k[k])}%", f"{_percent(summary.pass_at_k[k])}%")
    say()
    console().print(table)
    prose("pass^k: all of k trials pass; pass@k: at least one of k does", style="dim")
    if len(ks) > _ROWS:
        say(f"and each k between (--json lists all up to {ks[-1]})", style="dim")


def _say_bound(summary: Summary, most_k: int | None) -> None:
    """Why there is no larger k."""
    fewest = next(case for case, tally in summary.collapsed.judged.items() if tally.judged == summary.fewest)
    if summary.most_k < summary.fewest:
        if most_k is None:
            say(f"larger k up to {summary.fewest}: --k {summary.fewest}", style="dim")
    else:
        prose(
            f"k ends at {summary.fewest}: {line(fewest, limit=80)} has {many(summary.fewest, 'trial')}",
            style="dim",
        )


def _say_notes(outcomes: Outcomes, variant: str | None) -> None:
    if len(outcomes.variants) > 1 and variant is None:
        names = ", ".join(line(name, limit=40) or "(baseline)" for name in outcomes.variants[:5])
        count = len(outcomes.variants)
        prose(f"{count} variants are summed up together: {names}; choose one with --variant", style="yellow")
    if outcomes.torn:
        prose("the last line was cut off while it was written: left out", style="yellow")


def _method(interval: Interval) -> str:
    if interval.n == 1:
        return "as one case tells nothing of others"
    how = "all alike" if "alike" in interval.method else "clustered"
    return f"trials within {many(interval.n, 'case')}, {how}"


def _range(interval: Interval) -> str:
    """Limits rounded outwards, so that what is shown holds what is meant."""
    low, high = math.floor(interval.low * 1000 + 1e-9) / 10, math.ceil(interval.high * 1000 - 1e-9) / 10
    return f"{low:.1f}% to {high:.1f}%"


def _percent(share: Fraction) -> str:
    """A share in percent, rounded down, so that only what never failed is shown as 100."""
    return f"{math.floor(share * 1000) / 10:.1f}"
