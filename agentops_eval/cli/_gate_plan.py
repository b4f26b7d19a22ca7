"""``gate plan``: how much evidence a gate will need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._eval_options import Finite
from agentops_eval.cli._gate_truth import candidate_at, gate_of, made_up, truth_of
from agentops_eval.cli._output import console, json_option, line, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.gate import PlanRow


@click.command(short_help="How many pairs or sessions a gate needs.")
@made_up
@click.option(
    "--harm",
    type=Finite(max=0, max_open=True),
    metavar="CHANGE",
    help="What is to be rolled back, in the metrics' own units (-0.1); else twice the margin.",
)
@click.option(
    "--repetitions",
    type=click.IntRange(0, 100_000),
    default=0,
    show_default=True,
    help="Simulate the sizes so often, in place of an approximation.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn.")
@json_option
def plan(harm: float | None, repetitions: int, seed: int, as_json: bool, **given: Any) -> int:
    """Say how many pairs, or sessions of traffic, each metric needs.

    To promote a candidate that changes nothing, and to roll one back that does harm.
    """
    from dataclasses import asdict

    from agentops_eval.gate import plan as planned

    gate = gate_of(given)
    rows = planned(
        gate,
        truth=truth_of(given),
        harm=None if harm is None else candidate_at(harm),
        repetitions=repetitions,
        seed=seed,
    )
    if as_json:
        print_json({"gate": gate.name, "power": 0.8, "rows": [asdict(row) for row in rows]})
        return 0
    _say(rows, gate.name, simulated=bool(repetitions))
    return 0


def _say(rows: Sequence[PlanRow], name: str, *, simulated: bool) -> None:
    from rich.table import Table

    say(f"{line(name) or 'gate'}: what it needs", style="bold")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("metric", "stage", "to", "effect"):
        table.add_column(title)
    for title in ("half by", "4 in 5 by", "planned looks", "one look", "units"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        sizes = ("-" if at is None else f"{at:,}" for at in (row.median, row.n80, row.planned, row.fixed))
        words = (line(row.metric), line(row.stage), row.question, f"{row.effect:+g}")
        table.add_row(*words, *sizes, f"{row.unit}s")
    console().print(table)
    say()
    prose("half by, 4 in 5 by: looked at whenever you like; planned looks, one look: at a power of 80 %")
    how = "simulated" if simulated else "an approximation that errs upwards; --repetitions 1000 simulates"
    prose(f"sizes looked at at any time are {how}", style="dim")
