"""aiohttp through the seam: its answers, errors and session state, recorded and replayed."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from agentops_eval.domain import EndKind, HttpReply, KeptBody, ReplayMiss, TransportUnsupported
from agentops_eval.seams.http import _aiohttp
from tests.seams.http._loopback import Loopback, dead_port
from tests.seams.http._memory import MemoryRun, recording, replaying

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_aiohttp.install()

PATHS = (
    "/json /latin /chunked /sse /gzip /gzip-chunked /length /until-close /cookies /nothing /redirect "
    "/redirect?status=307 /flaky /status?code=304 /status?code=500 /cut /cut?torn=1 /cut?reset=1 /short "
    "/reset /hangup /garbage /gzip-broken"
).split()


async def told(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> list[object]:
    """All that a caller may see of one exchange, errors included."""
    seen: list[object] = []
    try:
        async with session.request(method, url, **options) as reply:
            seen += [reply.status, reply.reason, reply.version, list(reply.headers.items())]
            seen += [reply.raw_headers, str(reply.url), [(h.status, str(h.url)) for h in reply.history]]
            seen += [reply.method, reply.charset, str(reply.cookies), reply.request_info.headers.get("X-A")]
            for read in (reply.read, reply.text, reply.json, reply.read):
                try:
                    seen.append(await read())
                except Exception as error:
                    seen.append((type(error), str(error)))
            seen.append((reply.ok, reply.content.at_eof(), reply.closed))
    except Exception as error:
        seen.append((type(error), str(error)))
    seen.append(sorted((cookie.key, cookie.value) for cookie in session.cookie_jar))
    return seen


async def one(method: str, url: str, **options: Any) -> list[object]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        return await told(session, method, url, **options)


async def thrice(server: Loopback, call: Callable[[], Awaitable[Any]]) -> MemoryRun:
    """Live, recorded and replayed without a server: all equal, nothing missed."""
    live = await call()
    server.forget()
    with recording() as run:
        recorded = await call()
    server.stop()
    with replaying(run.events) as again:
        replayed = await call()
    assert live == recorded == replayed
    assert again.scope.problems == []
    return run


@pytest.mark.parametrize("path", PATHS)
async def test_a_replay_is_what_was_recorded_is_what_is_live(server, path):
    """Head, body, text, JSON, cookies, history and errors agree in live, recorded and replayed runs."""
    run = await thrice(server, lambda: one("GET", server.url + path))
    assert [f"GET {event.boundary.rpartition(server.url)[2]}" for event in run.http] == server.hits


@pytest.mark.parametrize("method", ["HEAD", "POST", "DELETE"])
async def test_methods_replay(server, method):
    """Other methods and their empty bodies replay, a redirected POST as the GET that aiohttp makes of it."""
    await thrice(server, lambda: one(method, server.url + "/redirect", headers={"X-A": "b"}))


@pytest.mark.parametrize("limit", ["total", "sock_read"])
@pytest.mark.parametrize("path", ["/silent?s=0.3", "/stall?s=0.3"])
async def test_timeouts_replay_as_the_same_error(server, path, limit):
    """A timeout, before the reply or amid its body, replays without waiting for it."""
    timeout = aiohttp.ClientTimeout(**{limit: 0.1})
    run = await thrice(server, lambda: one("GET", server.url + path, timeout=timeout))
    assert run.http[0].outcome is not None


async def test_refused_connections_replay_with_host_and_port(server):
    """A ClientConnectorError comes back with its address and its cause."""
    port = dead_port()

    async def call() -> tuple[object, ...]:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorError) as caught:
                await session.get(f"http://127.0.0.1:{port}/")
        return type(caught.value), str(caught.value), caught.value.host, caught.value.port

    await thrice(server, call)


@pytest.mark.parametrize("flag", ["session", "request"])
async def test_raise_for_status_is_aiohttps_own(server, flag):
    """Statuses that raise do so in replay too, from session or request, with the same text."""

    async def call() -> tuple[str, int]:
        async with aiohttp.ClientSession(raise_for_status=flag == "session") as session:
            with pytest.raises(aiohttp.ClientResponseError) as caught:
                option = {"raise_for_status": True} if flag == "request" else {}
                await session.get(server.url + "/status?code=503", **option)
        return str(caught.value), caught.value.status

    await thrice(server, call)


async def test_too_many_redirects_and_none(server):
    """The limit on redirects, and their refusal, are decided above the seam."""
    loop = server.url + "/redirect?to=/redirect"
    run = await thrice(server, lambda: one("GET", loop, max_redirects=3))
    assert len(run.http) == 3


async def test_redirects_can_be_refused(server):
    """With ``allow_redirects=False`` the first hop is the answer."""
    run = await thrice(server, lambda: one("GET", server.url + "/redirect", allow_redirects=False))
    assert len(run.http) == 1


async def upload():
    yield b"one "
    yield b"two"


def form() -> aiohttp.FormData:
    data = aiohttp.FormData({"field": "value"})
    data.add_field("file", io.BytesIO(b"content"), filename="name.txt")
    return data


REQUESTS: dict[str, Callable[[], dict[str, Any]]] = {
    "json": lambda: {"json": {"a": [1, "ü"]}},
    "bytes": lambda: {"data": b"raw"},
    "text": lambda: {"data": "naïve"},
    "file": lambda: {"data": io.BytesIO(b"in a file")},
    "form": lambda: {"data": {"a": "b c"}},
    "generator": lambda: {"data": upload()},
    "params": lambda: {"params": {"q": "a b", "r": "ü"}, "headers": {"X-A": "b"}},
    "cookies": lambda: {"cookies": {"a": "1"}},
    "auth": lambda: {"headers": {"Authorization": "Basic dTpw"}},
    "compressed": lambda: {"data": b"x" * 200, "compress": "deflate"},
}


@pytest.mark.parametrize("kind", REQUESTS)
async def test_requests_of_every_kind_reach_event_and_server_alike(server, kind):
    """Whatever makes the body, the event holds its bytes and final headers, and the call replays."""

    async def call() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.post(server.url + "/echo", **REQUESTS[kind]()) as reply,
        ):
            return {**await reply.json(), "number": 0}

    sent = await call()
    run = await thrice(server, call)
    request = run.http[0].request
    if kind != "compressed":
        assert request.body.decode("latin-1") == sent["body"]
    kept = {name.lower(): value for name, value in request.headers if name.lower() != "host"}
    assert kept.items() <= sent["headers"].items()
    assert request.url.endswith("?q=a+b&r=%C3%BC" if kind == "params" else "/echo")


async def test_multipart_uploads_are_kept_whole(server):
    """A multipart form's bytes in the event are those the server got, file and boundary included."""
    with recording() as run:
        async with aiohttp.ClientSession() as session:
            sent = await (await session.post(server.url + "/echo", data=form())).json()
    assert run.http[0].request.body.decode("latin-1") == sent["body"]
    assert "content" in sent["body"]


