"""urllib3 through the seam: answers, chunk boundaries, failures, bodies, threads, isolation."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from agentops_eval.domain import (
    EndKind,
    Failure,
    KeptBody,
    ReplayMiss,
    TransportUnsupported,
)
from agentops_eval.seams.http import _urllib3
from tests.seams.http._loopback import dead_port
from tests.seams.http._memory import MemoryRun, kept, recording, replaying

EARLY_POOL = urllib3.PoolManager()
_urllib3.install()

NO_RETRIES = urllib3.Retry(3, connect=0, read=0, other=0, status_forcelist=[429])
PATHS = (
    "/json /chunked?n=4 /sse /gzip /gzip-chunked /length /slow-length /until-close /cookies /nothing "
    "/redirect /redirect?status=307 /flaky /status?code=304 /status?code=500 /cut /cut?torn=1 "
    "/cut?reset=1 /short /bad-chunk /reset /hangup /garbage /gzip-broken"
).split()


def whole(pool: urllib3.PoolManager, url: str) -> object:
    try:
        reply = pool.request("GET", url, retries=NO_RETRIES)
    except urllib3.exceptions.HTTPError as error:
        return type(error), str(error)
    return reply.status, reply.reason, list(reply.headers.items()), reply.data, reply.version


def streamed(pool: urllib3.PoolManager, url: str, size: int | None = None) -> object:
    chunks: list[bytes] = []
    try:
        reply = pool.request("GET", url, preload_content=False, retries=NO_RETRIES)
        chunks.extend(reply.stream(size))
        reply.release_conn()
    except urllib3.exceptions.HTTPError as error:
        return chunks, type(error), str(error)
    return reply.status, list(reply.headers.items()), chunks


def plainly(pool: urllib3.PoolManager, url: str) -> object:
    """By ``read1``, then by ``read`` of three bytes at a time."""
    try:
        reply = pool.request("GET", url, preload_content=False, retries=NO_RETRIES)
        first = reply.read1(5)
        rest = iter(lambda: reply.read(3), b"")
        return reply.status, first + b"".join(rest), reply.tell()
    except urllib3.exceptions.HTTPError as error:
        return type(error), str(error)


@pytest.mark.parametrize("read", [whole, streamed, plainly])
@pytest.mark.parametrize("path", PATHS)
def test_a_replay_is_what_was_recorded_is_what_is_live(server, path, read):
    """Unpatched, recorded and replayed runs give the same statuses, headers, chunks and errors."""
    live = read(urllib3.PoolManager(), server.url + path)
    server.forget()
    with recording() as run:
        recorded = read(urllib3.PoolManager(), server.url + path)
    server.stop()
    with replaying(run.events) as again:
        replayed = read(urllib3.PoolManager(), server.url + path)
    assert live == recorded == replayed
    assert again.scope.problems == []


def test_chunks_are_kept_one_by_one(server):
    """Each transfer chunk of a chunked reply is one kept chunk."""
    with recording() as run:
        streamed(urllib3.PoolManager(), server.url + "/chunked?n=4")
    chunks = [chunk.data for chunk in kept(run).chunks]
    assert chunks == [f"chunk {n};".encode() * (n + 1) for n in range(4)]
    assert kept(run).end.kind is EndKind.EOF


def test_the_tee_does_not_hold_chunks_back(server):
    """A recorded stream reaches the caller chunk by chunk, while the server is still sending."""
    with recording() as run:
        reply = urllib3.PoolManager().request(
            "GET", server.url + "/chunked?n=5&delay=0.02", preload_content=False
        )
        stream = reply.stream()
        next(stream)
        assert run.http[0].outcome is None
        rest = list(stream)
        reply.release_conn()
    offsets = [chunk.at_s for chunk in kept(run).chunks]
    assert len(rest) == 4
    assert offsets == sorted(offsets)
    assert offsets[-1] > offsets[0]


def test_compressed_bodies_are_kept_compressed(server):
    """The cassette holds the bytes of the wire, with the header that says how to read them."""
    with recording() as run:
        data = whole(urllib3.PoolManager(), server.url + "/gzip")
    assert kept(run).data.startswith(b"\x1f\x8b")
    assert b"caf" in data[3]


@pytest.mark.parametrize("method", ["HEAD", "GET", "DELETE"])
def test_replies_without_a_body_complete_at_once(server, method):
    """HEAD and 204 need no reading: their events are complete when the call returns."""
    path = "/json" if method == "HEAD" else "/nothing"
    with recording() as run:
        reply = urllib3.PoolManager().request(method, server.url + path, preload_content=False)
        assert run.http[0].outcome is not None
        assert (reply.read(), reply.headers.get("Content-Length")) == (
            b"",
            "232" if method == "HEAD" else None,
        )
        reply.release_conn()
    with replaying(run.events):
        again = urllib3.PoolManager().request(method, server.url + path)
        assert (again.status, again.data, again.headers.items()) == (reply.status, b"", reply.headers.items())


def test_closing_early_is_the_callers_act(server):
    """A stream closed by the caller is kept as closed; reading on in replay is a miss that ends there."""
    with recording() as run:
        reply = urllib3.PoolManager().request("GET", server.url + "/chunked?n=9", preload_content=False)
        assert next(reply.stream()) == b"chunk 0;"
        reply.close()
    assert kept(run).end.kind is EndKind.CLOSED
    with replaying(run.events) as again:
        reply = urllib3.PoolManager().request("GET", server.url + "/chunked?n=9", preload_content=False)
        with pytest.raises(ReplayMiss) as miss:
            list(reply.stream())
    assert miss.value.reason == "ends-here"
    assert again.scope.problems == [miss.value]


def test_a_plain_body_closed_after_its_last_byte_is_complete(server):
    """A caller who takes all promised bytes and closes has read to the end."""
    with recording() as run:
        reply = urllib3.PoolManager().request("GET", server.url + "/json", preload_content=False)
        reply.read(232)
        reply.close()
    assert kept(run).end.kind is EndKind.EOF


def test_a_reply_never_read_is_closed_by_the_caller(server):
    """Closing without reading keeps the head and no chunk."""
    with recording() as run:
        urllib3.PoolManager().request("GET", server.url + "/chunked", preload_content=False).close()
    assert kept(run) == KeptBody(end=kept(run).end)
    assert kept(run).end.kind is EndKind.CLOSED


def test_connections_are_reused_while_recording(server):
    """The seam leaves keep-alive to urllib3: ten calls, streamed or not, take one connection."""
    pool = urllib3.HTTPConnectionPool("127.0.0.1", int(server.url.rpartition(":")[2]), maxsize=1)
    with recording():
        for number in range(10):
            reply = pool.request("GET", "/chunked", preload_content=bool(number % 2))
            assert reply.data
            reply.release_conn()
    assert (pool.num_connections, pool.num_requests) == (1, 10)
    pool.close()


@pytest.mark.parametrize("count", [1, 3])
def test_misses_leak_no_connection(server, count):
    """A blocking pool of one is usable after misses: each gave its connection back."""
    pool = urllib3.HTTPConnectionPool("127.0.0.1", int(server.url.rpartition(":")[2]), maxsize=1, block=True)
    with replaying(()) as run:
        for _ in range(count):
            with pytest.raises(ReplayMiss):
                pool.request("GET", "/json", pool_timeout=0.1)
    assert len(run.scope.problems) == count
    assert pool.request("GET", "/json", pool_timeout=0.1).status == 200
    assert server.hits == ["GET /json"]
    pool.close()


def test_attempts_and_hops_are_calls(server):
    """Each retry of a 429 and each redirect is one event, below urllib3's own handling of them."""
    with recording() as run:
        assert whole(urllib3.PoolManager(), server.url + "/flaky")[0] == 200
        assert whole(urllib3.PoolManager(), server.url + "/redirect")[0] == 200
    statuses = [event.outcome.status for event in run.http]
    assert statuses == [429, 429, 200, 302, 200]
    assert [event.boundary for event in run.http[3:]] == [
        f"GET {server.url}/redirect",
        f"GET {server.url}/json",
    ]


