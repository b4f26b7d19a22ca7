"""Streams of httpx and httpx2: nothing held back, and every way in which a caller stops reading."""

from __future__ import annotations

import asyncio
import gc
import threading
from dataclasses import replace

import pytest
import trio

from agentops_eval.domain import Chunk, EndKind, Failure, HttpReply, KeptBody, ReplayMiss, StreamEnd
from agentops_eval.seams.http import _httpx
from tests.seams.http._clients import SYNC, alike, each_async_kind, each_kind, streamed
from tests.seams.http._memory import CutAfter, Meddler, kept, recording, replaying

_httpx.install()


@each_kind
async def test_the_tee_does_not_hold_chunks_back(server, kind):
    """Each chunk reaches the caller before the server, which waits for that, sends the next."""
    with recording() as run:
        async with kind.open(timeout=5) as caller:
            response = await caller.begin("GET", server.url + "/gated?n=4")
            server.gate.release()
            chunks = []
            async for chunk in caller.raw(response):
                chunks.append(chunk)
                assert run.http[0].outcome is None
                server.gate.release()
    assert chunks == [f"chunk {number};".encode() for number in range(4)]
    assert [chunk.data for chunk in kept(run).chunks] == chunks
    assert kept(run).end == StreamEnd()


@each_kind
async def test_chunks_are_dated_from_the_sending_of_the_request(server, kind):
    """Offsets grow, and the first one holds the wait for the head of the reply as well."""
    with recording() as run:
        await alike(kind, streamed, server.url + "/chunked?n=3&delay=0.02")
    offsets = [chunk.at_s for chunk in kept(run).chunks]
    event = run.http[0]
    assert offsets == sorted(offsets)
    assert 0 < offsets[0] <= offsets[-1] <= event.ended_s - event.started_s


@each_kind
async def test_closing_early_is_the_callers_act(server, kind):
    """A stream closed by the caller is kept as closed; reading on in replay is a miss that ends there."""

    async def first(caller):
        response = await caller.begin("GET", server.url + "/chunked?n=9")
        async for _ in caller.raw(response):
            await caller.close(response)
            break
        return response.is_closed

    async with kind.open() as caller:
        with recording() as run:
            assert await first(caller)
        assert kept(run).end.kind is EndKind.CLOSED
        assert kept(run).chunks
        server.stop()
        with replaying(run.events) as again:
            assert await first(caller)
        assert again.scope.problems == []
        with replaying(run.events) as again:
            response = await caller.begin("GET", server.url + "/chunked?n=9")
            with pytest.raises(ReplayMiss) as miss:
                await caller.read(response)
            await caller.close(response)
    assert miss.value.reason == "ends-here"
    assert miss.value.where.startswith("tests.seams.http._clients:")
    assert again.scope.problems == [miss.value]


@each_kind
async def test_a_reply_never_read_is_closed_by_the_caller(server, kind):
    """Closing without reading keeps the head and no chunk, and replays."""

    async def look() -> int:
        async with kind.open() as caller:
            response = await caller.begin("GET", server.url + "/chunked")
            await caller.close(response)
            assert response.elapsed
            return response.status_code

    with recording() as run:
        assert await look() == 200
    assert kept(run) == KeptBody(end=StreamEnd(kind=EndKind.CLOSED))
    with replaying(run.events) as again:
        assert await look() == 200
    assert again.scope.problems == []


@each_kind
@pytest.mark.parametrize(
    ("method", "path"), [("HEAD", "/json"), ("GET", "/nothing"), ("GET", "/status?code=304")]
)
async def test_a_reply_without_a_body_is_whole_when_it_is_closed_unread(server, kind, method, path):
    """There is nothing to read, so a replayed caller may look for it: that is no reading on."""
    async with kind.open() as caller:
        with recording() as run:
            await caller.close(await caller.begin(method, server.url + path))
        assert kept(run).end == StreamEnd()
        with replaying(run.events) as again:
            assert await caller.read(await caller.begin(method, server.url + path)) == b""
    assert again.scope.problems == []


@each_kind
async def test_a_caller_who_takes_all_promised_bytes_has_read_to_the_end(server, kind):
    """A body of known length that was closed after its last byte is complete."""
    async with kind.open() as caller:
        with recording() as run:
            response = await caller.begin("GET", server.url + "/json")
            taken = 0
            async for chunk in caller.raw(response):
                taken += len(chunk)
                if taken == 232:
                    break
            await caller.close(response)
    assert kept(run).end == StreamEnd()


