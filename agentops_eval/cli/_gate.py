"""``gate``: decide about a candidate, once or as its evidence grows; plan and simulate gates."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "decide": "_gate_decide:decide",
    "order": "_gate_order:order",
    "plan": "_gate_plan:plan",
    "serve": "_gate_serve:serve",
    "simulate": "_gate_simulate:simulate",
    "watch": "_gate_watch:watch",
}


@click.group(
    "gate",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Promote, hold or roll back a candidate.",
)
def gate() -> None:
    """Promote, hold or roll back a candidate, by evidence that may be read at any time."""
