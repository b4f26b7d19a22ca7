"""aiohttp and runs: concurrency, isolation, early clients, middlewares, blocked traffic, lazy imports."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import aiohttp
import httpx2
import pytest

from agentops_eval.domain import Chunk, Failure, HttpReply, KeptBody, ReplayMiss
from agentops_eval.seams.http import _aiohttp, _httpx
from tests.seams.http._memory import CutAfter, Meddler, MemoryRun, recording, replaying

_aiohttp.install()
_httpx.install()


async def fetch(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as reply:
        return await reply.read()


async def fan_out(url: str, count: int = 40) -> list[bytes]:
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(fetch(session, f"{url}/echo?n={number}") for number in range(count)))


async def test_forty_concurrent_calls(server):
    """Forty calls at once: forty events, and forty answers again with no hit on a live server."""
    with recording() as run:
        recorded = await fan_out(server.url)
    assert len(run.http) == len(server.hits) == 40
    server.forget()
    with replaying(run.events) as again:
        assert await fan_out(server.url) == recorded
    assert (server.hits, again.scope.problems) == ([], [])


def test_eight_threads_with_a_loop_each(server):
    """Eight threads that each run a loop record forty of forty and replay them with no hit."""

    def calls() -> list[bytes]:
        def work(thread: int) -> list[bytes]:
            return asyncio.run(fan_out(f"{server.url}/{thread}", 5))

        with ThreadPoolExecutor(8) as threads:
            jobs = [threads.submit(contextvars.copy_context().run, work, number) for number in range(8)]
            return [answer for job in jobs for answer in job.result()]

    with recording() as run:
        recorded = calls()
    assert len(run.http) == len(server.hits) == 40
    server.forget()
    with replaying(run.events) as again:
        assert calls() == recorded
    assert (server.hits, again.scope.problems) == ([], [])


async def test_two_runs_in_two_tasks_never_mix(server):
    """A recording beside a replay in one loop, on one session: each sees its own calls only."""
    async with aiohttp.ClientSession() as session:
        with recording() as made:
            await fetch(session, server.url + "/json?replayed")
        server.forget()
        runs: dict[str, MemoryRun] = {}

        async def work(name: str) -> None:
            opened = recording() if name == "recorded" else replaying(made.events * 20)
            with opened as run:
                runs[name] = run
                for _ in range(20):
                    await fetch(session, f"{server.url}/json?{name}")
                    await asyncio.sleep(0)

        await asyncio.gather(*(asyncio.create_task(work(name)) for name in ("recorded", "replayed")))
    for name, run in runs.items():
        assert {event.request.url for event in run.http} == {f"{server.url}/json?{name}"}
        assert (len(run.http), run.scope.problems) == (20, [])
    assert server.seen == {"/json?recorded": 20}


async def test_sessions_made_and_used_before_the_run(server):
    """A session with a live connection is recorded and replayed like a new one."""
    async with aiohttp.ClientSession() as session:
        before = await fetch(session, server.url + "/json")
        with recording() as run:
            assert await fetch(session, server.url + "/json") == before
        server.forget()
        with replaying(run.events):
            assert await fetch(session, server.url + "/json") == before
    assert server.hits == []


async def test_an_empty_replay_blocks(server):
    """With nothing recorded a call is a miss, which passes aiohttp unchanged and reaches nobody."""
    async with aiohttp.ClientSession() as session:
        with replaying(()) as run:
            for timeout in (None, aiohttp.ClientTimeout(total=5)):
                with pytest.raises(ReplayMiss) as miss:
                    await session.get(server.url + "/json", timeout=timeout)
                assert run.scope.problems[-1] is miss.value
    assert server.hits == []


async def test_traffic_without_a_run_is_blocked_during_a_replay(server):
    """A thread that lost its context gets a miss that names it, for requests and WebSockets."""
    caught: list[BaseException] = []

    async def stray() -> None:
        async with aiohttp.ClientSession() as session:
            for call in (session.get, session.ws_connect):
                try:
                    await call(server.url + "/json")
                except BaseException as error:
                    caught.append(error)

    with replaying(()) as run:
        thread = threading.Thread(
            target=contextvars.Context().run, args=(asyncio.run, stray()), name="stray-7"
        )
        thread.start()
        await asyncio.to_thread(thread.join)
    assert [miss.reason for miss in caught] == ["blocked", "blocked"]
    assert "stray-7" in str(caught[0])
    assert run.scope.problems == caught
    assert server.hits == []


async def test_a_client_that_stands_on_aiohttp_is_one_crossing(server):
    """httpx2 over aiohttp is one event, not two, and is not taken for a stray while another run replays."""

    class OverAiohttp(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request):
            async with aiohttp.ClientSession() as session, session.get(str(request.url)) as reply:
                return httpx2.Response(reply.status, content=await reply.read())

    async def call() -> bytes:
        async with httpx2.AsyncClient(transport=OverAiohttp()) as client:
            return (await client.get(server.url + "/json")).content

    opened, done = threading.Event(), threading.Event()

    def bystander() -> MemoryRun:
        with replaying(()) as other:
            opened.set()
            done.wait(10)
        return other

    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(contextvars.Context().run, bystander)
        await asyncio.to_thread(opened.wait, 10)
        with recording() as run:
            first = await call()
        done.set()
        assert job.result().scope.problems == []
    assert [event.boundary for event in run.http] == [f"GET {server.url}/json"]
    server.stop()
    with replaying(run.events):
        assert await call() == first


async def test_the_users_middlewares_stay_outside(server):
    """Client middlewares of session and request run in replay too, around the seam."""
    seen: list[str] = []

    async def mark(request, handler):
        request.headers["X-A"] = "marked"
        reply = await handler(request)
        seen.append(f"{reply.status} {request.url.path}")
        return reply

    async def call() -> bytes:
        async with aiohttp.ClientSession(middlewares=(mark,)) as session:
            return await fetch(session, server.url + "/json")

    with recording() as run:
        await call()
    server.stop()
    with replaying(run.events):
        await call()
    assert seen == ["200 /json", "200 /json"]
    assert ("X-A", "marked") in run.http[0].request.headers


async def test_a_response_class_of_the_user_is_used(server):
    """A session's own response class is what a replay gives, with its methods."""

    class Shouting(aiohttp.ClientResponse):
        async def shout(self) -> str:
            return (await self.text()).upper()

    async def call() -> str:
        async with aiohttp.ClientSession(response_class=Shouting) as session:
            reply = await session.get(server.url + "/latin")
            return await reply.shout()

    with recording() as run:
        assert await call() == "NAÏVE"
    server.stop()
    with replaying(run.events):
        assert await call() == "NAÏVE"


