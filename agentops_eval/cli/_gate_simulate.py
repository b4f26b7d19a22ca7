"""``gate simulate``: what a gate does to candidates of which the truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._eval_options import FiniteNumber
from agentops_eval.cli._gate_truth import candidate_at, gate_of, made_up, truth_of
from agentops_eval.cli._output import console, json_option, line, print_json, prose, say
from agentops_eval.cli._report_file import refuse_input, say_written, write_report

if TYPE_CHECKING:
    from agentops_eval.domain import Json
    from agentops_eval.gate import Characteristic, OperatingCharacteristics
    from agentops_eval.reports import CandidateShares
    from agentops_eval.stats import Interval

_MOST = 100_000


@click.command(short_help="What a gate does to candidates that are made up.")
@made_up
@click.option(
    "--repetitions",
    type=click.IntRange(1, _MOST),
    default=1_000,
    show_default=True,
    help="Rollouts of each candidate.",
)
@click.option(
    "--n",
    type=click.IntRange(1, 1_000_000),
    default=400,
    show_default=True,
    help="Pairs, or sessions of traffic, in each stage.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn.")
@click.option(
    "--effect",
    "effects",
    type=FiniteNumber(),
    multiple=True,
    metavar="CHANGE",
    help="A candidate of this effect, below 0 for harm, in place of the usual ones. May be repeated.",
)
@click.option(
    "--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the shares: .svg or .html."
)
@json_option
def simulate(
    repetitions: int,
    n: int,
    seed: int,
    effects: tuple[float, ...],
    plot: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Try the gate on made-up candidates, looking after every pair: how often it promotes, holds, rolls back.

    Effects are in margins, or with --effect in the metrics' own units: -0.1 is ten points fewer passes, or
    a tenth more cost.
    """
    from agentops_eval.gate import MADE_UP
    from agentops_eval.gate import simulate as simulated

    if plot is not None and plot.suffix.lower() not in {".svg", ".html"}:
        raise Misused(f"{plot} is neither .svg nor .html", remedy="for example --plot gate.svg")
    refuse_input(plot, [given["gate_file"] or given["gate_path"]], option="--plot")
    candidates = [candidate_at(one) for one in dict.fromkeys(effects)] or MADE_UP
    found = simulated(
        gate_of(given), candidates=candidates, truth=truth_of(given), repetitions=repetitions, n=n, seed=seed
    )
    if plot is not None:
        write_report(plot, _drawn(found, plot))
    if as_json:
        print_json(_document(found))
        return 0
    _say(found)
    if plot is not None:
        say_written(plot)
    return 0


def _say(found: OperatingCharacteristics) -> None:
    from rich.table import Table

    say(f"{line(found.gate) or 'gate'}: {found.repetitions:,} rollouts of each candidate", style="bold")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("candidate")
    for title in ("promoted", "held", "rolled back", "half by", "4 in 5 by", "peeking rolls back"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in found.candidates:
        shares = (one.promote, one.hold, one.rollback)
        ns = ("-" if at is None else f"{at:,}" for at in (one.median_n, one.n80))
        table.add_row(one.candidate.name, *map(_percent, shares), *ns, _percent(one.peeking_rollback))
    console().print(table)
    say()
    prose(f"up to {found.n:,} pairs or sessions in each stage, looked at after every one; seed {found.seed}")
    prose("exact intervals at 99 %; peeking: a z-test after every tenth from the twentieth on", style="dim")


def _percent(share: Interval | None) -> str:
    if share is None:
        return "-"
    return f"{100 * share.value:.1f} % [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def _document(found: OperatingCharacteristics) -> dict[str, Json]:
    from dataclasses import asdict

    return {
        "gate": found.gate,
        "n": found.n,
        "repetitions": found.repetitions,
        "seed": found.seed,
        "truth": asdict(found.truth),
        "candidates": [_row(one) for one in found.candidates],
    }


def _row(one: Characteristic) -> dict[str, Json]:
    shares = {
        "promote": one.promote,
        "hold": one.hold,
        "rollback": one.rollback,
        "peeking_promote": one.peeking_promote,
        "peeking_rollback": one.peeking_rollback,
    }
    told: dict[str, Json] = {
        "name": one.candidate.name,
        "effect": one.candidate.effect,
        "unit": "margins" if one.candidate.margins else "own",
        "median_n": one.median_n,
        "median_interval": list(one.median_interval),
        "n80": one.n80,
        "median_promote": one.median_promote,
        "median_rollback": one.median_rollback,
    }
    for name, share in shares.items():
        told[name] = None if share is None else {"share": share.value, "interval": list(share.limits)}
    return told


def _drawn(found: OperatingCharacteristics, path: Path) -> str:
    """The picture, or a page around it."""
    from agentops_eval.reports import power_page, power_svg

    margins = all(one.candidate.margins for one in found.candidates)
    title = (
        f"{found.gate or 'gate'}: {found.repetitions:,} rollouts of each candidate, up to {found.n:,} units"
    )
    unit = "in margins" if margins else "in the units of its metrics"
    axis = f"effect of the candidate, {unit}; below 0 is harm"
    make = power_svg if path.suffix.lower() == ".svg" else power_page
    return make([_point(one) for one in found.candidates], title=title, axis=axis)


def _point(one: Characteristic) -> CandidateShares:
    from agentops_eval.reports import CandidateShares

    def bounded(share: Interval) -> tuple[float, float, float]:
        return share.value, share.low, share.high

    return CandidateShares(
        name=one.candidate.name,
        effect=one.candidate.effect,
        promote=bounded(one.promote),
        hold=bounded(one.hold),
        rollback=bounded(one.rollback),
        peeking=None if one.peeking_rollback is None else bounded(one.peeking_rollback),
    )
