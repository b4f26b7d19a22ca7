"""httpx and httpx2 through the seam: what a caller sees unpatched, recorded and replayed is the same."""

from __future__ import annotations

import pytest

from agentops_eval.domain import EndKind, Failure, KeptBody
from agentops_eval.seams.http import _httpx
from tests.seams.http._clients import alike, each_kind, error_of, streamed, whole
from tests.seams.http._loopback import dead_port
from tests.seams.http._memory import kept, recording, replaying

_httpx.install()

PATHS = (
    "/json /chunked?n=4 /sse /gzip /gzip-chunked /length /slow-length /until-close /cookies /nothing "
    "/redirect /redirect?status=307 /flaky /status?code=304 /status?code=204 /status?code=500 /cut "
    "/cut?torn=1 /cut?reset=1 /short /bad-chunk /reset /hangup /garbage /gzip-broken /latin"
).split()
FRAMED = "chunk sse cut"  # the server decides about their chunks, the socket about those of the others


@each_kind
@pytest.mark.parametrize("path", PATHS)
async def test_a_reply_read_at_once_is_the_same_live_recorded_and_replayed(server, kind, path):
    """Hops, heads, content, text, cookies, state and errors agree in all three runs."""
    live = await alike(kind, whole, server.url + path)
    server.forget()
    with recording() as run:
        recorded = await alike(kind, whole, server.url + path)
    server.stop()
    with replaying(run.events) as again:
        replayed = await alike(kind, whole, server.url + path)
    assert live == recorded == replayed
    assert again.scope.problems == []
    assert len(run.http) == len(again.http) == len(server.hits)


@each_kind
@pytest.mark.parametrize("path", PATHS)
async def test_a_stream_is_the_same_live_recorded_and_replayed(server, kind, path):
    """Chunk boundaries, byte counts and the states before and after agree in all three runs."""
    live = await alike(kind, streamed, server.url + path)
    server.forget()
    with recording() as run:
        recorded = await alike(kind, streamed, server.url + path)
    server.stop()
    with replaying(run.events) as again:
        replayed = await alike(kind, streamed, server.url + path)
    assert recorded == replayed
    assert live[:-1] == recorded[:-1]
    if any(word in path for word in FRAMED.split()):
        assert live[-1] == recorded[-1]
    else:
        assert b"".join(live[-1]) == b"".join(recorded[-1])
    assert again.scope.problems == []


@each_kind
@pytest.mark.parametrize("look", [whole, streamed])
async def test_head_has_headers_and_no_body(server, kind, look):
    """A HEAD reply announces a length and has no bytes, which is its true end."""
    live = await alike(kind, look, server.url + "/json", method="HEAD")
    with recording() as run:
        recorded = await alike(kind, look, server.url + "/json", method="HEAD")
    server.stop()
    with replaying(run.events):
        assert await alike(kind, look, server.url + "/json", method="HEAD") == recorded == live
    assert kept(run) == KeptBody()
    assert ("Content-Length", "232") in run.http[0].outcome.headers


@each_kind
async def test_cookies_keep_their_headers_apart(server, kind):
    """Two Set-Cookie headers stay two, in the case in which they came."""
    with recording() as run:
        await alike(kind, whole, server.url + "/cookies")
    names = [name for name, _ in run.http[0].outcome.headers]
    assert names.count("Set-Cookie") == 2


@each_kind
async def test_attempts_and_hops_are_calls(server, kind):
    """Each redirect and each answer to a retried request is one event, in order."""
    with recording() as run:
        async with kind.open(follow_redirects=True) as caller:
            await caller.get(server.url + "/redirect")
            while (await caller.get(server.url + "/flaky")).status_code == 429:
                pass
    assert [event.outcome.status for event in run.http] == [302, 200, 429, 429, 200]
    assert [event.boundary.removeprefix(f"GET {server.url}") for event in run.http[:3]] == [
        "/redirect",
        "/json",
        "/flaky",
    ]
    server.forget()
    with replaying(run.events) as again:
        async with kind.open(follow_redirects=True) as caller:
            await caller.get(server.url + "/redirect")
            statuses = [(await caller.get(server.url + "/flaky")).status_code for _ in range(3)]
    assert (statuses, server.hits, again.scope.problems) == ([429, 429, 200], [], [])


@each_kind
async def test_compressed_bodies_are_kept_compressed(server, kind):
    """The cassette holds the bytes of the wire, with the header that says how to read them."""
    with recording() as run:
        seen = await alike(kind, whole, server.url + "/gzip")
    assert kept(run).data.startswith(b"\x1f\x8b")
    assert b"caf" in seen[1]


