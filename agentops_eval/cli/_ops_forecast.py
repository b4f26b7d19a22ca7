"""``ops forecast``: what the next quarter will cost, and what drives it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._levels import table
from agentops_eval.cli._ops_options import (
    Looked,
    at_option,
    figure,
    looking,
    moment_of,
    results_at_option,
    runs_options,
)
from agentops_eval.cli._output import json_option, line, many, print_json, prose
from agentops_eval.domain import moment_text

if TYPE_CHECKING:
    from agentops_eval.domain import CostForecast

_HEAD = ("before $", "after $", "by volume", "by price")
_BY = ("agent", "task", "team", "tenant", "use_case")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command(short_help="Say what the next quarter will cost.")
@runs_options
@click.option(
    "--weeks", type=click.IntRange(1, 52), default=13, show_default=True, help="So many are foretold."
)
@click.option("--by", type=click.Choice(_BY), default="agent", show_default=True, help="Who drives the cost.")
@at_option
@results_at_option
@json_option
def forecast(
    paths: tuple[Path, ...], weeks: int, by: str, at: datetime | None, as_json: bool, **given: Any
) -> int:
    """Forecast the cost of the weeks after --at by the whole weeks of runs in PATH... before.

    Eight whole weeks are needed, and the cost of every run in them. Exit code 1 where nothing can be said.
    """
    from agentops_eval.harness.evidencing import noted_of_forecast
    from agentops_eval.operations import forecast_cost, forecast_json

    now = moment_of(at)
    looked = looking(**given)
    facts = looked.lens.facts(looked.through(paths), by=by)
    found = forecast_cost(facts, now_s=now.timestamp(), weeks=weeks)
    looked.keep(lambda: noted_of_forecast(found, looked.operations(at)))
    if as_json:
        print_json({"at": moment_text(now), "by": by, **forecast_json(found), **looked.json()})
    else:
        _say(found, looked, by, moment_text(now))
    return int(found.verdict.value != "pass")


def _say(found: CostForecast, looked: Looked, by: str, at: str) -> None:
    cost, ahead = found.cost, f"the {many(found.weeks, 'week')} after {at}"
    if cost.value is None:
        prose(f"{ahead}: unknown: {line(found.why)}", hang=2, style="bold yellow")
        looked.say_rest()
        return
    limits = f"(${figure(cost.low)} to ${figure(cost.high)} at 95%)"
    prose(
        f"{ahead}: ${figure(cost.value)} {limits}, by {many(cost.n, 'week')} of history", hang=2, style="bold"
    )
    trend = found.trend_usd
    span = f"{figure(trend.low, '{:+.3g}')} to {figure(trend.high, '{:+.3g}')}"
    prose(f"from week to week: {figure(trend.value, '{:+.3g}')} dollars ({span})", hang=2)
    if found.weekdays:
        told = zip(_DAYS, found.weekdays, strict=True)
        prose(f"weekdays: {', '.join(f'{day} {weight:.2f}' for day, weight in told)}", hang=2)
    rows = [
        (
            line(one.group, limit=120) or "(unattributed)",
            (
                figure(one.before_usd),
                figure(one.after_usd),
                f"{one.volume_usd:+.3g}",
                f"{one.price_usd:+.3g}",
            ),
        )
        for one in found.drivers
    ]
    if rows:
        table(by, _HEAD, rows)
    looked.say_rest()
