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
    Rewrite,
    Stage,
    StreamEnd,
)
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._scope import Scope, suspended

Failer = Callable[[BaseException], Failure]
Raiser = Callable[[Failure], BaseException]

_CLOSED = StreamEnd(kind=EndKind.CLOSED)
_WAITED = -1.0


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
    """What both kinds of caller share. A body is read by one reader, but anyone may close it.

    ``_pending`` holds what is on its way through the stages: each chunk, and the end behind the last one,
    with the stage that it has come to. So time may pass between two stages.
    """

    __slots__ = (
        "_call",
        "_ended",
        "_fail",
        "_final",
        "_kept",
        "_over",
        "_pending",
        "_plain",
        "_pulled",
        "_reply",
        "_revive",
        "_scope",
        "_since_s",
        "_stages",
        "_told",
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
        self._ended = self._over = False
        self._reply, self._call, self._scope = reply, call, scope
        self._fail, self._revive = fail, revive
        self._since_s = scope.clock.elapsed_s() if since_s is None else since_s
        self._stages = reply.stages
        self._kept = iter(reply.body.chunks) if isinstance(reply.body, KeptBody) else None
        self._pending: deque[tuple[int, Chunk | StreamEnd]] = deque()
        self._pulled = self._told = 0
        self._final: StreamEnd | None = None

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
        with self._scope.lock:
            if self._ended:
                return
            self._ended = True
            untold, self._told = self._stages[self._told :], len(self._stages)
        _through(untold, StreamEnd() if whole else _CLOSED)

    def _date(self, data: bytes) -> Chunk:
        return Chunk(data, self._scope.clock.elapsed_s() - self._since_s)

    def _wait_s(self, chunk: Chunk) -> float:
        return max(0.0, chunk.at_s * self._reply.pace - (self._scope.clock.elapsed_s() - self._since_s))

    def _accept(self, chunk: Chunk) -> None:
        """Send a chunk on its way through the stages.

        Where someone else closed the body meanwhile, the reader goes on with the bare wire.
        """
        self._pulled += len(chunk.data)
        self._pending.append((len(self._stages) if self._ended else 0, chunk))

    def _cut(self, error: Exception) -> None:
        """The world raised ``error`` instead of giving a chunk."""
        self._pending.append((0, StreamEnd(kind=EndKind.CUT, failure=self._fail(error))))

    def _stop(self) -> None:
        """No chunk is left."""
        body = self._reply.body
        self._pending.append((0, body.end if isinstance(body, KeptBody) else StreamEnd()))

    def _advance(self) -> bytes | float | None:
        """Bytes for the caller, or the seconds that have to pass first; None where there is nothing."""
        pending, last = self._pending, len(self._stages)
        while pending:
            at, item = pending.popleft()
            if isinstance(item, StreamEnd):
                self._tell(at, item)
            elif item.wait_s > 0:
                pending.appendleft((at, Chunk(item.data, item.at_s, _WAITED)))
                return item.wait_s
            elif at < last and not self._ended:
                self._feed(at, item if item.wait_s != _WAITED else self._date(item.data))
            elif item.data:
                return item.data
        return None

    def _feed(self, at: int, chunk: Chunk) -> None:
        stage = self._stages[at]
        fed: list[tuple[int, Chunk | StreamEnd]] = [(at + 1, out) for out in stage.feed(chunk)]
        if isinstance(stage, Rewrite) and stage.over is not None:
            for inner in range(self._told, at):
                self._finish(inner, _CLOSED)
            self._pending.clear()
            fed.append((at + 1, self._finish(at, stage.over)))
        self._pending.extendleft(reversed(fed))

    def _tell(self, at: int, end: StreamEnd) -> None:
        """Tell the next stage, once, how the body ended; behind the last one that is known."""
        if at == len(self._stages):
            with self._scope.lock:
                if not self._ended:
                    self._ended, self._over, self._final = True, True, end
            return
        stage = self._stages[at]
        if isinstance(stage, Rewrite):
            self._pending.extend([(at + 1, out) for out in stage.rest(end)])
            end = stage.over or end
        self._pending.append((at + 1, self._finish(at, end)))

    def _finish(self, at: int, end: StreamEnd) -> StreamEnd:
        with self._scope.lock:
            if self._ended or at < self._told:
                return end
            self._told = at + 1
        return self._stages[at].finish(end)

    def _raised(self) -> BaseException | None:
        """What the caller gets to see at the end, the first time; None for a true end."""
        final, self._final = self._final, None
        if final is None:
            return None
        if final.kind is EndKind.CUT and final.failure is not None:
            return final.failure.native or self._revive(final.failure)
        return self._ends_here() if final.kind is EndKind.CLOSED else None

    @property
    def _is_over(self) -> bool:
        """Whether there is nothing to pull: its end was told, or what is kept was closed."""
        return self._over or (self._ended and self._kept is not None)

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
        while True:
            ready = self._advance()
            if isinstance(ready, bytes):
                return ready
            try:
                if ready is not None:
                    self._scope.clock.sleep(ready)
                    continue
                if self._is_over:
                    break
                chunk = self._pull()
            except Exception as error:
                if self._ended:
                    raise
                self._cut(error)
            except BaseException:
                self.close()
                raise
            else:
                if chunk is None and self._ended:
                    break
                if chunk is None:
                    self._stop()
                else:
                    self._accept(chunk)
        raise self._raised() or StopIteration()

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
        while True:
            ready = self._advance()
            if isinstance(ready, bytes):
                return ready
            try:
                if ready is not None:
                    await async_sleep(ready)
                    continue
                if self._is_over:
                    break
                chunk = await self._pull()
            except Exception as error:
                if self._ended:
                    raise
                self._cut(error)
            except BaseException:  # cancelled
                self.close()
                raise
            else:
                if chunk is None and self._ended:
                    break
                if chunk is None:
                    self._stop()
                else:
                    self._accept(chunk)
        raise self._raised() or StopAsyncIteration()

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
