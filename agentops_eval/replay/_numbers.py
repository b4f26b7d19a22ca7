"""The numbers that people read: calls counted from 1, in the order in which they started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agentops_eval.domain import SHUT_ON_REPLAY, DrawRequest, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An event and the number of its call.

    ``number`` is 0 for readings of clock and entropy, and for what happened inside a body that does
    not run on replay; ``inside`` is the number of the call whose body that was, else 0.
    """

    event: Event
    number: int = 0
    inside: int = 0

    @property
    def name(self) -> str:
        """What messages call it: ``call 2``, or ``a call inside call 2``."""
        if self.number:
            return f"call {self.number}"
        kind = "reading" if isinstance(self.event.request, DrawRequest) else "call"
        return f"a {kind} inside call {self.inside}" if self.inside else f"a {kind}"


def numbered(events: Iterable[Event], *, first: int = 1) -> tuple[Numbered, ...]:
    """Count the calls among ``events``, beginning with ``first``.

    A cassette holds its events as they completed; what counts is how they started.
    """
    found: dict[int, Numbered] = {}
    number = first
    for event in sorted(events, key=lambda event: event.index):
        holder = None if event.parent is None else found.get(event.parent)
        inside = 0
        if holder is not None:
            inside = holder.inside or (holder.number if holder.event.seam in SHUT_ON_REPLAY else 0)
        counts = not inside and not isinstance(event.request, DrawRequest)
        found[event.index] = Numbered(event=event, number=number if counts else 0, inside=inside)
        number += counts
    return tuple(found.values())


def describe(call: Numbered) -> str:
    """One line for one call: its number, seam and boundary, and where in the run."""
    event = call.event
    inside = "" if event.span == "/" else f", in {event.span}"
    return f"{call.name}, {event.seam.value} {event.boundary}{inside}"
