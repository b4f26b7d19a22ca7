"""What a process that runs an agent tells the one that started it: frames through a pipe, each one whole."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from agentops_eval.chaos import Carried
from agentops_eval.domain import (
    Call,
    Event,
    Failure,
    FaultedRun,
    HttpReply,
    KeptBody,
    LiveBody,
    Outcome,
    Schedule,
    ValueReply,
)
from agentops_eval.harness.faulting._load import SubjectOrder

_HEAD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeOrder:
    """One life of an agent in a process of its own: what is run, and what was before it.

    ``before`` are the events of earlier lives, ``carried`` what their faults knew, ``elapsed_s`` how long
    they took.
    """

    order: SubjectOrder
    schedule: Schedule
    life: int = 0
    before: tuple[Event, ...] = ()
    carried: Carried | None = None
    elapsed_s: float = 0.0
    skew_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A call left the agent."""

    call: Call
    parent: int | None
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Its answer came."""

    index: int
    outcome: Outcome
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The life ended: by itself, or with ``resume`` by a fault that lets it be started again so often."""

    run: FaultedRun
    resume: int | None = None
    carried: Carried = field(default_factory=Carried)
    skew_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The agent could not be run at all."""

    error: Exception


Frame = Begun | Done | Over | Refused


class FrameWriter:
    """The end of the pipe that the agent's process holds. Safe under threads; nothing is buffered."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Write one frame. It is out of this process when this returns.

        Where nobody listens any more this process ends: an agent that acts on unwatched would do harm.
        """
        data = pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL)
        with self._lock:
            try:
                _write(self._descriptor, len(data).to_bytes(_HEAD, "big") + data)
            except BrokenPipeError:
                os._exit(1)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class FrameReader:
    """Puts frames together from the bytes that came. A frame that was cut off by the end is left out."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole by now."""
        self._data += data
        while len(self._data) >= _HEAD:
            end = _HEAD + int.from_bytes(self._data[:_HEAD], "big")
            if len(self._data) < end:
                return
            whole = bytes(self._data[_HEAD:end])
            del self._data[:end]
            frame: Frame = pickle.loads(whole)  # noqa: S301  # from a process that we started, by our own pipe
            yield frame


def plain(outcome: Outcome | None) -> Outcome | None:
    """The outcome without what only its own process can hold."""
    if isinstance(outcome, HttpReply):
        body = KeptBody() if isinstance(outcome.body, LiveBody) else _plain_body(outcome.body)
        return replace(outcome, body=body, stages=())
    if isinstance(outcome, (ValueReply, Failure)):
        return replace(outcome, native=None)
    return outcome


def _plain_body(body: KeptBody) -> KeptBody:
    failure = body.end.failure
    if failure is None or failure.native is None:
        return body
    return replace(body, end=replace(body.end, failure=replace(failure, native=None)))


def plain_event(event: Event) -> Event:
    """The event without what only its own process can hold."""
    return replace(event, outcome=plain(event.outcome))
