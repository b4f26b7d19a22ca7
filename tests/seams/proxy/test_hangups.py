"""An agent that hangs up, and agents that ask for many things at once."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentops_eval.domain import EndKind, HttpReply
from agentops_eval.replay import read_cassette
from agentops_eval.seams.proxy import Proxy
from tests.seams.http._loopback import Loopback
from tests.seams.proxy._rig import Seen, ask, proxied


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the recording goes."""
    return tmp_path / "case.cassette.jsonl"


def _hang_up(proxy: Proxy, target: bytes, after: bytes) -> bytes:
    """Ask, read until ``after`` was seen, and hang up."""
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(b"GET /up" + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while after not in answer:
            answer += connection.recv(65536)
        return answer


def test_an_agent_that_gives_up_waiting_gives_up_again(path: Path) -> None:
    """A call without an answer is kept as such; in replay it is not answered either, and is no miss."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            _hang_up(proxy, b"/silent?s=20", b"")
            server.wait_for_hit()
            ask(f"{proxy.url}/up", "/json")
            proxy.stop()
        base = server.url
    assert [event.outcome is None for event in read_cassette(path).events] == [True, False]
    with proxied(path, base, replaying=True) as (proxy, run):
        _hang_up(proxy, b"/silent?s=20", b"")
        ask(f"{proxy.url}/up", "/json")
        proxy.stop()
    assert run.problems == ()
    assert run.unused == ()


def test_a_stream_that_the_agent_closes_ends_there(path: Path) -> None:
    """The upstream is let go, the recording ends where the agent stopped, and a replay accepts the same."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            server.gate.release()
            _hang_up(proxy, b"/gated?n=3", b"chunk 0;")
            proxy.stop()
        base = server.url
    outcome = read_cassette(path).events[0].outcome
    assert isinstance(outcome, HttpReply)
    body = outcome.body
    assert (body.data, body.end.kind) == (b"chunk 0;", EndKind.CLOSED)  # type: ignore[union-attr]
    with proxied(path, base, replaying=True) as (proxy, run):
        _hang_up(proxy, b"/gated?n=3", b"chunk 0;")
        proxy.stop()
    assert run.problems == ()


def test_an_agent_that_reads_on_is_a_miss(path: Path) -> None:
    """Where the recorded agent closed the stream and this one does not, its connection ends: a miss."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            server.gate.release()
            _hang_up(proxy, b"/gated?n=3", b"chunk 0;")
            proxy.stop()
        base = server.url
    with pytest.raises(BaseException, match="ends here"):
        with proxied(path, base, replaying=True, patience_s=0.05) as (proxy, _):
            seen = ask(f"{proxy.url}/up", "/gated?n=3")
            assert (seen.body, seen.whole) == (b"chunk 0;", False)


def _ask_all(base: str, wanted: list[str], *, workers: int) -> list[Seen]:
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda question: ask(base, "/echo", "POST", question.encode()), wanted))


def test_parallel_requests_get_their_own_answers(path: Path) -> None:
    """Forty questions at once, some the same: in whatever order, each gets one recorded answer to it."""
    wanted = [f"question {number % 30}" for number in range(40)]
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            recorded = _ask_all(f"{proxy.url}/up", wanted, workers=8)
        base = server.url
    with proxied(path, base, replaying=True) as (proxy, run):
        replayed = _ask_all(f"{proxy.url}/up", wanted[::-1], workers=5)[::-1]
    assert run.unused == ()
    assert sorted(seen.body for seen in replayed) == sorted(seen.body for seen in recorded)
    for question, seen in zip(wanted, replayed, strict=True):
        assert f'"body": "{question}"'.encode() in seen.body


def test_recordings_of_parallel_requests_have_one_golden(path: Path) -> None:
    """What is asked at once is ordered by what it is, so that two recordings and a replay are equal."""
    digests = []
    with Loopback() as server:
        for order in (1, -1):
            with proxied(path, server.url) as (proxy, run):
                server.forget()
                wanted = [f"/chunked?n=2&delay=0.1&q={number}" for number in range(6)][::order]
                with ThreadPoolExecutor(6) as pool:
                    list(pool.map(lambda target: ask(f"{proxy.url}/up", target), wanted))
            digests.append(run.digest)
        base = server.url
    with proxied(path, base, replaying=True) as (proxy, run):
        for target in wanted:
            ask(f"{proxy.url}/up", target)
    assert {*digests, run.digest} == {run.digest}
