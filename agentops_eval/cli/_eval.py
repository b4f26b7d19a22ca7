"""``eval``: run suites of scenarios, judge their runs, and compare a candidate with a baseline."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS: dict[str, str] = {
    "import": "_eval_import:import_suites",
}


@click.group(
    "eval",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Run suites and compare their runs.",
)
def evaluations() -> None:
    """Run suites of scenarios, judge their runs, and compare a candidate with a baseline."""