async def test_the_fallback_charset_is_the_sessions(server):
    """Text without a charset is decoded as the session says, in replay too."""

    async def call() -> str:
        async with aiohttp.ClientSession(fallback_charset_resolver=lambda *_: "latin-1") as session:
            return await (await session.get(server.url + "/chunked")).text()

    with recording() as run:
        recorded = await call()
    server.stop()
    with replaying(run.events):
        assert await call() == recorded


async def test_trace_hooks_fire_in_replay(server):
    """The session's trace configs see start, redirect and end of a replayed request."""

    async def call() -> list[str]:
        seen: list[str] = []
        config = aiohttp.TraceConfig()
        for name in ("on_request_start", "on_request_redirect", "on_request_end"):

            async def note(session, context, params, name=name):
                seen.append(name)

            getattr(config, name).append(note)
        async with aiohttp.ClientSession(trace_configs=[config]) as session:
            await fetch(session, server.url + "/redirect")
        return seen

    with recording() as run:
        recorded = await call()
    server.stop()
    with replaying(run.events):
        assert await call() == recorded == ["on_request_start", "on_request_redirect", "on_request_end"]


LAZY = """
import sys
from agentops_eval.seams.http import _aiohttp, _urllib3
_aiohttp.install(); _urllib3.install()
assert not {"aiohttp", "urllib3", "vcr"} & set(sys.modules), "installing imported a client"
import aiohttp, asyncio
assert aiohttp.ClientSession._request.__module__ == "agentops_eval.seams.http._aiohttp"
async def call():
    async with aiohttp.ClientSession() as session:
        try:
            await session.get("http://127.0.0.1:9/")
        except aiohttp.ClientError:
            pass
asyncio.run(call())
assert "vcr" not in sys.modules, "vcrpy was imported outside a run"
from tests.seams.http._memory import recording
with recording():
    asyncio.run(call())
assert "vcr" in sys.modules
import urllib3
assert urllib3.HTTPConnectionPool._make_request.__module__ == "agentops_eval.seams.http._urllib3"
"""


