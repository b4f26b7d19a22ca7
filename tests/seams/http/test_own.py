"""The product's own small client: one crossing, a bounded reply, and every trouble a value."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from agentops_eval.domain import Failure, HttpReply, KeptBody, Label, ReplayMiss, Seam
from agentops_eval.seams._log import EventLog
from agentops_eval.seams.http import post
from agentops_eval.testing import LlmServer, Rule, Say
from tests.seams._rig import run

ASK = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the path says, and keeps who asked."""

    asked: list[str]

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers.get("content-length", 0)))
        kind = self.path.strip("/")
        if kind == "redirect":
            self.send_response(307)
            self.send_header("location", "/landed")
            self.end_headers()
            return
        size = {"large": 300_000, "torn": 10}.get(kind, 2)
        self.send_response(429 if kind == "busy" else 200)
        self.send_header("content-length", str(100 if kind == "torn" else size))
        self.end_headers()
        if kind == "slow":
            self.server.over.wait(5)  # type: ignore[attr-defined]
        self.wfile.write(b"x" * size)


@contextmanager
def server() -> Iterator[Any]:
    """A server on loopback."""
    made: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.asked, made.over = [], threading.Event()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        made.shutdown()
        thread.join()
        made.server_close()


def url(made: Any, path: str) -> str:
    return f"http://127.0.0.1:{made.server_port}/{path}"


def test_a_request_is_one_crossing_of_the_run() -> None:
    """Inside a run the call is numbered, kept whole, and an llm's call as any client's."""
    with LlmServer([Rule(then=Say("Hello"))]) as llm, run() as scope:
        reply = post(f"{llm.url}/v1/chat/completions", ASK, headers=(("content-type", "application/json"),))
        log = scope.handlers[0]
        assert isinstance(log, EventLog)
        (event,) = log.events
        assert (event.seam, event.label, llm.hits) == (Seam.HTTP, Label.LIVE, 1)
        assert event.outcome == reply
        assert isinstance(reply, HttpReply)
        assert isinstance(reply.body, KeptBody)
        assert b"Hello" in reply.body.data


def test_a_replay_answers_and_opens_no_socket() -> None:
    """What was recorded is served again when the server is gone."""
    with LlmServer([Rule(then=Say("Hello"))]) as llm:
        address = f"{llm.url}/v1/chat/completions"
        with run() as scope:
            live = post(address, ASK)
        events = scope.handlers[0].events  # type: ignore[attr-defined]
    with run(events):
        again = post(address, ASK)
    assert isinstance(live, HttpReply)
    assert isinstance(again, HttpReply)
    assert again.body == live.body


def test_a_run_elsewhere_that_replays_blocks_what_belongs_to_no_run() -> None:
    """While anything replays, a request outside of every run goes nowhere."""
    from contextvars import Context

    with server() as made, pytest.raises(ReplayMiss) as raised, run([]):
        Context().run(post, url(made, "plain"), b"{}")
    assert (raised.value.reason, made.asked) == ("blocked", [])


@pytest.mark.parametrize(
    ("path", "status"), [("plain", 200), ("busy", 429), ("redirect", 307)], ids=["ok", "busy", "redirect"]
)
@pytest.mark.parametrize("inside", [True, False], ids=["in-a-run", "outside"])
def test_every_status_is_an_answer(path: str, status: int, *, inside: bool) -> None:
    """Nothing is retried and no redirect is followed: a key would go along."""
    with server() as made:
        if inside:
            with run():
                reply = post(url(made, path), b"{}")
        else:
            reply = post(url(made, path), b"{}")
    assert isinstance(reply, HttpReply)
    assert (reply.status, made.asked) == (status, [f"/{path}"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [("large", "HTTPException"), ("torn", "IncompleteRead"), ("slow", "TimeoutError")],
)
def test_a_reply_is_bounded_in_size_and_time(path: str, kind: str) -> None:
    """A reply that is too long, torn or late is a failure as a value."""
    with server() as made, run():
        found = post(url(made, path), b"{}", timeout_s=0.2 if path == "slow" else 5, longest=100_000)
    assert isinstance(found, Failure)
    assert found.kind == kind


def test_nobody_there_is_a_failure() -> None:
    """A refused connection is a value, too."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found = post(f"http://127.0.0.1:{held.getsockname()[1]}/", b"{}")
    assert isinstance(found, Failure)
    assert found.kind == "ConnectionRefusedError"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense", "http:///x"])
def test_other_addresses_are_refused(address: str) -> None:
    """Only http and https are spoken, and to a host."""
    with pytest.raises(ValueError, match="no address"):
        post(address, b"")
