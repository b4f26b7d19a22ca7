"""``Retry-After``: who was told to wait, and did not."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.chaos.conformance._reading import asked
from agentops_eval.domain import Event, HttpReply, header

_ALIKE_S = 1e-3


def told_to_wait_s(event: Event) -> float | None:
    """The seconds that a reply asks to wait; None where it asks nothing, or gives a date."""
    outcome = event.outcome
    if not isinstance(outcome, HttpReply):
        return None
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(float(header(outcome.headers, name)) * scale, 0.0)
        except ValueError:
            continue
    return None


def broken_promises(events: Sequence[Event], callee: str) -> tuple[str, ...]:
    """The retries of a callee that came before the moment that they were told, in words."""
    mine = [one for one in events if one.boundary == callee]
    found: list[str] = []
    for place, one in enumerate(mine):
        wait_s = told_to_wait_s(one)
        again = next((two for two in mine[place + 1 :] if asked(two) == asked(one)), None)
        if wait_s is None or again is None:
            continue
        waited_s = again.started_s - one.ended_s
        if waited_s < wait_s - _ALIKE_S:
            found.append(f"{callee} asked to wait {wait_s:g} s, and was called again after {waited_s:.3g} s")
    return tuple(found)
