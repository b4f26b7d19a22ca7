"""``chaos faults``: every kind of fault that there is, with its parameters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, print_json, prose, say
from agentops_eval.domain import FaultInvalid, Json, Seam, nearest

if TYPE_CHECKING:
    from agentops_eval.chaos import Kind

_SEAMS = tuple(seam.value for seam in Seam if seam is not Seam.ENTROPY)


@click.command(short_help="List the faults that there are.")
@click.argument("name", required=False)
@click.option("--seam", type=click.Choice(_SEAMS), help="Only those that can happen there.")
@json_option
def faults(name: str | None, seam: str | None, as_json: bool) -> None:
    """List every kind of fault: where it can happen, what it does, its parameters with their defaults.

    With NAME only that one, and the words that its parameters can be.
    """
    from agentops_eval.chaos import CATALOGUE

    if name is not None and name not in CATALOGUE:
        raise FaultInvalid(f"there is no fault {name!r}", remedy=nearest(name, CATALOGUE))
    shown = [
        one
        for one in CATALOGUE.values()
        if (name is None or one.name == name) and (seam is None or seam in one.seams)
    ]
    if as_json:
        print_json(_document(shown))
        return
    if name is None:
        _list(shown)
        return
    for one in shown:
        _tell(one)


def _document(kinds: Sequence[Kind]) -> Json:
    from agentops_eval.chaos import ATTACKS

    families: list[Json] = [
        {"family": one.id, "about": one.about, "risk": one.risk}
        for one in ATTACKS.values()
        if any("family" in kind.choices for kind in kinds)
    ]
    return {"faults": [_told(kind) for kind in kinds], "families": families}


def _told(kind: Kind) -> Json:
    parameters: dict[str, Json] = {}
    for name, default in kind.parameters.items():
        told: dict[str, Json] = {"default": default}
        if name in kind.choices:
            told["choices"] = list(kind.choices[name])
        parameters[name] = told
    return {
        "fault": kind.name,
        "seams": _seams(kind),
        "class": kind.fault_class.value,
        "parameters": parameters,
        "about": kind.about,
    }


def _seams(kind: Kind) -> list[str]:
    return [seam.value for seam in Seam if seam in kind.seams]


def _list(kinds: Sequence[Kind]) -> None:
    """One group for each set of seams, in the order of the catalogue."""
    groups: dict[str, list[Kind]] = {}
    for kind in kinds:
        groups.setdefault(", ".join(_seams(kind)), []).append(kind)
    width = max((len(kind.name) for kind in kinds), default=0)
    for seams, members in groups.items():
        say(seams, style="bold")
        for kind in members:
            prose(f"  {kind.name:<{width}}  {kind.fault_class.value:<11}  {_about(kind)}", hang=width + 17)
            if kind.parameters:
                prose(f"  {'':<{width}}  {'':<11}  {_defaults(kind)}", hang=width + 17, style="dim")
    say()
    say("agentops-eval chaos faults NAME tells more of one; docs/reference/faults.md of all.")


def _about(kind: Kind) -> str:
    return kind.about.replace("``", "")


def _defaults(kind: Kind) -> str:
    return ", ".join(f"{name}={json.dumps(value)}" for name, value in kind.parameters.items())


def _tell(kind: Kind) -> None:
    from agentops_eval.chaos import ATTACKS

    say(f"{kind.name}: {kind.fault_class.value}, at {', '.join(_seams(kind))}", style="bold")
    prose(f"  {_about(kind)}", hang=2)
    for name, value in kind.parameters.items():
        prose(f"  {name}={json.dumps(value)}", hang=4)
        words = kind.choices.get(name, ())
        for word in words:
            known = ATTACKS.get(word) if name == "family" else None
            prose(f"    {word}" + (f": {known.about} ({known.risk})" if known else ""), hang=6)
