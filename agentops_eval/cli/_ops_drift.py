"""``ops drift``: whether quality, cost or latency moved, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._filters import time
from agentops_eval.cli._levels import table
from agentops_eval.cli._ops_options import (
    Looked,
    agent_option,
    figure,
    looking,
    results_at_option,
)
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say
from agentops_eval.cli._prices import prices_option
from agentops_eval.domain import moment_text

if TYPE_CHECKING:
    from agentops_eval.domain import Drift, RunFacts

_PATH = click.Path(path_type=Path)
_HEAD = ("verdict", "before", "after", "change", "95% limits", "allowed")
_STYLES = {"pass": "green", "fail": "red", "unknown": "yellow"}
_DAY_S = 86_400


@click.command(short_help="Say whether quality, cost or latency moved.")
@click.argument("paths", metavar="[PATH]...", type=_PATH, nargs=-1)
@click.option("--baseline", type=_PATH, multiple=True, metavar="PATH", help="Runs before. May be repeated.")
@click.option("--candidate", type=_PATH, multiple=True, metavar="PATH", help="Runs after. May be repeated.")
@click.option(
    "--since", type=time, metavar="TIME", help="Runs of PATH... that began then or later are after."
)
@agent_option
@prices_option
@results_at_option
@json_option
def drift(
    paths: tuple[Path, ...],
    baseline: tuple[Path, ...],
    candidate: tuple[Path, ...],
    since: datetime | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Compare two periods: runs of PATH... before and after --since, or --baseline and --candidate.

    And name the days on which a daily mean changed its level. Exit code 1 unless every measure is known to
    have stayed within its tolerance.
    """
    from agentops_eval.harness.evidencing import noted_of_drift
    from agentops_eval.operations import drift_between, drift_json

    _check(paths, baseline, candidate, since)
    looked = looking(**given)
    before, after = _periods(looked, paths, baseline, candidate, since)
    found = drift_between(before, after)
    days = len({int(run.at_s // _DAY_S) for run in (*before, *after)})
    looked.keep(lambda: noted_of_drift(found, looked.operations(), periods=days))
    if as_json:
        told = {"since": None if since is None else moment_text(since), "days": days}
        counts = {"before": len(before), "after": len(after)}
        print_json({**told, **counts, "measures": [drift_json(one) for one in found], **looked.json()})
    else:
        _say(found, looked, f"{len(before)} before, {len(after)} after, {many(days, 'day')}")
    return int(any(one.verdict.value != "pass" for one in found))


def _check(
    paths: Sequence[Path], baseline: Sequence[Path], candidate: Sequence[Path], since: datetime | None
) -> None:
    """Refuse what is neither of the two ways to tell periods apart."""
    split = bool(paths) and since is not None and not (baseline or candidate)
    apart = bool(baseline and candidate) and not paths and since is None
    if not (split or apart):
        raise Misused(
            "two periods are needed",
            remedy="agentops-eval ops drift PATH... --since TIME, or --baseline PATH --candidate PATH",
        )


def _periods(
    looked: Looked,
    paths: Sequence[Path],
    baseline: Sequence[Path],
    candidate: Sequence[Path],
    since: datetime | None,
) -> tuple[list[RunFacts], list[RunFacts]]:
    if since is None:
        before, after = (looked.lens.facts(looked.through(files)) for files in (baseline, candidate))
        return before, after
    split_s, runs = since.timestamp(), looked.lens.facts(looked.through(paths))
    return [run for run in runs if run.at_s < split_s], [run for run in runs if run.at_s >= split_s]


def _say(found: Sequence[Drift], looked: Looked, of: str) -> None:
    moved = [one.measure for one in found if one.verdict.value == "fail"]
    unsure = [one.measure for one in found if one.verdict.value == "unknown"]
    told = f"drift of {', '.join(moved)}" if moved else "no drift was shown"
    told += f"; unknown of {', '.join(unsure)}" if unsure else ""
    style = "bold red" if moved else "bold yellow" if unsure else "bold green"
    prose(f"{told} ({of})", hang=2, style=style)
    table("measure", _HEAD, [(one.measure, _cells(one)) for one in found])
    say()
    for one in found:
        if one.why:
            prose(
                f"{one.verdict.value}: {one.measure}: {line(one.why)}",
                hang=2,
                style=_STYLES[one.verdict.value],
            )
        for point in one.points:
            level = f"{figure(point.before)} to {figure(point.after)}"
            prose(f"{point.label}: {one.measure} changed from {level} (p {point.p_value:.3g})", hang=2)
    looked.say_rest()


def _cells(one: Drift) -> tuple[str, ...]:
    change = one.change
    limits = "?" if change.low is None else f"{change.low:+.2g} to {figure(change.high, '{:+.2g}')}"
    levels = (figure(one.before, "{:.3g}"), figure(one.after, "{:.3g}"))
    known = (*levels, figure(change.value, "{:+.2g}"), limits)
    return (one.verdict.value, *known, figure(one.tolerance or None, "{:.3g}"))