FAILURES = {
    "refused": "NewConnectionError",
    "unresolved": "NameResolutionError",
    "read-timeout": "ReadTimeoutError",
    "stalled": "ReadTimeoutError",
    "reset": "ProtocolError",
    "hangup": "ProtocolError",
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_replay_with_type_and_message(server, case):
    """Errors before and amid the reply come back as the same urllib3 error, wrapped the same way."""
    url = {
        "refused": f"http://127.0.0.1:{dead_port()}/",
        "unresolved": "http://nobody.invalid/",
        "read-timeout": f"{server.url}/silent?s=0.3",
        "stalled": f"{server.url}/stall?s=0.3",
    }.get(case, f"{server.url}/{case}")

    def call() -> urllib3.exceptions.HTTPError:
        with pytest.raises(urllib3.exceptions.HTTPError) as caught:
            read_s = 0.1 if FAILURES[case] == "ReadTimeoutError" else 5
            timeout = urllib3.Timeout(connect=5, read=read_s)
            urllib3.PoolManager().request("GET", url, retries=False, timeout=timeout)
        return caught.value

    with recording() as run:
        first = call()
    server.stop()
    with replaying(run.events) as again:
        second = call()
    assert type(first).__name__ == FAILURES[case]
    assert (type(second), str(second)) == (type(first), str(first))
    assert again.scope.problems == []
    assert len(run.http) == 1


def test_a_connect_timeout_replays(server):
    """A timeout while connecting, which no server is needed for, is rebuilt with its connection."""
    failure = Failure(kind="ConnectTimeoutError", module="urllib3", message="", arguments=({}, "timed out"))
    with recording() as run:
        whole(urllib3.PoolManager(), server.url + "/json")
    event = run.http[0]
    slow = type(event)(
        index=0, seam=event.seam, boundary=event.boundary, request=event.request, outcome=failure
    )
    with replaying([slow]), pytest.raises(urllib3.exceptions.ConnectTimeoutError, match="timed out"):
        urllib3.PoolManager().request("GET", server.url + "/json", retries=False)


def test_threads_record_and_replay_everything(server):
    """Eight threads with forty calls keep forty events and replay them with no hit on a live server."""

    def calls() -> list[bytes]:
        pool = urllib3.PoolManager(maxsize=8)
        with ThreadPoolExecutor(8) as threads:
            contexts = [contextvars.copy_context() for _ in range(40)]
            jobs = [
                threads.submit(
                    context.run, lambda n=number: pool.request("GET", f"{server.url}/echo?n={n}").data
                )
                for number, context in enumerate(contexts)
            ]
            return [job.result() for job in jobs]

    with recording() as run:
        recorded = calls()
    assert len(run.http) == len(server.hits) == 40
    server.forget()
    with replaying(run.events) as again:
        assert calls() == recorded
    assert (server.hits, again.scope.problems, len(again.http)) == ([], [], 40)


def test_two_runs_in_two_threads_never_mix(server):
    """A recording beside a replay: each sees its own calls only, and only the recording reaches out."""
    with recording() as made:
        whole(urllib3.PoolManager(), server.url + "/json?replayed")
    server.forget()
    runs: dict[str, MemoryRun] = {}
    barrier = threading.Barrier(2)

    def work(name: str) -> None:
        opened = recording() if name == "recorded" else replaying(made.events * 20)
        with opened as run:
            runs[name] = run
            barrier.wait()
            for _ in range(20):
                assert whole(EARLY_POOL, f"{server.url}/json?{name}")[0] == 200

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, ["recorded", "replayed"]))
    for name, run in runs.items():
        assert {event.request.url for event in run.http} == {f"{server.url}/json?{name}"}
        assert (len(run.http), run.scope.problems) == (20, [])
    assert server.seen == {"/json?recorded": 20}