FIRST = """
import aiohttp, asyncio, pathlib, sys
from agentops_eval import Settings, recording
from agentops_eval.replay import read_cassette
async def call():
    async with aiohttp.ClientSession() as session:
        try:
            await session.get("http://127.0.0.1:9/")
        except aiohttp.ClientError:
            pass
kept = pathlib.Path(sys.argv[1])
with recording(kept, settings=Settings()):
    asyncio.run(call())
assert "vcr" in sys.modules
seams = [event.seam.value for event in read_cassette(kept).events]
assert seams == ["http"], seams
"""


def test_the_first_request_of_a_process_records_nothing_else(tmp_path):
    """What vcrpy's import reads of the clock is no event of the run that happens to come first."""
    command = [sys.executable, "-c", FIRST, str(tmp_path / "run.cassette.jsonl")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_imported_early():
    """Installing imports no client; vcrpy comes with the first aiohttp request of a run."""
    command = [sys.executable, "-W", "error", "-c", LAZY]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


async def test_a_handler_may_answer_in_the_worlds_place(server):
    """A reply exchanged on its way back is what the caller gets, and what the log keeps."""
    fault = HttpReply(status=503, reason="Injected", body=KeptBody(chunks=(Chunk(b"no"),)))
    with recording(Meddler(inwards=lambda _: fault)) as run:
        async with aiohttp.ClientSession() as session:
            reply = await session.get(server.url + "/json")
            assert (reply.status, reply.reason, await reply.text()) == (503, "Injected", "no")
    assert run.http[0].outcome == fault


async def test_a_handler_may_change_the_request(server):
    """Body and headers changed on the way out are what the server gets, with a length that fits."""

    def outwards(call):
        request = replace(call.request, body=b"changed", headers=(*call.request.headers, ("X-A", "b")))
        return replace(call, request=request)

    with recording(Meddler(outwards=outwards)):
        async with aiohttp.ClientSession() as session:
            told = await (await session.post(server.url + "/echo", data=b"first")).json()
    assert (told["body"], told["headers"]["x-a"]) == ("changed", "b")


async def test_a_stage_may_cut_the_body(server):
    """A body cut by a handler ends for the caller in the failure that the handler named."""
    failure = Failure(kind="ReadError", module="httpx", message="cut by a test")

    def inwards(reply):
        return replace(reply, stages=(*reply.stages, CutAfter(0, failure)))

    with recording(Meddler(inwards=inwards)) as run:
        async with aiohttp.ClientSession() as session, session.get(server.url + "/json") as reply:
            with pytest.raises(aiohttp.ClientPayloadError, match="cut by a test"):
                await reply.read()
    assert run.http[0].outcome.body.end.failure == failure


async def test_failures_of_handlers_are_the_librarys_own(server):
    """A failure injected under another library's name is raised as aiohttp's, and nobody is called."""

    class Refusing:
        def handle(self, call, next):
            return Failure(kind="ConnectError", module="httpx", message="refused by a test")
            yield

    with recording(Refusing()):
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorError, match="refused by a test"):
                await session.get(server.url + "/json")
    assert server.hits == []
