"""``report``: everything that a project has shown, as pages."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "build": "_report_build:build",
    "open": "_report_open:opened",
    "serve": "_report_serve:serve",
}


@click.group("report", cls=LazyGroup, commands_at=_COMMANDS, short_help="What a project has shown, as pages.")
def report() -> None:
    """Scorecards, suites, gates, game days and findings of a project, every figure with its evidence."""
