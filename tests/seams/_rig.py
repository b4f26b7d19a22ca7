"""A minimal run for seam tests: an event log and, on replay, a list of events played by boundary."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from agentops_eval.domain import Event
from agentops_eval.seams import Approver
from agentops_eval.seams._clock import RealClock, VirtualClock
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._handler import Handler
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._scope import Scope
from tests.seams._played import Playback, entered


@contextmanager
def run(
    events: Sequence[Event] | None = None,
    *,
    handlers: tuple[Handler, ...] = (),
    approver: Approver | None = None,
    name: str = "agent",
) -> Generator[Scope]:
    """Record when ``events`` is None, else replay them; gives the scope, whose first handler logs."""
    clock = RealClock() if events is None else VirtualClock(1_700_000_000.0)
    player = () if events is None else (Playback(events),)
    scope = Scope(
        handlers=(EventLog(clock), *handlers, *player),
        clock=clock,
        entropy=Entropy(),
        name=name,
        replaying=events is not None,
        approver=approver,
    )
    with entered(scope):
        yield scope
