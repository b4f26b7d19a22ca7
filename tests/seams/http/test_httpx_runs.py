"""httpx, httpx2 and runs: concurrency, isolation, blocked traffic, upgrades, unknown versions."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import httpx
import httpx2
import pytest

from agentops_eval import Settings
from agentops_eval import recording as to_file
from agentops_eval import replaying as from_file
from agentops_eval.domain import ReplayMiss, TransportUnsupported
from agentops_eval.seams.http import _httpx
from tests.seams.http._clients import SYNC, each_async_kind, each_kind
from tests.seams.http._loopback import Loopback
from tests.seams.http._memory import MemoryRun, recording, replaying

_httpx.install()
each_library = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
each_sync_kind = pytest.mark.parametrize("kind", SYNC, ids=str)
THREADS, CALLS = 8, 40


def fan_out(kind, url: str, *, shared: bool, same: bool) -> list[tuple[str, int]]:
    """Forty calls by eight threads: what each asked, and the number the server gave to its answer."""
    local = threading.local()
    common = kind.make(limits=kind.library.Limits(max_connections=THREADS)) if shared else None
    own = []

    def client():
        if common is not None:
            return common
        if not hasattr(local, "client"):
            local.client = kind.make()
            own.append(local.client)
        return local.client

    def call(number: int) -> tuple[str, int]:
        path = "/echo" if same else f"/echo/{number}"
        told = client().post(url + path, json={"n": 0 if same else number}).json()
        return told["path"], told["number"]

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(call, range(CALLS)))
    for opened in (*own, *([common] if common else [])):
        opened.close()
    return answers


@each_sync_kind
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("same", [True, False], ids=["equal", "distinct"])
def test_eight_threads_record_and_replay_forty_calls(server, kind, shared, same, tmp_path):
    """Forty of forty are recorded; replayed beside a live server each answer is given exactly once."""
    path = tmp_path / "threads.cassette.jsonl"
    with to_file(path, settings=Settings()) as run:
        recorded = fan_out(kind, server.url, shared=shared, same=same)
    assert len(server.hits) == CALLS
    assert sum(event.seam == "http" for event in run.events) == CALLS
    server.forget()
    with from_file(path, settings=Settings(strict=True)) as again:
        replayed = fan_out(kind, server.url, shared=shared, same=same)
    assert (server.hits, again.problems, again.unused) == ([], (), ())
    assert Counter(replayed) == Counter(recorded)
    if same:
        assert sorted(number for _, number in replayed) == list(range(1, CALLS + 1))


@each_async_kind
async def test_forty_tasks_at_once(server, kind, tmp_path):
    """Forty requests in flight in one loop, through one client, are all recorded and all replayed."""
    path = tmp_path / "tasks.cassette.jsonl"

    async def calls() -> list[bytes]:
        async with kind.open() as caller:
            replies = await asyncio.gather(*(caller.get(f"{server.url}/echo?n={n}") for n in range(CALLS)))
        return [reply.content for reply in replies]

    with to_file(path, settings=Settings()):
        recorded = await calls()
    assert len(server.hits) == CALLS
    server.forget()
    with from_file(path, settings=Settings(strict=True)) as again:
        assert await calls() == recorded
    assert (server.hits, again.problems) == ([], ())


@each_kind
async def test_a_paced_replay_lets_the_recorded_time_pass(server, kind, tmp_path):
    """With a pace, each chunk comes when it came in the recording, counted from the request, virtually."""
    path = tmp_path / "paced.cassette.jsonl"

    async def arrivals(run) -> list[float]:
        begin_s = run.scope.clock.elapsed_s()
        async with kind.open() as caller:
            response = await caller.begin("GET", server.url + "/chunked?n=3&delay=0.03")
            return [run.scope.clock.elapsed_s() - begin_s async for _ in caller.raw(response)]

    with to_file(path, settings=Settings()) as run:
        await arrivals(run)
        recorded = [chunk.at_s for chunk in run.events[-1].outcome.body.chunks]
    server.stop()
    with from_file(path, settings=Settings(pace=100.0)) as run:
        replayed = await arrivals(run)
    assert replayed == pytest.approx([at_s * 100 for at_s in recorded], abs=1e-3)


def check_apart(runs: dict[str, MemoryRun], server: Loopback) -> None:
    for name, run in runs.items():
        assert {event.request.url for event in run.http} == {f"{server.url}/json?{name}"}
        assert (len(run.http), run.scope.problems) == (20, [])
    assert server.seen == {"/json?recorded": 20}


@each_sync_kind
def test_two_runs_in_two_threads_never_mix(server, kind):
    """A recording beside a replay, on one client: each sees its own calls, and only one reaches out."""
    client = kind.make()
    with recording() as made:
        client.get(server.url + "/json?replayed")
    server.forget()
    runs: dict[str, MemoryRun] = {}
    barrier = threading.Barrier(2)

    def work(name: str) -> None:
        with recording() if name == "recorded" else replaying(made.events * 20) as run:
            runs[name] = run
            barrier.wait()
            for _ in range(20):
                assert client.get(f"{server.url}/json?{name}").status_code == 200
            barrier.wait()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, ["recorded", "replayed"]))
    client.close()
    check_apart(runs, server)


@each_async_kind
async def test_two_runs_in_two_tasks_never_mix(server, kind):
    """The same in two tasks of one loop."""
    async with kind.open() as caller:
        with recording() as made:
            await caller.get(server.url + "/json?replayed")
        server.forget()
        runs: dict[str, MemoryRun] = {}

        async def work(name: str) -> None:
            with recording() if name == "recorded" else replaying(made.events * 20) as run:
                runs[name] = run
                for _ in range(20):
                    await caller.get(f"{server.url}/json?{name}")
                    await asyncio.sleep(0)

        await asyncio.gather(*(asyncio.create_task(work(name)) for name in ("recorded", "replayed")))
    check_apart(runs, server)


@each_kind
async def test_traffic_without_a_run_is_blocked_during_a_replay(server, kind):
    """A thread that lost its context gets a miss that names it, the run remembers it, nothing goes out."""
    caught: list[BaseException] = []

    async def stray() -> None:
        async with kind.open() as caller:
            try:
                await caller.get(server.url + "/json?key=secret")
            except BaseException as error:
                caught.append(error)

    with replaying(()) as run:
        target = contextvars.Context().run
        thread = threading.Thread(target=target, args=(asyncio.run, stray()), name="stray-7")
        thread.start()
        await asyncio.to_thread(thread.join)
    assert isinstance(caught[0], ReplayMiss)
    assert (caught[0].reason, "stray-7" in str(caught[0])) == ("blocked", True)
    assert "secret" not in str(caught[0])
    assert run.scope.problems == caught
    assert server.hits == []


@each_kind
async def test_traffic_without_a_run_is_let_out_during_a_recording(server, kind):
    """Another thread's recording neither sees nor blocks a caller that belongs to no run."""
    opened, done = threading.Event(), threading.Event()

    def bystander() -> MemoryRun:
        with recording() as other:
            opened.set()
            done.wait(10)
        return other

    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(contextvars.Context().run, bystander)
        await asyncio.to_thread(opened.wait, 10)
        async with kind.open() as caller:
            assert (await caller.get(server.url + "/json")).status_code == 200
        done.set()
        assert job.result().http == []


