"""``gate order``: the order of pairs, written down before there is any result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._gate_options import gate_option
from agentops_eval.cli._output import json_option, line, many, plain, print_json, say
from agentops_eval.cli._report_file import refuse_input, write_report

if TYPE_CHECKING:
    from agentops_eval.gate import GateFile


@click.command(short_help="Fix the order of pairs before they run.")
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@gate_option
@click.option("--seed", type=int, help="Fixes the order in place of the gate's.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the order to this file, and commit it.")
@json_option
def order(cases: tuple[Path, ...], gate_path: Path, seed: int | None, out: Path | None, as_json: bool) -> int:
    """Print the order in which the pairs of CASES will count: scenario files, or samples of the baseline.

    gate decide --order checks that a decision went by it.
    """
    from agentops_eval.harness.gating import load_gate, order_json, plan_order

    refuse_input(out, (*cases, gate_path), option="--out")
    gate = load_gate(gate_path)
    found = plan_order(gate, _names(gate, cases), seed=seed)
    document = order_json(found)
    if out is not None:
        text = f"{json.dumps(document, indent=1, ensure_ascii=False)}\n"
        write_report(out, text)
    if as_json:
        print_json(document)
        return 0
    if out is None:
        for case in found.cases:
            say(line(case))
    else:
        say(f"{many(len(found.cases), 'case')}, order {found.digest}, written to {plain(out)}")
    return 0


def _names(gate: GateFile, paths: Sequence[Path]) -> Iterable[str]:
    """The cases of suites, as samples call them, or those of a file of samples."""
    from agentops_eval.domain import Arm, case_name
    from agentops_eval.harness import load_suites
    from agentops_eval.harness.gating import gather, source_of

    suites = [path for path in paths if path.is_dir() or path.suffix in {".yaml", ".yml"}]
    loaded = load_suites(suites, root=Path.cwd())
    if loaded.problems:
        raise loaded.problems[0]
    names = {case_name(suite.name, one.id) for suite in loaded.suites for one in suite.scenarios}
    rows = [source_of(gate, Arm.BASELINE, str(path)) for path in paths if path not in suites]
    return names | {sample.case for sample in gather(gate, rows).samples}