async def test_a_file_without_position_is_sent_and_kept():
    """A payload that can be read once is read once, for the event, and sent from the copy."""

    class OneShot(io.RawIOBase):
        def __init__(self) -> None:
            self.rest = [b"only ", b"once"]

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            parts, self.rest = (self.rest, []) if size < 0 else (self.rest[:1], self.rest[1:])
            return b"".join(parts)

        def tell(self) -> int:
            raise OSError("no position")

    with Loopback() as server, recording() as run:
        async with aiohttp.ClientSession() as session:
            sent = await (await session.post(server.url + "/echo", data=OneShot())).json()
    assert sent["body"] == "only once"
    assert run.http[0].request.body == b"only once"


@pytest.mark.parametrize(
    "how", ["iter_any", "iter_chunked", "iter_chunks", "lines", "readexactly", "readuntil"]
)
@pytest.mark.parametrize("path", ["/sse", "/gzip-chunked", "/cut"])
async def test_every_way_of_reading_replays(server, path, how):
    """The content's whole interface works on a replayed body, which is the recorded one."""

    async def call() -> list[object]:
        got: list[object] = []
        async with aiohttp.ClientSession() as session, session.get(server.url + path) as reply:
            try:
                if how == "readexactly":
                    got += [await reply.content.readexactly(10), await reply.content.readexactly(10**6)]
                elif how == "readuntil":
                    got += [await reply.content.readuntil(b"\n")]
                else:
                    ways: dict[str, Any] = {"lines": reply.content, "iter_chunked": None}
                    ways["iter_chunked"] = reply.content.iter_chunked(5)
                    pieces = ways.get(how) or getattr(reply.content, how)()
                    async for piece in pieces:
                        got.append(piece)
            except (aiohttp.ClientError, asyncio.IncompleteReadError) as error:
                got.append(str(error))
        return got

    with recording() as run:
        recorded = await call()
    server.stop()
    with replaying(run.events):
        assert await call() == recorded
    assert recorded


async def test_compressed_bodies_are_kept_compressed(server):
    """The event holds the wire's bytes; the caller gets them decoded, or raw on request."""
    with recording() as run:
        decoded = await one("GET", server.url + "/gzip")
        raw = await one("GET", server.url + "/gzip", auto_decompress=False)
    outcome = run.http[0].outcome
    assert isinstance(outcome, HttpReply)
    assert isinstance(outcome.body, KeptBody)
    assert outcome.body.data in raw
    assert outcome.body.data.startswith(b"\x1f\x8b")
    server.stop()
    with replaying(run.events):
        assert await one("GET", server.url + "/gzip") == decoded
        assert await one("GET", server.url + "/gzip", auto_decompress=False) == raw


async def test_a_cut_body_is_kept_with_its_cut(server):
    """What arrived before the cut is kept, and the end names the failure."""
    with recording() as run:
        await one("GET", server.url + "/cut?k=2")
    outcome = run.http[0].outcome
    assert isinstance(outcome, HttpReply)
    assert isinstance(outcome.body, KeptBody)
    assert outcome.body.data == b"chunk 0;chunk 1;"
    assert outcome.body.end.kind is EndKind.CUT
    assert outcome.body.end.failure.kind == "ClientPayloadError"


async def test_sessions_and_tasks_cancelled_by_the_caller(server):
    """A cancelled request is the caller's act: no outcome is kept, and the cancellation goes through."""
    with recording() as run:
        task = asyncio.create_task(one("GET", server.url + "/silent?s=0.3"))
        await asyncio.to_thread(server.wait_for_hit)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert run.http[0].outcome is None


def test_an_unknown_aiohttp_is_refused_loudly():
    """A release without client middlewares is an error with a remedy, never a silent leak."""

    class ClientSession:
        async def _request(self, method, url, *, auto_decompress=None): ...

        async def _ws_connect(self, url): ...

    class Module:
        pass

    module = Module()
    module.ClientSession = ClientSession
    with pytest.raises(TransportUnsupported, match="middlewares"):
        _aiohttp._patch(module)


async def test_websockets_are_blocked_in_replay(server):
    """Opening a WebSocket in replay is a miss, remembered by the run, and nothing is dialled."""
    async with aiohttp.ClientSession() as session:
        with replaying(()) as run, pytest.raises(ReplayMiss, match="WebSocket"):
            await session.ws_connect(server.url.replace("http", "ws"))
    assert len(run.scope.problems) == 1
    assert server.hits == []