@each_kind
async def test_auth_flows_run_above_the_seam(server, kind):
    """Digest asks twice and basic once, live and replayed; a callable signs what is recorded."""
    library = kind.library

    def sign(request):
        request.headers["X-Signed"] = "yes"
        return request

    async def calls() -> list[object]:
        async with kind.open() as caller:
            digest = await caller.get(server.url + "/digest", auth=library.DigestAuth("me", "pass"))
            basic = await caller.get(server.url + "/json?basic", auth=("me", "pass"))
            signed = await caller.get(server.url + "/json?signed", auth=sign)
            replies = (*digest.history, digest, basic, signed)
            return [(reply.status_code, reply.content, reply.is_closed) for reply in replies]

    live = await calls()
    with recording() as run:
        recorded = await calls()
    server.stop()
    with replaying(run.events) as again:
        assert await calls() == recorded == live
    assert [reply[0] for reply in live] == [401, 200, 200, 200]
    assert ("X-Signed", "yes") in run.http[3].request.headers
    assert len(again.http) == len(run.http) == 4


@each_kind
async def test_event_hooks_and_default_encoding_are_the_clients(server, kind):
    """Hooks see request and response of each hop in replay too, and text is decoded as the client says."""
    seen: list[str] = []

    def of(name):
        def note(message):
            seen.append(f"{name} {message.url.path}")

        async def note_async(message):
            note(message)

        return [note_async if kind.asynchronous else note]

    options = {"event_hooks": {"request": of("request"), "response": of("response")}}

    async def call() -> str:
        async with kind.open(follow_redirects=True, default_encoding="latin-1", **options) as caller:
            return (await caller.get(server.url + "/redirect?to=/until-close")).text

    with recording() as run:
        recorded = await call()
    server.stop()
    first, seen[:] = list(seen), []
    with replaying(run.events):
        assert await call() == recorded
    paths = ["/redirect", "/until-close"]
    assert seen == first == [f"{name} {path}" for path in paths for name in ("request", "response")]


FAILURES = {
    "refused": "ConnectError",
    "unresolved": "ConnectError",
    "read-timeout": "ReadTimeout",
    "stalled": "ReadTimeout",
    "no-scheme": "UnsupportedProtocol",
    "odd-scheme": "UnsupportedProtocol",
    "reset": "ReadError",
    "hangup": "RemoteProtocolError",
    "garbage": "RemoteProtocolError",
    "short": "RemoteProtocolError",
    "cut?torn=1": "RemoteProtocolError",
    "bad-chunk": "RemoteProtocolError",
}


@each_kind
@pytest.mark.parametrize("case", FAILURES)
async def test_failures_replay_with_type_message_and_request(server, kind, case):
    """Errors before and amid the reply come back as the caller's own library raised them."""
    url = {
        "refused": f"http://127.0.0.1:{dead_port()}/",
        "unresolved": "http://nobody.invalid/",
        "read-timeout": f"{server.url}/silent?s=0.3",
        "stalled": f"{server.url}/stall?s=0.3",
        "no-scheme": "//nobody.invalid/",
        "odd-scheme": "gopher://nobody.invalid/",
    }.get(case, f"{server.url}/{case}")

    async def call():
        timeout = kind.library.Timeout(5, read=0.1 if FAILURES[case] == "ReadTimeout" else 5)
        async with kind.open(timeout=timeout) as caller:
            with pytest.raises(kind.library.TransportError) as caught:
                await caller.get(url)
        return caught.value

    live = await call()
    with recording() as run:
        first = await call()
    server.stop()
    with replaying(run.events) as again:
        second = await call()
    assert type(first).__name__ == FAILURES[case]
    assert type(first).__module__.partition(".")[0] == kind.library.__name__
    assert error_of(second) == error_of(first) == error_of(live)
    assert (again.scope.problems, len(run.http)) == ([], 1)


@each_kind
async def test_a_cut_is_kept_at_its_chunk(server, kind):
    """Chunks before the cut are kept, then the failure as a value with the native error beside it."""
    with recording() as run:
        await alike(kind, streamed, server.url + "/cut?k=3")
    body = kept(run)
    assert [chunk.data for chunk in body.chunks] == [b"chunk 0;", b"chunk 1;", b"chunk 2;"]
    assert body.end.kind is EndKind.CUT
    assert isinstance(body.end.failure, Failure)
    assert body.end.failure.kind == "RemoteProtocolError"
