"""``chaos``: break what an agent depends on, before production does, and see what else breaks."""

from __future__ import annotations

from collections.abc import Mapping

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS: Mapping[str, str] = {
    "check": "_chaos_check:check",
    "explore": "_chaos_explore:explore",
    "faults": "_chaos_faults:faults",
    "import": "_chaos_import:import_",
    "run": "_chaos_run:run",
}


@click.group(
    "chaos",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Break what an agent depends on, and see what else breaks.",
)
def chaos() -> None:
    """Break what an agent depends on, before production does, and see what else breaks."""
