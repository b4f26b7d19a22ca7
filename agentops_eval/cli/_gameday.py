"""``gameday``: a plan of experiments, carried out with a live view, a kill switch and a report."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "report": "_gameday_report:report",
    "restore": "_gameday_report:restore",
    "run": "_gameday_run:run",
}


@click.group(
    "gameday",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Carry a plan of experiments out.",
)
def gameday() -> None:
    """Carry a plan of experiments out, with gates between them, a kill switch, a timeline and a report."""