@each_kind
async def test_connections_go_back_to_their_pool(server, kind):
    """Streams read, closed early, cut, blocked and exchanged leave no connection behind in a pool of one."""
    limits = kind.library.Limits(max_connections=1)
    fault = HttpReply(status=503, body=KeptBody(chunks=(Chunk(b"no"),)))
    async with kind.open(limits=limits, timeout=kind.library.Timeout(5, pool=0.2)) as caller:
        with recording():
            for path in ("/chunked", "/cut", "/length?n=2000", "/json"):
                response = await caller.begin("GET", server.url + path)
                async for _ in caller.raw(response):
                    break
                await caller.close(response)
        with recording(Meddler(inwards=lambda _: fault)):
            assert (await caller.get(server.url + "/length")).content == b"no"
        with recording(Meddler(inwards=lambda _: Failure(kind="ReadError", module="httpx", message="x"))):
            with pytest.raises(kind.library.ReadError):
                await caller.get(server.url + "/length")
        with replaying(()), pytest.raises(ReplayMiss):
            await caller.get(server.url + "/json")
        with recording():
            assert (await caller.get(server.url + "/json")).status_code == 200


@each_kind
@pytest.mark.parametrize("wanted", [0, 1], ids=["first", "second"])
async def test_a_handler_may_ask_twice(server, kind, wanted):
    """The caller gets the answer that the handler gives; the other one leaves no connection behind."""

    class Twice:
        def handle(self, call, next):
            answers = []
            for _ in range(2):
                answers.append((yield next(call)))
            return answers[wanted]

    limits = kind.library.Limits(max_connections=2)
    async with kind.open(limits=limits, timeout=kind.library.Timeout(5, pool=0.2)) as caller:
        for _ in range(3):
            with recording(Twice()) as run:
                reply = await caller.get(server.url + "/echo")
            assert reply.json()["number"] % 2 == (wanted + 1) % 2
            assert kept(run).data == reply.content


@each_kind
async def test_a_closed_recording_ends_in_a_miss_in_every_kind_of_run(kind):
    """Also where a recorded answer is served into a new recording, reading on is no clean end."""
    reply = HttpReply(status=200, body=KeptBody(chunks=(Chunk(b"a"),), end=StreamEnd(kind=EndKind.CLOSED)))

    class Answering:
        def handle(self, call, next):
            return reply
            yield

    async with kind.open() as caller:
        with recording(Answering()) as run, pytest.raises(ReplayMiss, match="ends here") as miss:
            await caller.get("http://nobody.invalid/")
    assert run.scope.problems == [miss.value]


@each_kind
async def test_a_handler_that_breaks_leaves_no_connection_behind(server, kind):
    """An error of a handler on the way back closes the reply that nobody will get."""

    def broken(outcome):
        raise KeyError("a handler broke")

    limits = kind.library.Limits(max_connections=1)
    async with kind.open(limits=limits, timeout=kind.library.Timeout(5, pool=0.2)) as caller:
        with recording(Meddler(inwards=broken)), pytest.raises(KeyError):
            await caller.get(server.url + "/length")
        assert (await caller.get(server.url + "/json")).status_code == 200


@each_async_kind
async def test_a_task_cancelled_amid_a_stream_is_no_failure_of_the_world(server, kind):
    """Cancellation ends the body as closed by the caller, with what it had read; and replays that way."""
    got: list[bytes] = []
    seen = asyncio.Event()

    async def reading(caller) -> None:
        async with caller.client.stream("GET", server.url + "/gated") as response:
            async for chunk in response.aiter_raw():
                got.append(chunk)
                seen.set()

    with recording() as run:
        async with kind.open() as caller:
            task = asyncio.create_task(reading(caller))
            server.gate.release()
            await seen.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert kept(run).end.kind is EndKind.CLOSED
    assert [chunk.data for chunk in kept(run).chunks] == got == [b"chunk 0;"]


@each_async_kind
async def test_a_task_cancelled_before_the_reply_has_no_outcome(server, kind):
    """A call that was given up before its head came is an event without an outcome."""
    with recording() as run:
        async with kind.open() as caller:
            task = asyncio.create_task(caller.get(server.url + "/silent?s=0.5"))
            await asyncio.to_thread(server.wait_for_hit)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert [event.outcome for event in run.http] == [None]


