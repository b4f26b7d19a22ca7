"""``ops incidents``: what went wrong in each run that failed, as far as rules can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._ops_options import Looked, looking, runs_options
from agentops_eval.cli._output import fit, json_option, line, many, print_json, prose, say
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness.operating import Happened

_SHOWN, _KEPT, _ID = 20, 10_000, 12
_LAW = (
    "an agent is named from a confidence of 0.5 on: below it rules were no better than blaming "
    "whoever speaks most"
)


@click.command(short_help="Say what went wrong in runs that failed.")
@runs_options
@click.option(
    "--budget-usd",
    type=click.FloatRange(min=0, min_open=True),
    metavar="USD",
    help="A run may cost so much; the step that crosses it is a suspect.",
)
@click.option("--all", "everything", is_flag=True, help="Show every incident.")
@json_option
def incidents(
    paths: tuple[Path, ...], budget_usd: float | None, everything: bool, as_json: bool, **given: Any
) -> int:
    """Sort the runs in PATH... that did not succeed into classes, by rules.

    Class, failure mode of MAST, agent, step, reason and confidence of each, and totals. What rules cannot
    tell is unknown, and no agent is named where they were not shown to know it better than a guess.
    Exit code 1 where there is no run.
    """
    from agentops_eval.harness.evidencing import noted_of_incidents
    from agentops_eval.operations import incident_json

    looked = looking(**given)
    told = (looked.lens.happened(one, budget_usd=budget_usd) for one in looked.through(paths))
    found = [one for one in told if one is not None]
    looked.keep(lambda: noted_of_incidents([one.incident for one in found], looked.operations()))
    kinds, modes = _totals(found)
    if as_json:
        listed = [{"trace_id": one.trace, **incident_json(one.incident)} for one in found[:_KEPT]]
        totals: dict[str, Json] = {"failures": len(found), "kinds": kinds, "mast": modes}
        print_json({**totals, "incidents": listed, **looked.json()})
    else:
        _say(found, looked, kinds, modes, everything=everything)
    return 0 if looked.runs else 1


def _totals(found: Sequence[Happened]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How often each class and each mode of MAST, the most frequent first."""
    kinds = Counter(one.incident.kind.value for one in found)
    modes = Counter(mode for one in found for mode in one.incident.mast)
    return dict(kinds.most_common()), dict(modes.most_common())


def _say(
    found: Sequence[Happened],
    looked: Looked,
    kinds: Mapping[str, int],
    modes: Mapping[str, int],
    *,
    everything: bool,
) -> None:
    prose(f"{len(found)} of {many(looked.runs, 'run')} did not succeed", style="bold")
    for name, counts in (("class", kinds), ("MAST", modes)):
        if counts:
            prose(f"{name}: {', '.join(f'{count} {kind}' for kind, count in counts.items())}", hang=2)
    shown = found if everything else found[:_SHOWN]
    for one in shown:
        say()
        prose(_head(one), hang=2)
        prose(f"  {line(one.incident.reason)}", hang=2, style="dim")
    say()
    if len(found) > len(shown):
        say(f"and {len(found) - len(shown)} more, with --all", style="dim")
    if found:
        prose(_LAW, style="dim")
    looked.say_rest()


def _head(one: Happened) -> str:
    """Everything but the reason."""
    what = one.incident
    step = "unknown" if what.step is None else str(what.step + 1)
    agent = fit(line(what.agent), 24) or "unknown"
    mast = f", MAST {' '.join(what.mast)}" if what.mast else ""
    told = f"agent {agent}, step {step}, confidence {what.confidence:.2f}{mast}"
    return f"{line(one.trace[:_ID])}  {what.kind}: {told}"
