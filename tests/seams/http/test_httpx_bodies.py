"""The request side of the seam of httpx and httpx2: uploads of every kind, and handlers that meddle."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from agentops_eval import Settings
from agentops_eval import recording as to_file
from agentops_eval import replaying as from_file
from agentops_eval.domain import Chunk, Failure, HttpReply, HttpRequest, KeptBody, ReplayMiss
from agentops_eval.seams.http import _httpx
from tests.seams.http._clients import each_kind
from tests.seams.http._memory import Meddler, MemoryRun, recording, replaying

_httpx.install()


def sent(run: MemoryRun, number: int = 0) -> HttpRequest:
    request = run.http[number].request
    assert isinstance(request, HttpRequest)
    return request


def pieces():
    yield b"one;"
    yield b""
    yield b"two"


async def pieces_async():
    for piece in pieces():
        yield piece


BODIES = {
    "none": lambda _: {},
    "empty": lambda _: {"content": b""},
    "bytes": lambda _: {"content": b"\x00\xff binary"},
    "str": lambda _: {"content": "naïve"},
    "form": lambda _: {"data": {"a": ["1", "2"], "b": "c d"}},
    "json": lambda _: {"json": {"a": [1, None]}},
    "generator": lambda kind: {"content": pieces_async() if kind.asynchronous else pieces()},
    "sized generator": lambda kind: {
        "content": pieces_async() if kind.asynchronous else pieces(),
        "headers": {"Content-Length": "7"},
    },
    "multipart": lambda _: {
        "files": {"file": ("name.bin", b"\x00\x01" * 50, "application/x-test")},
        "data": {"field": "value"},
        "headers": {"Content-Type": "multipart/form-data; boundary=given"},
    },
    "file": lambda _: {
        "files": {"file": io.BytesIO(b"from a file" * 1000)},
        "headers": {"Content-Type": "multipart/form-data; boundary=given"},
    },
    "expect": lambda _: {"content": b"ask first", "headers": {"Expect": "100-continue"}},
}


@each_kind
@pytest.mark.parametrize("name", BODIES)
async def test_an_upload_is_recorded_whole_and_sent_unchanged(server, kind, name):
    """The server gets what it gets unpatched, the recording holds all of it, and replay needs no server."""

    async def told(caller) -> dict[str, object]:
        answer = (await caller.send("POST", server.url + "/echo", **BODIES[name](kind))).json()
        del answer["number"]
        return answer

    async with kind.open() as caller:
        live = await told(caller)
        with recording() as run:
            assert await told(caller) == live
        assert sent(run).body.decode("latin-1") == live["body"]
        assert dict(sent(run).headers).keys() >= {"Host", "User-Agent"}
        server.stop()
        with replaying(run.events) as again:
            assert await told(caller) == live
    assert again.scope.problems == []


@each_kind
async def test_files_match_although_their_boundary_is_drawn_anew(server, kind, tmp_path):
    """The random boundary of a multipart upload does not keep a file from being found again."""
    path = tmp_path / "upload.cassette.jsonl"

    async def told() -> object:
        async with kind.open() as caller:
            files = {"file": ("a.txt", b"the same bytes", "text/plain")}
            return (await caller.send("POST", server.url + "/echo", files=files)).status_code

    with to_file(path, settings=Settings()):
        await told()
    server.forget()
    with from_file(path, settings=Settings()) as run:
        assert await told() == 200
    assert (server.hits, run.problems) == ([], ())


@each_kind
async def test_a_used_up_upload_is_used_up_in_every_run(server, kind):
    """A redirect that would send a generator again fails in a run as it fails without one."""
    url = server.url + "/redirect?status=307&to=/echo"

    async def call(caller):
        body = pieces_async() if kind.asynchronous else pieces()
        with pytest.raises(kind.library.StreamConsumed):
            await caller.send("POST", url, content=body)

    async with kind.open(follow_redirects=True) as caller:
        await call(caller)
        with recording() as run:
            await call(caller)
        server.stop()
        with replaying(run.events) as again:
            await call(caller)
    assert [event.outcome.status for event in run.http] == [307]
    assert again.scope.problems == []


@each_kind
async def test_bytes_are_sent_again_on_a_redirect(server, kind):
    """A body that the caller holds is sent, recorded and replayed on every hop."""
    url = server.url + "/redirect?status=307&to=/echo"
    async with kind.open(follow_redirects=True) as caller:
        with recording() as run:
            told = (await caller.send("POST", url, content=b"again")).json()
        server.stop()
        with replaying(run.events):
            assert (await caller.send("POST", url, content=b"again")).json() == told
    assert [sent(run, number).body for number in (0, 1)] == [b"again", b"again"]


@each_kind
async def test_the_callers_request_stays_what_it_was(server, kind):
    """A run leaves the caller's request as sending it would: unread where it was streamed."""
    body = pieces_async() if kind.asynchronous else pieces()
    async with kind.open() as caller:
        with recording():
            response = await caller.send("POST", server.url + "/echo", content=body)
    with pytest.raises(kind.library.RequestNotRead):
        _ = response.request.content


