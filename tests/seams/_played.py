"""What the small runs of the seam tests share: events as a file gives them back, and their player."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace

from agentops_eval.domain import (
    Call,
    Event,
    Failure,
    HttpReply,
    KeptBody,
    Label,
    Outcome,
    ReplayMiss,
    ValueReply,
)
from agentops_eval.seams import EventLog, Next, Scope, Steps, current_scope, enter, leave


class Playback:
    """Serves each recorded outcome once; those of equal ``key`` are served in their order.

    What was not recorded reaches the world with ``fall_through``; else it is a miss, which the run
    remembers.
    """

    def __init__(
        self,
        events: Iterable[Event],
        *,
        key: Callable[[Call | Event], object] = lambda at: at.request,
        fall_through: bool = False,
    ) -> None:
        self._key, self._fall_through = key, fall_through
        self._lock = threading.Lock()
        self._left = [(key(e), from_file(e.outcome)) for e in events if e.outcome is not None]

    def handle(self, call: Call, next: Next) -> Steps:
        """Never calls next for what was recorded."""
        found = self._take(self._key(call))
        if found is not None:
            return replace(found, label=Label.REPLAYED)
        if not self._fall_through:
            miss = ReplayMiss(f"no event for {call.boundary}", reason="not-recorded")
            scope = current_scope()
            assert scope is not None
            scope.remember(miss)
            raise miss
        outcome = yield next(call)
        assert outcome is not None
        return outcome

    def _take(self, key: object) -> Outcome | None:
        with self._lock:
            for position, (known, outcome) in enumerate(self._left):
                if known == key:
                    del self._left[position]
                    return outcome
        return None


def from_file(outcome: Outcome) -> Outcome:
    """An outcome without the live objects of the process that recorded it."""
    if isinstance(outcome, (Failure, ValueReply)):
        return replace(outcome, native=None)
    assert isinstance(outcome, HttpReply)
    if not isinstance(outcome.body, KeptBody) or outcome.body.end.failure is None:
        return outcome
    end = replace(outcome.body.end, failure=replace(outcome.body.end.failure, native=None))
    return replace(outcome, body=replace(outcome.body, end=end))


@contextmanager
def entered(scope: Scope) -> Generator[Scope]:
    """Make it the current one, and seal its log at the end."""
    entry = enter(scope)
    try:
        yield scope
    finally:
        log_of(scope).seal()
        leave(entry)


def log_of(scope: Scope) -> EventLog:
    """The scope's event log."""
    log = scope.handlers[0]
    assert isinstance(log, EventLog)
    return log


def events_of(scope: Scope) -> tuple[Event, ...]:
    """What the scope's event log holds."""
    return log_of(scope).events
