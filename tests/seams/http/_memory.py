"""The smallest recording and replaying runs: events in a list, matched by equal request."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Event,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    Label,
    ReplayMiss,
    Seam,
    StreamEnd,
)
from agentops_eval.seams._clock import RealClock
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._scope import Scope, enter, leave

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_eval.seams._handler import Handler, Next, Steps


class MemoryPlayer:
    """Serves each recorded outcome once; a miss is remembered on the scope and raised."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.scope: Scope | None = None
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str, bytes], deque[Event]] = defaultdict(deque)
        for event in events:
            assert isinstance(event.request, HttpRequest)
            self._answers[_key(event.request)].append(event)

    def handle(self, call: Call, next: Next) -> Steps:
        assert isinstance(call.request, HttpRequest)
        with self._lock:
            waiting = self._answers[_key(call.request)]
            event = waiting.popleft() if waiting else None
        if event is None or event.outcome is None:
            miss = ReplayMiss(f"no recording of {call.boundary}", reason="not-recorded")
            assert self.scope is not None
            self.scope.remember(miss)
            raise miss
        outcome = event.outcome
        if isinstance(outcome, Failure):
            outcome = replace(outcome, native=None)
        elif isinstance(outcome, HttpReply):
            outcome = _without_natives(outcome)
        return replace(outcome, label=Label.REPLAYED)
        yield next(call)


def _without_natives(reply: HttpReply) -> HttpReply:
    """What a file would give back: exceptions as values only."""
    assert isinstance(reply.body, KeptBody)
    end = reply.body.end
    if end.failure is None:
        return reply
    end = replace(end, failure=replace(end.failure, native=None))
    return replace(reply, body=replace(reply.body, end=end))


def _key(request: HttpRequest) -> tuple[str, str, bytes]:
    return request.method, request.url, request.body


class Meddler:
    """A handler made of two functions: one for the call on its way out, one for the outcome."""

    def __init__(self, *, outwards=lambda call: call, inwards=lambda outcome: outcome) -> None:
        self._outwards, self._inwards = outwards, inwards

    def handle(self, call: Call, next: Next) -> Steps:
        outcome = yield next(self._outwards(call))
        return self._inwards(outcome)


class CutAfter:
    """A stage that lets ``count`` chunks pass and cuts the body there."""

    def __init__(self, count: int, failure: Failure) -> None:
        self._left, self._failure = count, failure

    def feed(self, chunk: Chunk) -> list[Chunk]:
        self._left -= 1
        return [chunk] if self._left >= 0 else []

    def finish(self, end: StreamEnd) -> StreamEnd:
        return StreamEnd(kind=EndKind.CUT, failure=self._failure)


class MemoryRun:
    """An open run: its scope, and the events so far."""

    def __init__(self, events: Iterable[Event] | None, *inner: Handler) -> None:
        clock = RealClock()
        self.log = EventLog(clock)
        player = None if events is None else MemoryPlayer(events)
        handlers = (self.log, *inner) if player is None else (self.log, *inner, player)
        self.scope = Scope(handlers=handlers, clock=clock, entropy=Entropy(), replaying=events is not None)
        if player is not None:
            player.scope = self.scope

    @property
    def events(self) -> tuple[Event, ...]:
        return self.log.events

    @property
    def http(self) -> list[Event]:
        return [event for event in self.events if event.seam is Seam.HTTP]


@contextmanager
def recording(*inner: Handler) -> Iterator[MemoryRun]:
    """A run that lets everything out and keeps it, with more handlers behind its log."""
    yield from _opened(MemoryRun(None, *inner))


@contextmanager
def replaying(events: Iterable[Event]) -> Iterator[MemoryRun]:
    """A run that answers from ``events`` only."""
    yield from _opened(MemoryRun(events))


def _opened(run: MemoryRun) -> Iterator[MemoryRun]:
    entry = enter(run.scope)
    try:
        yield run
    finally:
        run.log.seal()
        leave(entry)
