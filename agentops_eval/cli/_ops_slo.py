"""``ops slo``: how each objective stands, what is left of its error budget, and how fast that burns."""

from __future__ import annotations

from collections.abc import Sequence
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
    objectives_option,
    results_at_option,
    runs_options,
    share,
    spell,
)
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say
from agentops_eval.domain import moment_text

if TYPE_CHECKING:
    from agentops_eval.domain import ObjectiveStatus

_HEAD = ("verdict", "target", "measured", "95% limits", "events", "budget left")
_STYLES = {"pass": "green", "fail": "red", "unknown": "yellow"}


@click.command(short_help="Say how objectives stand, and how fast error budgets burn.")
@runs_options
@objectives_option
@at_option
@results_at_option
@json_option
def slo(paths: tuple[Path, ...], objectives: Path, at: datetime | None, as_json: bool, **given: Any) -> int:
    """Hold the runs in PATH... against a file of objectives.

    Windows end at --at. What is unknown never passes. Where the file names an agent, only its runs count.
    Exit code 1 unless every objective is kept.
    """
    from agentops_eval.harness.evidencing import noted_of_objectives
    from agentops_eval.harness.operating import load_objectives, load_reviews
    from agentops_eval.operations import Indicator, measure, status_json

    promised, now = load_objectives(objectives), moment_of(at)
    looked = looking(agent=promised.agent, **given)
    facts = looked.lens.facts(looked.through(paths))
    asks = any(one.indicator is Indicator.AGREEMENT for one in promised.objectives)
    reviews = load_reviews(Path.cwd()) if asks else ()
    found = measure(promised.objectives, facts, now_s=now.timestamp(), reviews=reviews)
    looked.keep(lambda: noted_of_objectives(found, looked.operations(at)))
    kept = sum(one.verdict.value == "pass" for one in found)
    if as_json:
        told = {"agent": looked.agent or None, "at": moment_text(now), "kept": kept}
        print_json({**told, "objectives": [status_json(one) for one in found], **looked.json()})
    else:
        _say(found, looked, kept, moment_text(now))
    return int(kept < len(found))


def _say(found: Sequence[ObjectiveStatus], looked: Looked, kept: int, at: str) -> None:
    whose = f"{line(looked.agent, limit=60)}: " if looked.agent else ""
    style = "bold green" if kept == len(found) else "bold red"
    of = many(looked.runs, "run")
    prose(f"{whose}{kept} of {many(len(found), 'objective')} kept at {at}, {of}", style=style)
    table("objective", _HEAD, [(line(one.name, limit=120), _cells(one)) for one in found])
    say()
    for one in found:
        for burn in one.alerts:
            spans = f"{spell(burn.long_s)} and {spell(burn.short_s)}"
            pace = f"at {figure(burn.long, '{:.3g}')} times the pace that it allows, over {spans}"
            told = f"{burn.severity}: {line(one.name, limit=60)} burns its budget {pace}"
            prose(told, hang=2, style="bold red")
    for one in found:
        rates = [f"{spell(burn.long_s)} {figure(burn.long, '{:.3g}')}" for burn in one.burns]
        if any(burn.long is not None for burn in one.burns):
            prose(f"burn rate of {line(one.name, limit=60)}: {', '.join(rates)}", hang=2)
    for one in found:
        if one.why:
            word = one.verdict.value
            prose(f"{word}: {line(one.name, limit=60)}: {line(one.why)}", hang=2, style=_STYLES[word])
    looked.say_rest()


def _cells(one: ObjectiveStatus) -> tuple[str, ...]:
    from agentops_eval.operations import Indicator, status_json

    told = status_json(one)
    value, low, high, target = (told[name] for name in ("value", "low", "high", "target"))
    amounts = one.indicator in (Indicator.COST_PER_SUCCESS, Indicator.AGREEMENT)
    shown = figure if amounts else share
    limits = "?" if low is None else f"{shown(low)} to {shown(high)}"  # type: ignore[arg-type]
    cells = (one.verdict.value, shown(target), shown(value), limits)  # type: ignore[arg-type]
    return (*cells, str(one.events), share(one.budget_left))
