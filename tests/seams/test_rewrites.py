"""Bodies that stages hold up, end early or lengthen: in order, in virtual time, each stage told once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

import pytest

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    LiveBody,
    Rewrite,
    Seam,
    StreamEnd,
)
from agentops_eval.seams import EventLog, VirtualClock, new_virtual_loop
from agentops_eval.seams._body import play, play_async
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._scope import Scope
from tests.seams._played import entered

CALL = Call(seam=Seam.HTTP, boundary="GET http://x/", request=HttpRequest(method="GET", url="http://x/"))
CUT = StreamEnd(kind=EndKind.CUT, failure=Failure(kind="ValueError", module="builtins", message="cut"))


class Watch(Rewrite):
    """Notes what passes, when, and how it ended."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self.seen: list[tuple[bytes, float]] = []
        self.ends: list[EndKind] = []

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        self.seen.append((chunk.data, self._clock.elapsed_s()))
        return (chunk,)

    def finish(self, end: StreamEnd) -> StreamEnd:
        self.ends.append(end.kind)
        return end


class Slow(Rewrite):
    """Holds each chunk up, and gives one more at the end."""

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        return (Chunk(chunk.data, chunk.at_s, 5.0),)

    def rest(self, end: StreamEnd) -> Iterable[Chunk]:
        return (Chunk(b"more", 0.0, 7.0),)


class Short(Rewrite):
    """Ends the body at its second chunk."""

    def __init__(self, end: StreamEnd) -> None:
        super().__init__()
        self._end, self._count = end, 0

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        self._count += 1
        if self._count == 2:
            self.over = self._end
        return (chunk,)


def scope() -> Scope:
    """A run in virtual time."""
    clock = VirtualClock(0.0)
    return Scope(handlers=(EventLog(clock),), clock=clock, entropy=Entropy(seed=0))


def clock_of(run: Scope) -> VirtualClock:
    """Its clock."""
    assert isinstance(run.clock, VirtualClock)
    return run.clock


def body(live: bool, pieces: Iterator[bytes] | None = None) -> KeptBody | LiveBody:
    """Three chunks, known or on the wire."""
    data = (b"a", b"b", b"c")
    return LiveBody(handle=pieces or iter(data)) if live else KeptBody(chunks=tuple(map(Chunk, data)))


def played(run: Scope, reply: HttpReply) -> list[bytes]:
    """What a synchronous caller gets."""
    with entered(run):
        return list(play(reply, CALL, run, fail=_failure, revive=_raise))


def _failure(error: BaseException) -> Failure:
    return Failure(kind=type(error).__name__, module="builtins", message=str(error))


def _raise(failure: Failure) -> BaseException:
    return ValueError(failure.message)


@pytest.mark.parametrize("live", [False, True])
def test_time_passes_between_two_stages(live: bool) -> None:
    """A chunk that is held up reaches the next stage after its time, and so does the end of the body."""
    run = scope()
    before, behind = Watch(clock_of(run)), Watch(clock_of(run))
    reply = HttpReply(status=200, body=body(live), stages=(before, Slow(), behind))
    assert played(run, reply) == [b"a", b"b", b"c", b"more"]
    assert [at for _, at in before.seen] == [0, 5, 10]
    assert [at for _, at in behind.seen] == [5, 10, 15, 22]
    assert before.ends == behind.ends == [EndKind.EOF]


@pytest.mark.parametrize("live", [False, True])
def test_a_stage_ends_the_body_for_all(live: bool) -> None:
    """Behind the end that a stage sets nothing is read; the stages before it see a body that was closed."""
    run = scope()
    before, behind = Watch(clock_of(run)), Watch(clock_of(run))
    read: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"a", b"b", b"c"):
            read.append(piece)
            yield piece

    reply = HttpReply(status=200, body=body(live, pieces()), stages=(before, Short(StreamEnd()), behind))
    assert played(run, reply) == [b"a", b"b"]
    assert (before.ends, behind.ends) == ([EndKind.CLOSED], [EndKind.EOF])
    assert read in ([], [b"a", b"b"])


@pytest.mark.parametrize("live", [False, True])
def test_a_cut_is_raised_behind_what_came(live: bool) -> None:
    """The caller gets the chunks before a cut and then its failure, once; after that nothing."""
    run = scope()
    behind = Watch(clock_of(run))
    reply = HttpReply(status=200, body=body(live), stages=(Short(CUT), behind))
    with entered(run):
        chunks = play(reply, CALL, run, fail=_failure, revive=_raise)
        assert [next(chunks), next(chunks)] == [b"a", b"b"]
        with pytest.raises(ValueError, match="cut"):
            next(chunks)
        assert list(chunks) == []
    assert behind.ends == [EndKind.CUT]
    assert chunks.ended


def test_closing_while_something_is_held_up_tells_each_stage_once() -> None:
    """A caller that closes early closes the body for every stage, and none is told a second time."""
    run = scope()
    before, behind = Watch(clock_of(run)), Watch(clock_of(run))
    reply = HttpReply(status=200, body=body(live=False), stages=(before, Slow(), behind))
    with entered(run):
        chunks = play(reply, CALL, run, fail=_failure, revive=_raise)
        assert next(chunks) == b"a"
        chunks.close()
        chunks.close()
    assert before.ends == behind.ends == [EndKind.CLOSED]


def test_an_asynchronous_caller_may_be_cancelled_while_it_waits() -> None:
    """A time limit of the caller ends a chunk that is held up; the body is closed by that."""
    run = scope()
    behind = Watch(clock_of(run))

    async def pieces() -> object:
        for piece in (b"a", b"b"):
            yield piece

    async def main() -> tuple[list[bytes], float]:
        got: list[bytes] = []
        reply = HttpReply(status=200, body=LiveBody(handle=pieces()), stages=(Slow(), behind))
        chunks = play_async(reply, CALL, run, fail=_failure, revive=_raise)
        try:
            async with asyncio.timeout(8):
                async for chunk in chunks:
                    got.append(chunk)
        except TimeoutError:
            await chunks.release()
        return got, run.clock.elapsed_s()

    with entered(run), asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        got, elapsed_s = runner.run(main())
    assert got == [b"a"]
    assert elapsed_s == pytest.approx(8, abs=0.01)
    assert behind.ends == [EndKind.CLOSED]


def test_the_time_of_a_chunk_is_not_kept() -> None:
    """How long a stage holds a chunk up is no part of what the chunk is."""
    assert Chunk(b"a", 1.0, 5.0) == Chunk(b"a", 1.0)
