"""Playing a reply's body chunk by chunk: through its stages, at its pace, to its recorded end.

Iterators that are no generators: a generator that nobody closed is finalised by the garbage
collector wherever that happens to run, in another task or below the lock of the event log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Failure,
    HttpReply,
    KeptBody,
    LiveBody,
    ReplayMiss,
    Stage,
    StreamEnd,
)
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._scope import Scope, suspended

Failer = Callable[[BaseException], Failure]
Raiser = Callable[[Failure], BaseException]

_CLOSED = StreamEnd(kind=EndKind.CLOSED)


def play(
    reply: HttpReply,
    call: Call,
    scope: Scope,
    *,
    fail: Failer,
    revive: Raiser,
    since_s: float | None = None,
) -> Playback:
    """The body's chunks for a synchronous caller; a cut raises the revived failure.

    Closing it early counts as closed by the caller; so do cancellation and other BaseExceptions,
    which are the caller's acts and never failures of the world. ``since_s`` is the time of the run
    at which the request was sent, by default now: chunks are dated and paced from there.
    """
    return Playback(reply, call, scope, fail, revive, since_s)


def play_async(
    reply: HttpReply,
    call: Call,
    scope: Scope,
    *,
    fail: Failer,
    revive: Raiser,
    since_s: float | None = None,
) -> AsyncPlayback:
    """The same for asyncio callers."""
    return AsyncPlayback(reply, call, scope, fail, revive, since_s)


class _Body:
    """What both kinds of caller share. A body is read by one reader, but anyone may close it."""

    __slots__ = (
        "_call",
        "_ended",
        "_fail",
        "_kept",
        "_plain",
        "_pulled",
        "_ready",
        "_reply",
        "_revive",
        "_scope",
        "_since_s",
        "_stages",
    )

    def __init__(
        self,
        reply: HttpReply,
        call: Call,
        scope: Scope,
        fail: Failer,
        revive: Raiser,
        since_s: float | None,
    ) -> None:
        self._plain = _plain_chunks(reply)
        if self._plain is not None:
            self._ended = True
            return
        self._ended = False
        self._reply, self._call, self._scope = reply, call, scope
        self._fail, self._revive = fail, revive
        self._since_s = scope.clock.elapsed_s() if since_s is None else since_s
        self._stages = reply.stages
        self._kept = iter(reply.body.chunks) if isinstance(reply.body, KeptBody) else None
        self._ready: deque[bytes] = deque()
        self._pulled = 0

    @property
    def ended(self) -> bool:
        """Whether the body came to an end or was closed, or nobody needs to know when it does."""
        return self._ended

    def close(self, *, promised: int | None = None) -> None:
        """End the body here, as its caller's act; later calls do nothing.

        A caller who took all the bytes that were ``promised`` has read to the end.
        """
        if self._ended:
            return
        whole = promised is not None and self._pulled >= promised
        self._finish(StreamEnd() if whole else _CLOSED)

    def _date(self, data: bytes) -> Chunk:
        return Chunk(data, self._scope.clock.elapsed_s() - self._since_s)

    def _wait_s(self, chunk: Chunk) -> float:
        return max(0.0, chunk.at_s * self._reply.pace - (self._scope.clock.elapsed_s() - self._since_s))

    def _accept(self, chunk: Chunk) -> None:
        """Pass a chunk through the stages; what comes out is ready for the caller."""
        self._pulled += len(chunk.data)
        if self._ended:  # closed by someone else meanwhile: the reader goes on with the bare wire
            self._ready.append(chunk.data)
            return
        chunks: tuple[Chunk, ...] | list[Chunk] = (chunk,)
        for stage in self._stages:
            chunks = [out for one in chunks for out in stage.feed(one)]
        for out in chunks:
            if out.data:
                self._ready.append(out.data)

    def _finish(self, end: StreamEnd) -> StreamEnd | None:
        """Tell the stages how the body ended, once; None where it had ended already."""
        with self._scope.lock:
            if self._ended:
                return None
            self._ended = True
        return _through(self._stages, end)

    def _stop(self, error: Exception | None = None) -> BaseException | None:
        """No chunk is left: what the caller gets to see, None at a true end.

        ``error`` is what the world raised instead of a chunk.
        """
        final = self._finish(
            self._source_end() if error is None else StreamEnd(kind=EndKind.CUT, failure=self._fail(error))
        )
        if final is None:  # closed by someone else meanwhile
            return error
        if final.kind is EndKind.CUT and final.failure is not None:
            return final.failure.native or self._revive(final.failure)
        return self._ends_here() if final.kind is EndKind.CLOSED else None

    def _source_end(self) -> StreamEnd:
        body = self._reply.body
        return body.end if isinstance(body, KeptBody) else StreamEnd()

    def _ends_here(self) -> ReplayMiss:
        miss = ReplayMiss(
            f"the recording of {self._call.boundary} ends here: when it was made, the caller closed the "
            "stream at this point, and now it reads on",
            reason="ends-here",
            where=self._call.site or call_site(),
            remedy="record the run again with --agentops-record=all",
        )
        self._scope.remember(miss)
        return miss


class Playback(_Body, Iterator[bytes]):
    """A body for a synchronous caller."""

    __slots__ = ()

    def __next__(self) -> bytes:
        if self._plain is not None:
            return next(self._plain)
        while not self._ready:
            if self._ended and self._kept is not None:
                raise StopIteration
            try:
                chunk = self._pull()
            except Exception as error:
                stop = self._stop(error) or StopIteration()
                raise stop from stop.__cause__
            except BaseException:
                self.close()
                raise
            if chunk is None:
                raise self._stop() or StopIteration()
            self._accept(chunk)
        return self._ready.popleft()

    def _pull(self) -> Chunk | None:
        if self._kept is not None:
            chunk = next(self._kept, None)
            if chunk is not None and self._reply.pace:
                self._scope.clock.sleep(self._wait_s(chunk))
            return chunk
        pieces = _live(self._reply)
        assert isinstance(pieces, Iterator)
        with suspended():
            piece = next(pieces, None)
        return None if piece is None else self._date(piece)


class AsyncPlayback(_Body, AsyncIterator[bytes]):
    """A body for an asynchronous caller."""

    __slots__ = ()

    async def __anext__(self) -> bytes:
        if self._plain is not None:
            for data in self._plain:
                return data
            raise StopAsyncIteration
        while not self._ready:
            if self._ended and self._kept is not None:
                raise StopAsyncIteration
            try:
                chunk = await self._pull()
            except Exception as error:
                stop = self._stop(error) or StopAsyncIteration()
                raise stop from stop.__cause__
            except BaseException:  # cancelled
                self.close()
                raise
            if chunk is None:
                raise self._stop() or StopAsyncIteration()
            self._accept(chunk)
        return self._ready.popleft()

    async def _pull(self) -> Chunk | None:
        if self._kept is not None:
            chunk = next(self._kept, None)
            if chunk is not None and self._reply.pace:
                await async_sleep(self._wait_s(chunk))
            return chunk
        pieces = _live(self._reply)
        assert isinstance(pieces, AsyncIterator)
        with suspended():
            piece = await anext(pieces, None)
        return None if piece is None else self._date(piece)

    async def release(self) -> None:
        """Let go of the wire's own generator, which would else be left to the event loop's hooks."""
        kept = self._plain is not None or self._kept is not None
        pieces = None if kept else _live(self._reply)
        if isinstance(pieces, AsyncGenerator) and not getattr(pieces, "ag_running", False):
            await pieces.aclose()


def _plain_chunks(reply: HttpReply) -> Iterator[bytes] | None:
    """The chunks of a body to which nothing can happen: all there, at once, and passing no stage.

    Most bodies of a replay are of this kind.
    """
    body = reply.body
    if reply.stages or reply.pace or not isinstance(body, KeptBody) or body.end.kind is not EndKind.EOF:
        return None
    return iter([chunk.data for chunk in body.chunks if chunk.data])


def _live(reply: HttpReply) -> object:
    assert isinstance(reply.body, LiveBody)
    return reply.body.handle


def _through(stages: tuple[Stage, ...], end: StreamEnd) -> StreamEnd:
    for stage in stages:
        end = stage.finish(end)
    return end


def abandon(reply: HttpReply) -> None:
    """The caller closed the reply without opening its body."""
    _through(reply.stages, _CLOSED)
