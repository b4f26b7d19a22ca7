"""``ops``: how agents do in operation, by their traces and results."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "calibration": "_ops_calibration:calibration",
    "drift": "_ops_drift:drift",
    "forecast": "_ops_forecast:forecast",
    "incidents": "_ops_incidents:incidents",
    "review": "_ops_review:review",
    "runbooks": "_ops_runbooks:runbooks",
    "slo": "_ops_slo:slo",
    "tiers": "_ops_tiers:tiers",
}


@click.group("ops", cls=LazyGroup, commands_at=_COMMANDS, short_help="Measure agents in operation.")
def ops() -> None:
    """Measure agents in operation, by traces of any framework and results of suites.

    PATH is what every command of the group trace reads, a file of results, or a folder of both.
    """
