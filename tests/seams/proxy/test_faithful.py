"""What an agent sees through the proxy is what it sees without: while recording, and in replay."""

from __future__ import annotations

import http.client
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import HttpReply, HttpRequest
from agentops_eval.replay import read_cassette
from tests.seams.http._loopback import Loopback
from tests.seams.proxy._rig import Seen, ask, proxied, talk

PATHS = (
    "/json /latin /chunked?n=3 /chunked?n=0 /sse /gzip /gzip-chunked /gzip-broken /redirect /nothing /length "
    "/status?code=204 /status?code=304 /status?code=429 /status?code=500 /slow-length /until-close /cookies "
    "/cut?k=2 /cut?k=0 /short /bad-chunk /reset /hangup /garbage /stall?s=0.05 /echo"
).split()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the recording goes."""
    return tmp_path / "case.cassette.jsonl"


def _without_cookies(seen: Seen) -> Seen:
    return replace(seen, headers=tuple(pair for pair in seen.headers if pair[0] != "set-cookie"))


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
def test_every_kind_of_reply_is_seen_alike(path: Path, method: str) -> None:
    """Status, headers, body and the place of a cut: direct, recorded and replayed without the server."""
    body = b"asked" if method == "POST" else None
    wanted = [url for url in PATHS if method == "GET" or "?s=" not in url]
    with Loopback() as server:
        direct = [ask(server.url, url, method, body) for url in wanted]
        server.forget()
        with proxied(path, server.url) as (proxy, _):
            recorded = [ask(f"{proxy.url}/up", url, method, body) for url in wanted]
        base = server.url
    with proxied(path, base, replaying=True) as (proxy, run):
        replayed = [ask(f"{proxy.url}/up", url, method, body) for url in wanted]
        assert not run.unused
    echo = wanted.index("/echo")  # it tells the client's own connection headers
    for seen in (direct, recorded, replayed):
        del seen[echo]
    del wanted[echo]
    assert dict(zip(wanted, recorded, strict=True)) == dict(zip(wanted, direct, strict=True))
    shown = [_without_cookies(seen) for seen in direct]  # their values are redacted
    assert dict(zip(wanted, map(_without_cookies, replayed), strict=True)) == dict(
        zip(wanted, shown, strict=True)
    )


def test_what_came_of_a_torn_chunk_is_passed_on(path: Path) -> None:
    """The bytes before the cut reach the agent, and the cut itself does, too."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            recorded = ask(f"{proxy.url}/up", "/cut?k=2&torn=1")
        base = server.url
    with proxied(path, base, replaying=True) as (proxy, _):
        assert ask(f"{proxy.url}/up", "/cut?k=2&torn=1") == recorded
    assert (recorded.body, recorded.whole) == (b"chunk 0;chunk 1;only this much", False)


def test_an_upstream_that_is_not_there_is_a_closed_connection(path: Path) -> None:
    """Nobody listens upstream: the agent's connection is closed without an answer, and again in replay."""
    with Loopback() as server:
        base = server.url
    with proxied(path, base) as (proxy, _):
        assert ask(f"{proxy.url}/up", "/json").status == 0
        assert [line.split(": ")[1] for line in proxy.failed] == ["ConnectError"]
    with proxied(path, base, replaying=True) as (proxy, run):
        assert ask(f"{proxy.url}/up", "/json").status == 0
    assert run.report.labels == {"replayed": 1}


def test_a_request_is_recorded_as_if_it_had_gone_directly(path: Path) -> None:
    """Address, Host and body are those of the upstream; what belongs to the connection stays here."""
    with Loopback() as server, proxied(path, f"{server.url}/v1") as (proxy, _):
        headers = {"Connection": "X-Hop", "X-Hop": "1", "X-Kept": "2", "TE": "trailers", "X-Kept-Too": "é"}
        seen = ask(f"{proxy.url}/up", "/v1/chat?a=b%2F", "POST", b"hello", **headers)
        host = server.url.removeprefix("http://")
    assert b'"path": "/v1/chat?a=b%2F"' in seen.body
    assert b"x-hop" not in seen.body
    request = read_cassette(path).events[0].request
    assert isinstance(request, HttpRequest)
    kept = {name.lower(): value for name, value in request.headers}
    assert (request.url, request.body) == (f"http://{host}/v1/chat?a=b%2F", b"hello")
    assert (kept["host"], kept["x-kept"], kept["x-kept-too"]) == (host, "2", "é")
    assert not {"connection", "x-hop", "te"} & set(kept)


