"""``gate decide``: promote, hold or roll back, by what files of samples say."""

from __future__ import annotations

import time
from pathlib import Path

import click

from agentops_eval.cli._gate_options import (
    evidence,
    keep_decision,
    say_decision,
    write_reports,
)
from agentops_eval.cli._output import json_option
from agentops_eval.cli._report_file import check_reports, refuse_input, reports_option


@click.command(short_help="Promote, hold or roll back, by files of samples.")
@evidence
@click.option("--seed", type=int, help="Fixes the order of pairs in place of the gate's.")
@click.option(
    "--order",
    "order_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The order that gate order wrote before the runs.",
)
@reports_option
@json_option
def decide(
    gate_path: Path,
    baselines: tuple[str, ...],
    candidates: tuple[str, ...],
    stage: str,
    seed: int | None,
    order_path: Path | None,
    reports: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Decide about the candidate by samples of both versions.

    Files are results of eval run, OTLP traces, JSON lines, CSV or Parquet.

    Exit codes: 0 promote, 20 hold, 30 roll back, 2 unreadable input, 70 internal error.
    """
    from agentops_eval.cli._gate_options import EXIT_CODES, sources_of
    from agentops_eval.harness.gating import decide_files, load_gate, read_order

    check_reports(reports)
    gate = load_gate(gate_path)
    sources = sources_of(gate, baselines, candidates, stage)
    read = [gate_path, *(source.path for source in sources), *([order_path] if order_path else [])]
    for report in reports:
        refuse_input(report, read, option="--report")
    order = () if order_path is None else read_order(order_path, gate, seed=seed)
    decision = decide_files(gate, sources, root=Path.cwd(), seed=seed, order=order, now_s=time.time())
    keep_decision(decision, gate_path, read)
    write_reports(decision, reports, quiet=as_json)
    say_decision(decision, as_json=as_json)
    return EXIT_CODES[decision.value]