def test_clients_made_before_anything_are_seen(server):
    """A pool made before the patch and a pool used before the run are recorded and replayed."""
    used = urllib3.PoolManager()
    assert whole(used, server.url + "/json")[0] == 200
    with recording() as run:
        recorded = [whole(pool, server.url + "/json") for pool in (EARLY_POOL, used)]
    server.forget()
    with replaying(run.events):
        assert [whole(pool, server.url + "/json") for pool in (EARLY_POOL, used)] == recorded
    assert server.hits == []


def test_traffic_without_a_run_is_blocked_during_a_replay(server):
    """A thread that lost its context gets a miss that names it, the run remembers it, nothing goes out."""
    caught: list[BaseException] = []

    def stray() -> None:
        try:
            urllib3.PoolManager().request("GET", server.url + "/json")
        except BaseException as error:
            caught.append(error)

    with replaying(()) as run:
        thread = threading.Thread(target=contextvars.Context().run, args=(stray,), name="stray-7")
        thread.start()
        thread.join()
    assert isinstance(caught[0], ReplayMiss)
    assert (caught[0].reason, "stray-7" in str(caught[0])) == ("blocked", True)
    assert run.scope.problems == caught
    assert server.hits == []


def test_an_unknown_urllib3_is_refused_loudly():
    """A library whose pools changed shape is an error with a remedy, never a silent leak."""

    class HTTPConnectionPool:
        def _make_request(self, conn, method, url, timeout=None): ...

    class Module:
        pass

    module = Module()
    module.HTTPConnectionPool = HTTPConnectionPool
    with pytest.raises(TransportUnsupported, match="pip install"):
        _urllib3._patch(module)


def test_installing_twice_patches_once():
    """``install`` is idempotent."""
    before = urllib3.HTTPConnectionPool._make_request
    _urllib3.install()
    assert urllib3.HTTPConnectionPool._make_request is before