def test_chunked_requests_and_expectations_are_read(path: Path) -> None:
    """A body in chunks with trailers comes whole; who expects to be told to continue is told."""
    with Loopback() as server, proxied(path, server.url) as (proxy, _):
        head = b"POST /up/echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        head += b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        answer = talk(proxy.url, head + b"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert b'"body": "hello!"' in answer
    assert b'"content-length": "6"' in answer
    assert b"expect" not in answer.lower()


def test_one_connection_serves_many_requests(path: Path) -> None:
    """HTTP/1.1 connections are kept on both sides; HTTP/1.0 ones end, and get no chunks."""
    with Loopback() as server, proxied(path, server.url) as (proxy, _):
        connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=30)
        for _number in range(3):
            connection.request("GET", "/up/chunked?n=2")
            assert connection.getresponse().read() == b"chunk 0;chunk 1;chunk 1;"
        kept = connection.sock
        connection.request("GET", "/up/json")
        connection.getresponse().read()
        assert connection.sock is kept
        connection.close()
        old = talk(proxy.url, b"GET /up/chunked?n=2 HTTP/1.0\r\n\r\n")
    assert old.endswith(b"\r\n\r\nchunk 0;chunk 1;chunk 1;")
    assert b"chunked" not in old.partition(b"\r\n\r\n")[0].lower()


def test_ten_megabytes_pass_in_both_directions(path: Path) -> None:
    """Large bodies are passed on, kept and replayed to the byte."""
    body = bytes(range(256)) * 40_960
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            asked = ask(f"{proxy.url}/up", "/json", "POST", body)
            given = ask(f"{proxy.url}/up", "/length?n=40960")
        base = server.url
    assert (asked.status, given.body == body) == (200, True)
    with proxied(path, base, replaying=True) as (proxy, _):
        assert ask(f"{proxy.url}/up", "/json", "POST", body) == asked
        assert ask(f"{proxy.url}/up", "/length?n=40960") == given


def test_a_stream_passes_as_it_arrives(path: Path) -> None:
    """The agent has a chunk before the upstream sends the next, and the offsets are kept."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            connection = http.client.HTTPConnection(
                "127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=30
            )
            connection.request("GET", "/up/gated?n=3")
            seen = []
            server.gate.release()
            response = connection.getresponse()
            for _number in range(3):
                seen.append(response.read1())
                server.gate.release()
            assert response.read() == b""
            connection.close()
    assert seen == [b"chunk 0;", b"chunk 1;", b"chunk 2;"]
    outcome = read_cassette(path).events[0].outcome
    assert isinstance(outcome, HttpReply)
    chunks = outcome.body.chunks  # type: ignore[union-attr]
    assert [chunk.data for chunk in chunks] == seen
    assert 0 < chunks[0].at_s <= chunks[1].at_s <= chunks[2].at_s


def test_redirections_stay_behind_the_proxy(path: Path) -> None:
    """A Location at the upstream, absolute or not, leads through the proxy; another host's stays."""
    with Loopback() as server, proxied(path, server.url) as (proxy, _):
        for to, wanted in (
            ("/json", f"{proxy.url}/up/json"),
            (f"{server.url}/a?b=c", f"{proxy.url}/up/a?b=c"),
            ("https://elsewhere.example/x", "https://elsewhere.example/x"),
        ):
            connection = http.client.HTTPConnection(
                "127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=30
            )
            connection.request("GET", f"/up/redirect?to={to.replace('?', '%3F')}")
            assert connection.getresponse().getheader("Location") == wanted
            connection.close()
    event = read_cassette(path).events[0]
    assert isinstance(event.outcome, HttpReply)
    assert ("Location", "/json") in event.outcome.headers
