"""The smallest recording and replaying runs: events in a list, matched by equal request."""

from __future__ import annotations

from contextlib import contextmanager
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
    Seam,
    StreamEnd,
)
from agentops_eval.seams._clock import RealClock
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._scope import Scope
from tests.seams._played import Playback, entered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_eval.seams._handler import Handler, Next, Steps


def _key(at: Call | Event) -> tuple[str, str, bytes]:
    assert isinstance(at.request, HttpRequest)
    return at.request.method, at.request.url, at.request.body


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
        player = () if events is None else (Playback(events, key=_key),)
        handlers = (self.log, *inner, *player)
        self.scope = Scope(handlers=handlers, clock=clock, entropy=Entropy(), replaying=events is not None)

    @property
    def events(self) -> tuple[Event, ...]:
        return self.log.events

    @property
    def http(self) -> list[Event]:
        return [event for event in self.events if event.seam is Seam.HTTP]


def kept(run: MemoryRun, number: int = 0) -> KeptBody:
    """The body of one of a run's replies."""
    outcome = run.http[number].outcome
    assert isinstance(outcome, HttpReply)
    assert isinstance(outcome.body, KeptBody)
    return outcome.body


@contextmanager
def recording(*inner: Handler) -> Iterator[MemoryRun]:
    """A run that lets everything out and keeps it, with more handlers behind its log."""
    run = MemoryRun(None, *inner)
    with entered(run.scope):
        yield run


@contextmanager
def replaying(events: Iterable[Event]) -> Iterator[MemoryRun]:
    """A run that answers from ``events`` only."""
    run = MemoryRun(events)
    with entered(run.scope):
        yield run
