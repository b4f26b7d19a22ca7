"""Execution indexes: the address of a call that stays the same from run to run.

A site is the path of callees from the run's root, each with its ordinal within its parent:
``/billing#0/refund#1`` is the second refund inside the first hand-off to billing. Tasks and threads of a
fan-out stand before it by their order of creation (``0.2:/get_order#0``). So a retry has a site of its own,
and a fault before a call does not move the sites behind it, unless it made calls of the same name.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from agentops_eval.domain import ANY_LANE, Call, Event


class Sites:
    """Gives each call of one run its site, in the order in which they come. Safe under threads."""

    __slots__ = ("_lock", "_seen")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}

    def site_of(self, call: Call | Event) -> str:
        """The site of this call, which must not have been asked for before."""
        base = f"{task_of(call.lane)}{call.span.rstrip('/')}/{call.boundary}"
        with self._lock:
            number = self._seen.get(base, 0)
            self._seen[base] = number + 1
        return f"{base}#{number}"


def task_of(lane: str) -> str:
    """The task or thread of a lane by order of creation alone, as sites begin; empty for the run's own."""
    if not lane or lane == ANY_LANE:
        return ""
    return ".".join(step.rpartition(":")[2] for step in lane.split(".")) + ":"


def sites_of(events: Iterable[Event]) -> tuple[str, ...]:
    """The sites of the events of a whole run, in their order."""
    sites = Sites()
    return tuple([sites.site_of(event) for event in events])
