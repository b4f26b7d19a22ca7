"""A minimal run for seam tests: an event log and, on replay, a list of events played by boundary."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from agentops_eval.domain import Call, Event, Failure, Label, Outcome, ReplayMiss, ValueReply
from agentops_eval.seams._clock import RealClock, VirtualClock
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._handler import Handler, Next, Steps
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._scope import Scope, enter, leave


class ListPlayer:
    """Serves recorded events by equal request, first come first served; misses otherwise."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = list(events)

    def handle(self, call: Call, next: Next) -> Steps:
        """Never calls next."""
        for position, event in enumerate(self._events):
            if event.request == call.request and event.outcome is not None:
                del self._events[position]
                outcome: Outcome = replace(event.outcome, label=Label.REPLAYED)
                if isinstance(outcome, (Failure, ValueReply)):  # a file holds no live objects
                    outcome = replace(outcome, native=None)
                return outcome
        raise ReplayMiss(f"no event for {call.boundary}", reason="not-recorded")
        yield next(call)


@contextmanager
def run(
    events: Sequence[Event] | None = None,
    *,
    handlers: tuple[Handler, ...] = (),
    approver: object = None,
    name: str = "agent",
) -> Generator[Scope]:
    """Record when ``events`` is None, else replay them; gives the scope, whose first handler logs."""
    clock = RealClock() if events is None else VirtualClock(1_700_000_000.0)
    log = EventLog(clock)
    stack: tuple[Handler, ...] = (log, *handlers)
    if events is not None:
        stack = (*stack, ListPlayer(events))
    scope = Scope(
        handlers=stack,
        clock=clock,
        entropy=Entropy(),
        name=name,
        replaying=events is not None,
        approver=approver,
    )
    entry = enter(scope)
    try:
        yield scope
    finally:
        log.seal()
        leave(entry)


def events_of(scope: Scope) -> tuple[Event, ...]:
    """What the scope's event log holds."""
    log = scope.handlers[0]
    assert isinstance(log, EventLog)
    return log.events
