"""``trace``: read goldens and recordings as call trees, and compare two of them."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.domain import Trace


@click.group()
def trace() -> None:
    """Read goldens and recordings as call trees, and compare two of them."""


def load_trace(path: Path) -> Trace:
    """The trace in a golden, or the one that a cassette's events give."""
    from agentops_eval.replay import read_cassette
    from agentops_eval.traces import derive, read_golden

    if path.name.endswith(".otlp.jsonl"):
        return read_golden(path).trace
    kept = read_cassette(path)
    return derive(kept.events, agent=kept.header.agent, case=kept.header.case)


@trace.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def show(file: Path, as_json: bool) -> int:
    """Draw the call tree of FILE (a golden or a cassette) with tokens and durations."""
    from agentops_eval.traces import view_json, view_rows, view_totals

    found = load_trace(file)
    timings = _durations(file)
    rows = view_rows(found, durations_ms=timings)
    if as_json:
        print_json(view_json(found, durations_ms=timings))
        return 0
    from rich.table import Table
    from rich.text import Text

    from agentops_eval.cli._output import console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("call", "left"), ("in", "right"), ("out", "right"), ("ms", "right"), ("", "left")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        style = "red" if row.failed else ""
        title = Text("  " * row.depth + plain(row.title, limit=160), style=style)
        table.add_row(
            title,
            _count(row.input_tokens),
            _count(row.output_tokens),
            "" if row.duration_ms is None else f"{row.duration_ms:.0f}",
            Text(plain(row.note, limit=60), style=style),
        )
    console().print(table)
    totals = view_totals(found)
    cost = "unknown" if totals.cost is None else f"{totals.cost:.6f}"
    say(f"{totals.llm_calls} llm calls, {totals.tool_calls} tool calls; tokens {_count(totals.input_tokens)} in, "
        f"{_count(totals.output_tokens)} out; cost {cost}")
    return 0


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)


def _durations(path: Path) -> dict[str, float]:
    """Durations by span id, which only a recording knows: a golden's clock is logical."""
    from agentops_eval.replay import read_cassette
    from agentops_eval.traces import durations_of

    kept = path
    if path.name.endswith(".otlp.jsonl"):
        kept = path.with_name(path.name.removesuffix(".otlp.jsonl") + ".cassette.jsonl")
    if not kept.exists():
        return {}
    cassette = read_cassette(kept)
    return durations_of(cassette.events, agent=cassette.header.agent, case=cassette.header.case)


@trace.command()
@click.argument("golden", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
@json_option
def diff(golden: Path, other: Path, as_json: bool) -> int:
    """Show where OTHER leaves GOLDEN; exit 1 where it does."""
    from agentops_eval.traces import diverge, render_divergence

    found = diverge(load_trace(golden), load_trace(other))
    if as_json:
        where = None
        if found is not None:
            where = {
                "call": found.call,
                "total": found.total,
                "path": found.path,
                "golden": found.golden,
                "run": found.run,
                "others": found.others,
            }
        print_json({"equal": found is None, "divergence": where})
        return 0 if found is None else 1
    if found is None:
        say("equal")
        return 0
    say(render_divergence(found, agent=str(other), golden_path=str(golden), approve_command=""))
    return 1
