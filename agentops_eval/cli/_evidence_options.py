"""What the commands of ``evidence`` share: which items are wanted, and how one is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._filters import named, time
from agentops_eval.domain import EVIDENCE_KINDS, OTHER_HARM, Harm, Json, to_json

if TYPE_CHECKING:
    from agentops_eval.harness.evidencing import KeptEvidence

F = TypeVar("F", bound=Callable[..., Any])
_HARMS = [harm.value for harm in Harm]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which items are wanted: those that fit every condition that is set, in any of its values."""

    agents: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    since: datetime | None = None

    def fits(self, kept: KeptEvidence) -> bool:
        """Whether an item is wanted; one that cannot be read is wanted where nothing is asked.

        Harm in which nobody is named is wanted of every agent, as it counts for every one.
        """
        from agentops_eval.harness.evidencing import UNNAMED, moment

        item = kept.evidence
        if item is None:
            return not (self.agents or self.kinds or self.harms or self.since)
        if self.harms and not {*self.harms} & {one if one in _HARMS else OTHER_HARM for one in item.harms}:
            return False
        agents = (*self.agents, "", UNNAMED) if self.harms else self.agents
        if (self.agents and item.agent not in agents) or (self.kinds and item.kind not in self.kinds):
            return False
        at = moment(item.at)
        return self.since is None or (at is not None and at >= self.since)


_OPTIONS = (
    click.option(
        "--agent",
        "agents",
        multiple=True,
        type=named,
        metavar="NAME",
        help="Only of this agent. May be repeated.",
    ),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice([*EVIDENCE_KINDS]),
        metavar="KIND",
        help="Only of this kind, such as chaos.check. May be repeated.",
    ),
    click.option(
        "--harm",
        "harms",
        multiple=True,
        type=click.Choice([*_HARMS, OTHER_HARM]),
        metavar="HARM",
        help="Only what shows this harm, such as duplicated-effect. May be repeated.",
    ),
    click.option("--since", type=time, metavar="TIME", help="Only what was shown then or later (ISO 8601)."),
)


def choosing(command: F) -> F:
    """Add the conditions; the command gets them as keywords of ``Wanted``."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


def item_json(kept: KeptEvidence) -> dict[str, Json]:
    """An item as the documented object; what is empty is left out."""
    told: dict[str, Json] = {}
    if kept.evidence is not None:
        fields = asdict(kept.evidence)
        fields["versions"] = _filled(fields["versions"])
        told = {name: to_json(value) for name, value in _filled(fields).items()}
    told |= {"digest": kept.digest, "place": kept.place, "counts": kept.counts}
    if kept.doubt is not None:
        told |= {"doubt": kept.doubt.value, "reason": kept.reason}
    return told


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", (), {})}