@each_kind
async def test_outside_any_run_nothing_is_touched(server, kind):
    """Without a run a client has its own transport object, before runs and after them."""
    url = kind.library.URL(server.url)
    async with kind.open() as caller:
        own = caller.client._transport
        assert caller.client._transport_for_url(url) is own
        with recording():
            assert caller.client._transport_for_url(url) is not own
        assert caller.client._transport_for_url(url) is own
        assert (await caller.get(server.url + "/json")).status_code == 200


@each_kind
async def test_an_empty_replay_blocks(server, kind):
    """With nothing recorded a call is a miss, which passes the client unchanged and reaches nobody."""
    async with kind.open() as caller:
        with replaying(()) as run:
            with pytest.raises(ReplayMiss) as miss:
                await caller.get(server.url + "/json")
            assert run.scope.problems == [miss.value]
    assert server.hits == []


@each_kind
async def test_an_upgrade_is_passed_through_and_blocked_in_replay(server, kind):
    """Another protocol over the same connection works while recording, and says in replay why it cannot."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with kind.open() as caller:
        with recording() as run:
            reply = await caller.begin("GET", server.url + "/upgrade", headers=headers)
            stream = reply.extensions["network_stream"]
            if kind.asynchronous:
                await stream.write(b"hello")
                assert await stream.read(100) == b"hello"
            else:
                stream.write(b"hello")
                assert stream.read(100) == b"hello"
            await caller.close(reply)
        with replaying(run.events) as again, pytest.raises(ReplayMiss) as miss:
            await caller.begin("GET", server.url + "/upgrade", headers=headers)
    assert (reply.status_code, miss.value.reason) == (101, "blocked")
    assert again.scope.problems == [miss.value]


@each_library
@pytest.mark.parametrize("other", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_a_recording_of_one_library_replays_in_the_other(server, library, other, tmp_path):
    """Answers, streams and failures from a file are the replaying library's own."""
    path = tmp_path / "across.cassette.jsonl"

    def calls(lib: ModuleType) -> list[object]:
        seen: list[object] = []
        headers = {"User-Agent": "agent", "Accept-Encoding": "gzip"}
        with lib.Client(verify=False, headers=headers, follow_redirects=True) as client:
            for target in (
                "/json",
                "/gzip-chunked",
                "/redirect",
                "/cut",
                "/reset",
                "/silent?s=0.3",
                "/garbage",
            ):
                timeout = lib.Timeout(5, read=0.1 if "silent" in target else 5)
                try:
                    with client.stream("GET", server.url + target, timeout=timeout) as reply:
                        chunks = list(reply.iter_raw())
                        seen.append((reply.status_code, reply.headers.raw, chunks))
                except lib.TransportError as error:
                    own = type(error).__module__.partition(".")[0] == lib.__name__
                    seen.append((own, type(error).__name__, str(error), str(error.request.url)))
        return seen

    with to_file(path, settings=Settings()):
        recorded = calls(library)
    server.stop()
    with from_file(path, settings=Settings(strict=True)) as run:
        replayed = calls(other)
    assert replayed == recorded
    assert [seen[1] for seen in recorded[3:]] == [
        "RemoteProtocolError",
        "ReadError",
        "ReadTimeout",
        "RemoteProtocolError",
    ]
    assert all(seen[0] for seen in recorded)
    assert run.problems == ()


