"""The event log: the outermost handler, which numbers every call and keeps its outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Event,
    HttpReply,
    KeptBody,
    Label,
    LiveBody,
    Outcome,
    StreamEnd,
)
from agentops_eval.seams._clock import Clock
from agentops_eval.seams._handler import Next, Steps
from agentops_eval.seams._scope import PARENT

PATIENCE_S = 30.0
"""How long the end of a run waits for a thread that is writing its last event."""


class EventLog:
    """Keeps the events of one run, in the order in which their calls started.

    A call is registered when it starts and completed when its outcome is known, for a streamed
    body when its last chunk has passed. ``on_complete`` is called once per completed event, under
    no lock. Safe under threads.
    """

    def __init__(self, clock: Clock, *, on_complete: Callable[[Event], None] | None = None) -> None:
        self._clock = clock
        self._on_complete = on_complete
        self._lock = threading.Lock()
        self._kept = threading.Condition(self._lock)
        self._keeping = 0
        self._events: list[Event | _Begun] = []
        self._open: dict[int, _Tee | None] = {}
        self._sealed = False

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far; those still open have the outcome None."""
        with self._lock:
            return tuple(
                [
                    one if isinstance(one, Event) else one.event(index, None, one.started_s)
                    for index, one in enumerate(self._events)
                ]
            )

    def handle(self, call: Call, next: Next) -> Steps:
        """Register the call, pass it on, keep what came back."""
        index = self._start(call)
        try:
            outcome = yield next(_numbered(call, index))
        except BaseException:
            self._complete(index, None)
            raise
        assert outcome is not None
        if isinstance(outcome, HttpReply) and (isinstance(outcome.body, LiveBody) or outcome.stages):
            tee = _Tee(self, index, outcome, self._clock.elapsed_s())
            with self._lock:
                self._open[index] = tee
            return replace(outcome, stages=(*outcome.stages, tee))
        self._complete(index, outcome)
        return outcome

    def seal(self) -> None:
        """End the log: a body still open is kept as far as the caller has read it.

        Returns when other threads are done with what they were about to keep.
        """
        with self._lock:
            pending = list(self._open.items())
        for index, tee in pending:
            if tee is None:
                self._complete(index, None)
            else:  # it ended for its caller with the last chunk that was read, not only now
                self._complete(index, tee.kept(StreamEnd(kind=EndKind.CLOSED)), ended_s=tee.last_s)
        with self._kept:
            self._sealed = True
            self._kept.wait_for(lambda: not self._keeping, timeout=PATIENCE_S)

    def _start(self, call: Call) -> int:
        started_s = self._clock.elapsed_s()
        with self._lock:
            index = len(self._events)
            self._open[index] = None
            self._events.append(_Begun(call, PARENT.get(), started_s))
            return index

    def _complete(self, index: int, outcome: Outcome | None, *, ended_s: float | None = None) -> None:
        ended_s = self._clock.elapsed_s() if ended_s is None else ended_s
        with self._lock:
            if self._sealed or self._open.pop(index, _DONE) is _DONE:
                return
            begun = self._events[index]
            assert isinstance(begun, _Begun)
            event = self._events[index] = begun.event(index, outcome, ended_s)
            if self._on_complete is None:
                return
            self._keeping += 1
        try:
            self._on_complete(event)
        finally:
            with self._kept:
                self._keeping -= 1
                self._kept.notify_all()


class _Begun:
    """A call whose outcome is not known yet. Its event is made once, for that is paid by every call."""

    __slots__ = ("call", "parent", "started_s")

    def __init__(self, call: Call, parent: int | None, started_s: float) -> None:
        self.call = call
        self.parent = parent
        self.started_s = started_s

    def event(self, index: int, outcome: Outcome | None, ended_s: float) -> Event:
        """The event with this outcome; None while there is none."""
        call = self.call
        return Event(
            index=index,
            seam=call.seam,
            boundary=call.boundary,
            request=call.request,
            outcome=outcome,
            span=call.span,
            parent=self.parent,
            label=Label.LIVE if outcome is None else outcome.label,
            started_s=self.started_s,
            ended_s=ended_s,
            site=call.site,
            lane=call.lane,
        )


class _Done:
    """Marks an event that is no longer open."""


_DONE = _Done()


class _Tee:
    """The stage that keeps a body's chunks on their way to the caller."""

    def __init__(self, log: EventLog, index: int, reply: HttpReply, now_s: float) -> None:
        self._log = log
        self._began_s = log._events[index].started_s
        self._head_s = now_s
        self._index = index
        self._reply = reply
        self._chunks: list[Chunk] = []

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        self._chunks.append(chunk)
        return (chunk,)

    def finish(self, end: StreamEnd) -> StreamEnd:
        self._log._complete(self._index, self.kept(end))
        return end

    @property
    def last_s(self) -> float:
        """When the head of the reply or its last chunk arrived."""
        last = self._chunks[-1].at_s if self._chunks else 0.0
        return max(self._head_s, self._began_s + last)

    def kept(self, end: StreamEnd) -> HttpReply:
        body = KeptBody(chunks=tuple(self._chunks), end=end)
        return replace(self._reply, body=body, stages=())


def _numbered(call: Call, index: int) -> Call:
    """Written out, as is the event above: ``replace`` costs twice as much, on every call."""
    return Call(
        seam=call.seam,
        boundary=call.boundary,
        request=call.request,
        span=call.span,
        lane=call.lane,
        index=index,
        site=call.site,
        patience=call.patience,
    )