@each_async_kind
async def test_a_generator_finalised_by_another_task_is_closed(server, kind):
    """A stream half read by a generator that another task closes is kept as closed, without complaint."""

    async def lines(caller):
        async with caller.client.stream("GET", server.url + "/chunked?n=9") as response:
            async for chunk in response.aiter_raw():
                yield chunk

    async def work() -> None:
        async with kind.open() as caller:
            generator = lines(caller)
            first = await anext(generator)
            await asyncio.create_task(generator.aclose())
            assert first == b"chunk 0;"

    with recording() as run:
        await work()
    assert kept(run).end.kind is EndKind.CLOSED
    server.stop()
    with replaying(run.events) as again:
        await work()
    assert again.scope.problems == []


@each_kind
async def test_a_generator_that_is_dropped_closes_its_stream(server, kind):
    """GeneratorExit in the caller is the caller's act too."""

    async def work() -> None:
        async with kind.open() as caller:
            response = await caller.begin("GET", server.url + "/chunked?n=9")
            generator = caller.raw(response)
            await anext(generator)
            await generator.aclose()
            await caller.close(response)

    with recording() as run:
        await work()
    assert kept(run).end.kind is EndKind.CLOSED


@each_kind
async def test_a_stream_nobody_closes_is_sealed_with_its_run(server, kind):
    """What was read until the run ended is kept, its time is that of its last chunk, and reading goes on."""
    async with kind.open() as caller:
        with recording() as run:
            response = await caller.begin("GET", server.url + "/gated?n=3")
            server.gate.release(3)
            chunks = caller.raw(response)
            await anext(chunks)
            opened = run.http[0]
            await asyncio.sleep(0.05)
        event = run.http[0]
        assert [chunk.data for chunk in kept(run).chunks] == [b"chunk 0;"]
        assert kept(run).end.kind is EndKind.CLOSED
        assert opened.outcome is None
        assert event.ended_s - event.started_s == pytest.approx(kept(run).chunks[0].at_s)
        assert [chunk async for chunk in chunks] == [b"chunk 1;", b"chunk 2;"]
        del response, chunks
        gc.collect()


@pytest.mark.parametrize("kind", SYNC, ids=str)
def test_another_thread_may_close_what_is_being_read(server, kind):
    """Closing while the reader waits for a chunk ends the event as closed; nobody is told of a clash."""
    ended: list[object] = []
    with recording() as run, kind.make(timeout=5) as client:
        response = client.send(client.build_request("GET", server.url + "/gated?n=2"), stream=True)
        began = threading.Event()

        def read() -> None:
            chunks = response.iter_raw()
            next(chunks)
            began.set()
            try:
                ended.append(list(chunks))
            except kind.library.TransportError as error:
                ended.append(error)

        server.gate.release()
        thread = threading.Thread(target=read)
        thread.start()
        began.wait(10)
        response.stream._stream.close()
        server.gate.release()
        thread.join()
    assert kept(run).end.kind is EndKind.CLOSED
    assert len(ended) == 1


@each_kind
async def test_a_handler_may_cut_a_stream(server, kind):
    """A stream cut by a stage after two chunks ends there, in the error of the caller's library."""
    failure = Failure(kind="ReadError", module="urllib3", message="cut by a test")

    def inwards(reply):
        return replace(reply, stages=(*reply.stages, CutAfter(2, failure)))

    chunks: list[bytes] = []
    with recording(Meddler(inwards=inwards)) as run:
        async with kind.open() as caller:
            response = await caller.begin("GET", server.url + "/chunked?n=5")
            with pytest.raises(kind.library.TransportError, match="cut by a test") as caught:
                async for chunk in caller.raw(response):
                    chunks.append(chunk)
            assert caught.value.request is response.request
    assert chunks == [b"chunk 0;", b"chunk 1;chunk 1;"]
    assert kept(run).end.failure == failure


@each_async_kind
def test_streams_run_on_trio_as_well(server, kind):
    """Another event loop records and replays a stream chunk by chunk."""

    async def work() -> list[bytes]:
        async with kind.open() as caller, caller.client.stream("GET", server.url + "/sse") as response:
            return [chunk async for chunk in response.aiter_raw()]

    with recording() as run:
        recorded = trio.run(work)
    assert (len(recorded), kept(run).end.kind) == (4, EndKind.EOF)
    server.stop()
    with replaying(run.events) as again:
        assert trio.run(work) == recorded
    assert again.scope.problems == []
