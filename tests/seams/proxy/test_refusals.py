"""What the proxy does not pass on is told to the agent, and is never recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from agentops_eval.replay import read_cassette
from tests.examples import examples
from tests.seams.http._loopback import Loopback
from tests.seams.proxy._rig import ask, proxied, talk

OK = b"GET /up/json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
HEAD = b"POST /up/json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HOSTILE = {
    "binary": bytes(range(256)) + b"\r\n\r\n",
    "four words": b"GET /up/json now HTTP/1.1\r\n\r\n",
    "version": b"GET /up/json HTTP/9.9\r\n\r\n",
    "long line": b"GET /up/" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    "method": b"G(E)T /up/json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no colon": b"GET /up/json HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
    "header name": b"GET /up/json HTTP/1.1\r\nA B: c\r\n\r\n",
    "null": b"GET /up/json HTTP/1.1\r\nA: b\0\r\n\r\n",
    "many headers": b"GET /up/json HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "no length": HEAD + b"Content-Length: x\r\n\r\n",
    "huge": HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n",
    "both framings": HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunk length": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "long chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "long chunk line": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 20_000,
    "whole address": b"GET http://127.0.0.1/up/json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "tunnel": b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n",
    "another host": b"GET /up/json HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "broken host": b"GET /up/json HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "unknown upstream": b"GET /nix/json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "only an upstream": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the recording goes."""
    return tmp_path / "case.cassette.jsonl"


def test_hostile_requests_are_refused_and_the_proxy_lives_on(path: Path) -> None:
    """Each is answered with a 4xx or 5xx in JSON; none reaches the upstream or the recording."""
    with Loopback() as server, proxied(path, server.url) as (proxy, run):
        for name, data in HOSTILE.items():
            head, _, body = talk(proxy.url, data).partition(b"\r\n\r\n")
            assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), name
            assert json.loads(body)["error"]["type"] == "agentops_refused", name
            assert b"x-should-retry: false" in head.lower(), name
        assert (server.hits, run.events) == ([], ())
        assert talk(proxy.url, OK).startswith(b"HTTP/1.1 200 OK\r\n")


@examples(50, suppress=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), start=st.sampled_from([b"", b"GET /up/json HTTP/1.1\r\n", HEAD]))
def test_no_bytes_stop_the_proxy(path: Path, data: bytes, start: bytes) -> None:
    """Whatever is sent and then left unfinished, the next request is served."""
    with Loopback() as server, proxied(path, server.url) as (proxy, _):
        talk(proxy.url, start + data + b"\r\n\r\n", finish=True)
        assert talk(proxy.url, OK).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_path_that_leads_nowhere_lists_those_that_do(path: Path) -> None:
    """The answer names the upstreams, and the option that adds one."""
    with Loopback() as server, proxied(path, server.url) as (proxy, _):
        seen = ask(proxy.url, "/v1/chat/completions", "POST", b"{}")
        told = json.loads(seen.body)["error"]["message"]
        ask(f"{proxy.url}/up", "/json")
    assert seen.status == 404
    assert "'/v1'" in told
    assert f"/up ({server.url})" in told
    assert "--upstream NAME=URL" in told


def test_a_miss_is_told_in_a_way_that_sdks_do_not_repeat(path: Path) -> None:
    """Status 422, an error in JSON, and no invitation to try again; the run remembers it."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            ask(f"{proxy.url}/up", "/json")
        base = server.url
    run = None
    with pytest.raises(BaseException, match="AE110"):
        with proxied(path, base, replaying=True) as (proxy, run):
            seen = ask(f"{proxy.url}/up", "/chat", "POST", b"{}")
            head = talk(proxy.url, b"HEAD /up/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert seen.status == 422
    assert json.loads(seen.body)["error"]["code"] == "AE110"
    assert b"X-Should-Retry: false" in head
    assert head.endswith(b"\r\n\r\n")
    assert run is not None
    assert len(run.problems) == 2


def test_a_header_of_a_recording_cannot_end_the_head(path: Path) -> None:
    """Line breaks in what a recording holds are no line breaks on the wire."""
    with Loopback() as server:
        with proxied(path, server.url) as (proxy, _):
            ask(f"{proxy.url}/up", "/json")
        base = server.url
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"application/json"', r'"a\r\nInjected: yes\r\n\r\nbody"'), encoding="utf-8")
    with proxied(path, base, replaying=True) as (proxy, _):
        head = talk(proxy.url, OK.replace(b"/json", b"/json")).partition(b"\r\n\r\n")[0]
    assert b"\r\nInjected" not in head
    assert b"a  Injected: yes    body" in head


def test_secrets_are_redacted_in_recordings_through_the_proxy(path: Path) -> None:
    """Keys in headers and in the query never reach the file."""
    key = "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"
    with Loopback() as server, proxied(path, server.url) as (proxy, _):
        headers = {"Authorization": f"Bearer {key}", "x-api-key": key, "X-Goog-Api-Key": key}
        ask(f"{proxy.url}/up", f"/json?key={key}", "POST", json.dumps({"note": key}).encode(), **headers)
    assert len(read_cassette(path).events) == 1
    assert key not in path.read_text(encoding="utf-8")
