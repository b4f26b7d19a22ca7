"""The request side of urllib3's seam: bodies of every kind, forms, proxies, handlers that meddle."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import urllib3

from agentops_eval.domain import Chunk, Failure, HttpReply, HttpRequest, KeptBody, ReplayMiss
from agentops_eval.seams.http import _urllib3
from tests.seams.http._loopback import dead_port
from tests.seams.http._memory import CutAfter, Meddler, recording, replaying

_urllib3.install()


BODIES = {
    "bytes": (lambda: b"plain", b"plain"),
    "bytearray": (lambda: bytearray(b"array"), b"array"),
    "str": (lambda: "naïve", "naïve".encode()),
    "file": (lambda: io.BytesIO(b"in a file"), b"in a file"),
    "text file": (lambda: io.StringIO("naïve file"), "naïve file".encode()),
    "list": (lambda: [b"one", b"two"], b"onetwo"),
    "generator": (lambda: (part for part in (b"one", "zwei")), b"onezwei"),
    "one-shot file": (lambda: OneShot(b"only once"), b"only once"),
    "none": (lambda: None, b""),
}


class OneShot:
    """A file that can be read once and has no position."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


@pytest.mark.parametrize("kind", BODIES)
def test_request_bodies_are_kept_and_sent_whole(server, kind):
    """Whatever the body is, the event holds its bytes and the server gets them, in the same framing."""
    make, data = BODIES[kind]
    live = urllib3.PoolManager().request("POST", server.url + "/echo?live", body=make()).json()
    with recording() as run:
        recorded = urllib3.PoolManager().request("POST", server.url + "/echo", body=make()).json()
    server.stop()
    with replaying(run.events):
        replayed = urllib3.PoolManager().request("POST", server.url + "/echo", body=make()).json()
    request = run.http[0].request
    assert isinstance(request, HttpRequest)
    assert request.body == data == recorded["body"].encode("latin-1")
    assert recorded == replayed
    assert {**recorded, "path": ""} == {**live, "path": ""}


def test_a_file_is_sent_from_where_it_stands(server):
    """A file's position is respected, and a redirect that repeats the body rewinds it."""
    file = io.BytesIO(b"skip this, send this")
    file.seek(11)
    with recording() as run:
        pool = urllib3.connection_from_url(server.url)
        reply = pool.request("POST", "/redirect?status=307&to=/echo", body=file)
        pool.close()
    assert reply.json()["body"] == "send this"
    assert [event.request.body for event in run.http] == [b"send this", b"send this"]


def test_forms_are_kept_with_their_type(server):
    """A multipart form's body and content type reach the event as they reach the server."""
    with recording() as run:
        told = urllib3.PoolManager().request("POST", server.url + "/echo", fields={"a": "b"}).json()
    request = run.http[0].request
    assert request.body.decode() == told["body"]
    assert dict(request.headers)["Content-Type"] == told["headers"]["content-type"]


def test_a_proxy_is_not_contacted_in_replay(server):
    """The tunnel to an https origin is dialled below the seam: its failure replays, a miss does not dial."""
    proxy = f"http://127.0.0.1:{dead_port()}"

    def call() -> urllib3.exceptions.HTTPError:
        with pytest.raises(urllib3.exceptions.ProxyError) as caught:
            urllib3.ProxyManager(proxy).request("GET", "https://origin.invalid/x", retries=False)
        return caught.value

    with recording() as run:
        first = call()
    assert run.http[0].boundary == "GET https://origin.invalid/x"
    live = server.url
    with replaying(run.events):
        second = call()
        with pytest.raises(ReplayMiss):
            urllib3.ProxyManager(live).request("GET", "https://origin.invalid/y", retries=False)
    assert (type(second), str(second)) == (type(first), str(first))
    assert server.hits == []


def test_a_refused_tunnel_replays_as_a_proxy_error(server):
    """A proxy that answers CONNECT with an error gives the same error in replay."""

    def call() -> urllib3.exceptions.HTTPError:
        with pytest.raises(urllib3.exceptions.HTTPError) as caught:
            urllib3.ProxyManager(server.url).request("GET", "https://origin.invalid/", retries=False)
        return caught.value

    live = call()
    with recording() as run:
        first = call()
    with replaying(run.events):
        second = call()
    assert type(live) is type(first) is type(second)
    assert str(live) == str(first) == str(second)


def test_a_forwarding_proxy_keeps_the_origin_in_the_address(server):
    """Plain http through a proxy is an event of the origin, not of the proxy."""
    with recording() as run:
        reply = urllib3.ProxyManager(server.url).request("GET", "http://origin.invalid/json?x=1")
    assert reply.status == 200
    assert run.http[0].request.url == "http://origin.invalid/json?x=1"
    assert run.http[0].boundary == "GET http://origin.invalid/json"


def test_a_handler_may_answer_in_the_worlds_place(server):
    """A reply exchanged on its way back is what the caller gets; the dirty connection is not reused."""
    fault = HttpReply(status=503, reason="Injected", body=KeptBody(chunks=(Chunk(b"no"),)))
    pool = urllib3.HTTPConnectionPool("127.0.0.1", int(server.url.rpartition(":")[2]), maxsize=1)
    with recording(Meddler(inwards=lambda _: fault)) as run:
        for preload in (False, True):
            reply = pool.request("GET", "/length", preload_content=preload)
            assert (reply.status, reply.reason, reply.data) == (503, "Injected", b"no")
            reply.release_conn()
    assert run.http[0].outcome == fault
    assert pool.request("GET", "/echo").status == 200
    pool.close()


def test_a_handler_may_change_the_request(server):
    """Body and headers changed on the way out are what the server gets, with a length that fits."""

    def outwards(call):
        request = replace(call.request, body=b"changed", headers=(*call.request.headers, ("X-A", "b")))
        return replace(call, request=request)

    with recording(Meddler(outwards=outwards)):
        told = urllib3.PoolManager().request("POST", server.url + "/echo", body=b"first").json()
    assert (told["body"], told["headers"]["x-a"]) == ("changed", "b")


@pytest.mark.parametrize("path", ["/chunked?n=5", "/slow-length"])
def test_a_stage_may_cut_the_stream(server, path):
    """A stream cut by a handler after two chunks ends there, in urllib3's own error."""
    failure = Failure(kind="ReadError", module="httpx", message="cut by a test")

    def inwards(reply):
        return replace(reply, stages=(*reply.stages, CutAfter(2, failure)))

    chunks: list[bytes] = []
    with recording(Meddler(inwards=inwards)) as run:
        reply = urllib3.PoolManager().request("GET", server.url + path, preload_content=False)
        with pytest.raises(urllib3.exceptions.ProtocolError, match="cut by a test"):
            while True:
                chunks.append(reply.read1())
    assert b"".join(chunks) == (b"chunk 0;chunk 1;chunk 1;" if "chunked" in path else b"one.two.")
    assert run.http[0].outcome.body.end.failure == failure


def test_failures_of_handlers_are_the_librarys_own(server):
    """A failure injected under another library's name is raised as urllib3's, and meets its retries."""
    seen: list[str] = []

    class Refusing:
        def handle(self, call, next):
            seen.append(call.boundary)
            return Failure(kind="ConnectError", module="httpx", message="refused by a test")
            yield

    with recording(Refusing()), pytest.raises(urllib3.exceptions.MaxRetryError) as caught:
        urllib3.PoolManager().request("GET", server.url + "/json", retries=urllib3.Retry(2))
    assert isinstance(caught.value.reason, urllib3.exceptions.NewConnectionError)
    assert len(seen) == 3
    assert server.hits == []
