"""Playing a reply's body chunk by chunk: through its stages, at its pace, to its recorded end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Failure,
    HttpReply,
    KeptBody,
    ReplayMiss,
    Stage,
    StreamEnd,
)
from agentops_eval.seams._clock import Clock, async_sleep
from agentops_eval.seams._scope import Scope, suspended

Failer = Callable[[BaseException], Failure]
Raiser = Callable[[Failure], BaseException]


def play(reply: HttpReply, call: Call, scope: Scope, *, fail: Failer, revive: Raiser) -> Iterator[bytes]:
    """Yield the body's chunks to a synchronous caller; a cut raises the revived failure.

    Closing the iterator early counts as closed by the caller; so do cancellation and other
    BaseExceptions, which are the caller's acts and never failures of the world.
    """
    end = StreamEnd(kind=EndKind.CLOSED)
    try:
        try:
            for chunk in _source(reply, call, scope):
                for out in _feed(reply.stages, chunk):
                    if out.data:
                        yield out.data
        except Exception as error:
            end = StreamEnd(kind=EndKind.CUT, failure=fail(error))
        else:
            end = _source_end(reply)
    finally:
        end = _finish(reply.stages, end)
    _conclude(end, call, scope, revive)


async def play_async(
    reply: HttpReply, call: Call, scope: Scope, *, fail: Failer, revive: Raiser
) -> AsyncIterator[bytes]:
    """The same for asyncio callers."""
    end = StreamEnd(kind=EndKind.CLOSED)
    try:
        try:
            async for chunk in _source_async(reply, call, scope):
                for out in _feed(reply.stages, chunk):
                    if out.data:
                        yield out.data
        except Exception as error:
            end = StreamEnd(kind=EndKind.CUT, failure=fail(error))
        else:
            end = _source_end(reply)
    finally:
        end = _finish(reply.stages, end)
    _conclude(end, call, scope, revive)


def _source(reply: HttpReply, call: Call, scope: Scope) -> Iterator[Chunk]:
    if isinstance(reply.body, KeptBody):
        start_s = scope.clock.elapsed_s()
        for chunk in reply.body.chunks:
            if reply.pace:
                scope.clock.sleep(_wait_s(chunk, reply.pace, start_s, scope.clock))
            yield chunk
        return
    pieces = reply.body.handle
    assert isinstance(pieces, Iterator)
    start_s = scope.clock.elapsed_s()
    while True:
        with suspended():
            piece = next(pieces, None)
        if piece is None:
            return
        yield Chunk(piece, scope.clock.elapsed_s() - start_s)


async def _source_async(reply: HttpReply, call: Call, scope: Scope) -> AsyncIterator[Chunk]:
    if isinstance(reply.body, KeptBody):
        start_s = scope.clock.elapsed_s()
        for chunk in reply.body.chunks:
            if reply.pace:
                await async_sleep(_wait_s(chunk, reply.pace, start_s, scope.clock))
            yield chunk
        return
    pieces = reply.body.handle
    assert isinstance(pieces, AsyncIterator)
    start_s = scope.clock.elapsed_s()
    while True:
        with suspended():
            piece = await anext(pieces, None)
        if piece is None:
            return
        yield Chunk(piece, scope.clock.elapsed_s() - start_s)


def _wait_s(chunk: Chunk, pace: float, start_s: float, clock: Clock) -> float:
    return max(0.0, chunk.at_s * pace - (clock.elapsed_s() - start_s))


def _source_end(reply: HttpReply) -> StreamEnd:
    return reply.body.end if isinstance(reply.body, KeptBody) else StreamEnd()


def _feed(stages: tuple[Stage, ...], chunk: Chunk) -> Iterable[Chunk]:
    if not stages:
        return (chunk,)
    chunks: list[Chunk] = [chunk]
    for stage in stages:
        chunks = [out for one in chunks for out in stage.feed(one)]
    return chunks


def _finish(stages: tuple[Stage, ...], end: StreamEnd) -> StreamEnd:
    for stage in stages:
        end = stage.finish(end)
    return end


def _conclude(end: StreamEnd, call: Call, scope: Scope, revive: Raiser) -> None:
    """After the last chunk: return at a true end, raise where the world or the recording cut it."""
    if end.kind is EndKind.CUT and end.failure is not None:
        raise end.failure.native or revive(end.failure)
    if end.kind is EndKind.CLOSED and scope.replaying:
        miss = ReplayMiss(
            f"the recording of {call.boundary} ends here: when it was made, the caller closed the "
            "stream at this point, and now it reads on",
            reason="ends-here",
            where=call.site,
            remedy="record the run again with --agentops-record=all",
        )
        scope.remember(miss)
        raise miss


def abandon(reply: HttpReply) -> None:
    """The caller closed the reply without reading any of its body."""
    _finish(reply.stages, StreamEnd(kind=EndKind.CLOSED))
