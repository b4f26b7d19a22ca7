"""``Retry-After``: who was told to wait, and did not."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.chaos._retry_after import retry_after_s
from agentops_eval.chaos.conformance._reading import asked
from agentops_eval.domain import Event, HttpReply

_ALIKE_S = 1e-3


def broken_promises(events: Sequence[Event], callee: str) -> tuple[str, ...]:
    """The retries of a callee that came before the moment that they were told, in words."""
    mine = [one for one in events if one.boundary == callee]
    found: list[str] = []
    for place, one in enumerate(mine):
        wait_s = retry_after_s(one.outcome.headers) if isinstance(one.outcome, HttpReply) else None
        again = next((two for two in mine[place + 1 :] if asked(two) == asked(one)), None)
        if wait_s is None or again is None:
            continue
        waited_s = again.started_s - one.ended_s
        if waited_s < wait_s - _ALIKE_S:
            found.append(f"{callee} asked to wait {wait_s:g} s, and was called again after {waited_s:.3g} s")
    return tuple(found)
