"""``ops tiers``: how much an agent may do alone, by class of actions, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._levels import table
from agentops_eval.cli._ops_options import (
    Looked,
    effect_option,
    figure,
    looking,
    objectives_option,
    results_at_option,
    runs_options,
    share,
)
from agentops_eval.cli._output import json_option, line, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.harness.operating import Standing

_HEAD = ("declared", "now", "actions", "right", "at least", "to move up")


@click.command(short_help="Say how much an agent may do alone.")
@runs_options
@objectives_option
@effect_option
@results_at_option
@json_option
def tiers(
    paths: tuple[Path, ...], objectives: Path, effects: tuple[str, ...], as_json: bool, **given: Any
) -> int:
    """Say in which tier of autonomy each class of actions stands, by the runs in PATH...

    Each begins in the tier that the file of objectives gives it, else as manual. Harm that evidence shows
    keeps everything from moving up. Exit code 1 where a class has moved down, or there is no run.
    """
    from agentops_eval.harness.evidencing import noted_of_tiers
    from agentops_eval.harness.operating import actions_seen, harms_of, load_objectives, standings
    from agentops_eval.operations import tier_json

    promised = load_objectives(objectives)
    looked = looking(agent=promised.agent, effects=effects, **given)
    seen = actions_seen(looked.through(paths), looked.lens)
    unsafe = harms_of(Path.cwd(), looked.operations().agents)
    found = standings(seen, promised, unsafe=unsafe)
    looked.keep(lambda: noted_of_tiers(found, looked.operations()))
    if as_json:
        told = [
            {
                "action": one.action,
                "start": one.start.value,
                "declared": one.declared,
                **tier_json(one.now),
                "moves": [tier_json(move) for move in one.history[:-1]],
            }
            for one in found
        ]
        print_json({"agent": looked.agent or None, "unsafe": list(unsafe), "tiers": told, **looked.json()})
    else:
        _say(found, looked, unsafe)
    return int(not looked.runs or any(one.fell for one in found))


def _say(found: Sequence[Standing], looked: Looked, unsafe: Sequence[str]) -> None:
    fell = sum(one.fell for one in found)
    rose = sum(one.now.tier != one.start and not one.fell for one in found)
    classes = "1 class" if len(found) == 1 else f"{len(found)} classes"
    prose(f"{classes} of actions: {rose} moved up, {fell} down", style="bold red" if fell else "bold green")
    for harm in unsafe:
        prose(f"unsafe: {line(harm)}: nothing moves up until it is mended", hang=2, style="red")
    if found:
        table("class", _HEAD, [(line(one.action, limit=120), _cells(one)) for one in found])
        say()
    for one in found:
        for move in one.history[:-1]:
            prose(f"{line(one.action, limit=60)}: {move.before} to {move.tier}: {line(move.why)}", hang=2)
        prose(f"{line(one.action, limit=60)}: {line(one.now.why)}", hang=2, style="dim")
    looked.say_rest()


def _cells(one: Standing) -> tuple[str, ...]:
    now, told = one.now, one.now.measures
    needed = "?" if now.n_needed is None else str(now.n_needed)
    seen = (figure(told.get("actions"), "{:.0f}"), share(now.success.value), share(now.success.low))
    return (one.start.value if one.declared else "(manual)", now.tier.value, *seen, needed)