@each_kind
async def test_an_upload_that_raises_is_the_callers_own_error(server, kind):
    """What a generator raises reaches its caller, and nothing was asked of the world."""

    def broken():
        yield b"one"
        raise KeyError("in the agent's own generator")

    async def broken_async():
        for piece in broken():
            yield piece

    async with kind.open() as caller:
        with recording() as run, pytest.raises(KeyError):
            body = broken_async() if kind.asynchronous else broken()
            await caller.send("POST", server.url + "/echo", content=body)
    assert (run.http, server.hits) == ([], [])


@each_kind
async def test_addresses_keep_query_and_port_and_lose_user_and_fragment(server, kind):
    """A boundary has neither query nor user; the request has the query as it was sent."""
    url = server.url.replace("http://", "http://me:secret@") + "/a%20b/c?x=1&y=%2F#part"
    async with kind.open() as caller:
        with recording() as run:
            await caller.get(url)
        assert sent(run).url == f"{server.url}/a%20b/c?x=1&y=%2F"
        assert run.http[0].boundary == f"GET {server.url}/a%20b/c"
        with replaying(()) as again, pytest.raises(ReplayMiss):
            await caller.get(url)
    assert "secret" not in str(again.scope.problems)


@each_kind
async def test_a_handler_may_change_the_request(server, kind):
    """Body and headers changed on the way out are what the server gets, with a length that fits."""

    def outwards(call):
        headers = tuple(pair for pair in call.request.headers if pair[0].lower() != "user-agent")
        request = replace(call.request, body=b"changed", headers=(*headers, ("X-A", "b")))
        return replace(call, request=request)

    with recording(Meddler(outwards=outwards)):
        async with kind.open() as caller:
            told = (await caller.send("POST", server.url + "/echo", content=b"first")).json()
    assert (told["body"], told["headers"]["x-a"]) == ("changed", "b")
    assert "user-agent" not in told["headers"]
    assert told["headers"]["content-length"] == "7"


@each_kind
async def test_a_handler_may_answer_in_the_worlds_place(server, kind):
    """A reply exchanged on its way back is what the caller gets, and what the log keeps."""
    fault = HttpReply(status=503, reason="Injected", body=KeptBody(chunks=(Chunk(b"no"),)))
    with recording(Meddler(inwards=lambda _: fault)) as run:
        async with kind.open() as caller:
            reply = await caller.get(server.url + "/json")
    assert (reply.status_code, reply.reason_phrase, reply.text) == (503, "Injected", "no")
    assert "network_stream" not in reply.extensions
    assert run.http[0].outcome == fault


@each_kind
async def test_headers_from_elsewhere_may_hold_any_text(kind):
    """A reply with header text and a reason beyond latin-1 is passed on as UTF-8."""
    odd = HttpReply(status=200, reason="→", headers=(("X-Odd", "snow ☃"), ("X-Plain", "a")))

    class Answering:
        def handle(self, call, next):
            return odd
            yield

    with recording(Answering()):
        async with kind.open() as caller:
            reply = await caller.get("http://nobody.invalid/")
    assert (reply.headers["x-odd"], reply.headers["x-plain"], reply.status_code) == ("snow ☃", "a", 200)


@each_kind
async def test_failures_of_handlers_are_the_librarys_own(server, kind):
    """A failure injected under another library's name is raised as the caller's, and nobody is called."""

    class Refusing:
        def handle(self, call, next):
            return Failure(kind="NewConnectionError", module="urllib3", message="refused by a test")
            yield

    with recording(Refusing()):
        async with kind.open() as caller:
            with pytest.raises(kind.library.ConnectError, match="refused by a test") as caught:
                await caller.get(server.url + "/json")
    assert str(caught.value.request.url) == server.url + "/json"
    assert server.hits == []