BROKEN = {
    "missing": {},
    "renamed": {"_transport_for": lambda self, url: None},
    "reshaped": {"_transport_for_url": lambda self, url, method: None},
}


@each_library
@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("which", ["Client", "AsyncClient"])
def test_an_unknown_library_is_refused_loudly(library, name, which):
    """A library whose clients changed shape is an error with a remedy, and stays wholly unpatched."""
    module = ModuleType("httpx9")
    module.__version__ = "9.1"  # type: ignore[attr-defined]
    known = {"_transport_for_url": lambda self, url: None}
    for client in ("Client", "AsyncClient"):
        setattr(module, client, type(client, (), BROKEN[name] if client == which else known))
    before = {client: dict(vars(getattr(module, client))) for client in ("Client", "AsyncClient")}
    with pytest.raises(TransportUnsupported, match=r"httpx9 9\.1") as refused:
        _httpx._patch(module)
    assert "pip install 'httpx9<9.1'" in str(refused.value)
    assert {client: dict(vars(getattr(module, client))) for client in before} == before


@each_library
def test_installing_twice_patches_once(library):
    """``install`` is idempotent."""
    before = library.Client._transport_for_url, library.AsyncClient._transport_for_url
    _httpx.install()
    _httpx._patch(library)
    assert (library.Client._transport_for_url, library.AsyncClient._transport_for_url) == before
