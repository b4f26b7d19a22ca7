"""``eval``: run suites of scenarios, judge their runs, and compare a candidate with a baseline."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "compare": "_eval_compare:compare",
    "decide": "_eval_decide:decide",
    "import": "_eval_import:import_suites",
    "run": "_eval_run:run",
    "stats": "_eval_stats:stats",
}


@click.group(
    "eval",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Run suites and compare their runs.",
)
def evaluations() -> None:
    """Run suites of scenarios, judge their runs, and compare a candidate with a baseline."""
