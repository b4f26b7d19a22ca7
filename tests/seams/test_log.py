"""The event log numbers calls at their start, keeps outcomes, and keeps bodies as they pass."""

from __future__ import annotations

import pytest

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Event,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    LiveBody,
    ReplayMiss,
    Seam,
    StreamEnd,
)
from agentops_eval.seams._body import abandon, play
from agentops_eval.seams._clock import RealClock, VirtualClock
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._handler import drive
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._scope import Scope

CALL = Call(seam=Seam.HTTP, boundary="GET http://x/", request=HttpRequest(method="GET", url="http://x/"))


class WireError(Exception):
    """What a transport raises."""


def _fail(error: BaseException) -> Failure:
    return Failure(kind=type(error).__name__, module="wire", message=str(error), native=error)


def _revive(failure: Failure) -> BaseException:
    return WireError(failure.message)


def _scope(*, replaying: bool = False) -> tuple[Scope, EventLog, list[Event]]:
    completed: list[Event] = []
    log = EventLog(RealClock(), on_complete=completed.append)
    return (
        Scope(handlers=(log,), clock=RealClock(), entropy=Entropy(), replaying=replaying),
        log,
        completed,
    )


def _send(scope: Scope, reply: HttpReply) -> HttpReply:
    outcome = drive(scope.handlers, CALL, lambda _: reply, scope.clock.sleep)
    assert isinstance(outcome, HttpReply)
    return outcome


def _pieces(*pieces: bytes, error: Exception | None = None):
    yield from pieces
    if error is not None:
        raise error


def test_streamed_body_is_kept_chunk_by_chunk() -> None:
    """Chunks reach the caller as they come, and the event completes with the last one."""
    scope, log, completed = _scope()
    reply = _send(scope, HttpReply(status=200, body=LiveBody(handle=_pieces(b"a", b"bc"))))
    chunks = play(reply, CALL, scope, fail=_fail, revive=_revive)
    assert next(chunks) == b"a"
    assert completed == []
    assert list(chunks) == [b"bc"]
    (event,) = completed
    assert isinstance(event.outcome, HttpReply)
    assert isinstance(event.outcome.body, KeptBody)
    assert [chunk.data for chunk in event.outcome.body.chunks] == [b"a", b"bc"]
    assert event.outcome.body.end == StreamEnd(kind=EndKind.EOF)
    assert log.events == (event,)


def test_cut_stream_keeps_the_failure_and_raises_it() -> None:
    """What the wire raised at chunk k is kept, and reaches the caller unchanged."""
    scope, _, completed = _scope()
    error = WireError("cut")
    reply = _send(scope, HttpReply(status=200, body=LiveBody(handle=_pieces(b"a", error=error))))
    with pytest.raises(WireError) as caught:
        list(play(reply, CALL, scope, fail=_fail, revive=_revive))
    assert caught.value is error
    body = completed[0].outcome.body  # type: ignore[union-attr]
    assert body.end.kind is EndKind.CUT
    assert body.end.failure == Failure(kind="WireError", module="wire", message="cut")


def test_early_close_is_the_callers_act() -> None:
    """A caller that stops reading closes the body; nothing of it counts as a failure."""
    scope, _, completed = _scope()
    reply = _send(scope, HttpReply(status=200, body=LiveBody(handle=_pieces(b"a", b"b"))))
    chunks = play(reply, CALL, scope, fail=_fail, revive=_revive)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert completed[0].outcome.body.end == StreamEnd(kind=EndKind.CLOSED)  # type: ignore[union-attr]


def test_unread_body_completes_when_abandoned() -> None:
    """A response that is closed without reading is an event with an empty, closed body."""
    scope, _, completed = _scope()
    abandon(_send(scope, HttpReply(status=204, body=LiveBody(handle=_pieces()))))
    assert completed[0].outcome.body == KeptBody(end=StreamEnd(kind=EndKind.CLOSED))  # type: ignore[union-attr]


def test_sealing_keeps_an_open_body_as_far_as_it_was_read() -> None:
    """A stream that outlives its run is kept up to the end of the run, and not beyond."""
    scope, log, completed = _scope()
    reply = _send(scope, HttpReply(status=200, body=LiveBody(handle=_pieces(b"a", b"b"))))
    chunks = play(reply, CALL, scope, fail=_fail, revive=_revive)
    next(chunks)
    log.seal()
    assert list(chunks) == [b"b"]
    (event,) = completed
    assert event.outcome.body.data == b"a"  # type: ignore[union-attr]
    assert event.outcome.body.end == StreamEnd(kind=EndKind.CLOSED)  # type: ignore[union-attr]


def test_a_call_after_the_end_is_not_written() -> None:
    """What a task that outlives its run still asks for is no part of the recording."""
    scope, log, completed = _scope()
    log.seal()
    _send(scope, HttpReply(status=200, body=KeptBody(chunks=(Chunk(b"a"),))))
    assert completed == []


class _Upper:
    """A stage that changes what passes."""

    def feed(self, chunk: Chunk) -> tuple[Chunk, ...]:
        return (Chunk(chunk.data.upper()),)

    def finish(self, end: StreamEnd) -> StreamEnd:
        return end


@pytest.mark.parametrize("live", [True, False])
def test_a_body_is_kept_as_its_caller_saw_it(live: bool) -> None:
    """The log is the outermost handler: it keeps what the stages of inner ones have made of a body."""
    scope, _, completed = _scope()
    body = LiveBody(handle=_pieces(b"a")) if live else KeptBody(chunks=(Chunk(b"a"),))
    reply = _send(scope, HttpReply(status=200, body=body, stages=(_Upper(),)))
    assert list(play(reply, CALL, scope, fail=_fail, revive=_revive)) == [b"A"]
    assert completed[0].outcome.stages == ()  # type: ignore[union-attr]
    assert completed[0].outcome.body.data == b"A"  # type: ignore[union-attr]


def test_reading_past_a_closed_recording_is_a_miss() -> None:
    """A replayed caller that reads on where the recorded one stopped must not see a clean end."""
    scope, _, _ = _scope(replaying=True)
    body = KeptBody(chunks=(Chunk(b"a"),), end=StreamEnd(kind=EndKind.CLOSED))
    chunks = play(HttpReply(status=200, body=body), CALL, scope, fail=_fail, revive=_revive)
    assert next(chunks) == b"a"
    with pytest.raises(ReplayMiss, match="ends here"):
        next(chunks)
    assert len(scope.problems) == 1


def test_pace_plays_recorded_offsets_on_the_clock() -> None:
    """Offsets are waited for on the run's clock, scaled by the pace."""
    clock = VirtualClock(0.0)
    scope = Scope(handlers=(), clock=clock, entropy=Entropy())
    body = KeptBody(chunks=(Chunk(b"a", 1.0), Chunk(b"b", 3.0)))
    arrivals = []
    for _ in play(HttpReply(status=200, body=body, pace=0.5), CALL, scope, fail=_fail, revive=_revive):
        arrivals.append(clock.elapsed_s())
    assert arrivals == [0.5, 1.5]


def test_abandoned_call_stays_open() -> None:
    """A call whose caller was interrupted has no outcome, and says so."""
    scope, log, completed = _scope()

    def world(_: Call) -> HttpReply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(scope.handlers, CALL, world, scope.clock.sleep)
    assert log.events[0].outcome is None
    assert completed == [log.events[0]]
