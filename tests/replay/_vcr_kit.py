"""A loopback server with every kind of reply, for cassettes that real vcrpy records."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from agentops_eval.domain import Event, HttpReply, HttpRequest, KeptBody

if TYPE_CHECKING:
    from collections.abc import Generator

REPLIES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/json": (200, {"content-type": "application/json"}, '{"a": "é\u2028😀"}'.encode()),
    "/gzip": (200, {"content-type": "text/plain", "content-encoding": "gzip"}, gzip.compress(b"packed " * 9)),
    "/binary": (200, {"content-type": "image/png"}, bytes(range(256))),
    "/sse": (200, {"content-type": "text/event-stream"}, b"data: {}\n\ndata: [DONE]\n\n"),
    "/odd": (
        200,
        {"content-type": "text/plain"},
        b"tab\t nul\x00 bell\x07 nel\xc2\x85 crlf\r\n  # x: y\n--- \n",
    ),
    "/missing": (404, {"x-why": "gone"}, b"no"),
    "/limited": (429, {"retry-after": "2"}, b'{"error": 1}'),
    "/nothing": (204, {}, b""),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        sent = self.rfile.read(length)
        self.server.hits += 1  # type: ignore[attr-defined]
        status, headers, body = REPLIES.get(self.path.partition("?")[0], (200, {}, sent))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("set-cookie", "a=1")
        self.send_header("set-cookie", "b=2")
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Counts the requests that reached it."""

    daemon_threads = True
    hits = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Generator[Server]:
    """A server on loopback for the length of the block."""
    with Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def request_of(event: Event) -> HttpRequest:
    """The event's request, which is of HTTP."""
    assert isinstance(event.request, HttpRequest)
    return event.request


def reply_of(event: Event) -> HttpReply:
    """The event's reply, which was kept."""
    assert isinstance(event.outcome, HttpReply)
    return event.outcome


def data_of(event: Event) -> bytes:
    """The bytes of the event's reply."""
    body = reply_of(event).body
    assert isinstance(body, KeptBody)
    return body.data
