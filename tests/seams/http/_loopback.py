"""A small HTTP server on loopback that misbehaves on request and counts what reaches it."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from types import TracebackType

DOCUMENT = json.dumps({"text": "naïve café", "list": list(range(50))}).encode()


class Loopback:
    """Serves from ``with`` to ``stop``; ``hits`` lists ``METHOD path`` of every request that came."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.seen: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.came = threading.Event()
        self.gate = threading.Semaphore(0)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._stopped = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait_for_hit(self) -> None:
        """Block until a request came."""
        self.came.wait(10)

    def stop(self) -> None:
        """Refuse connections from now on, and end those that are open."""
        if not self._stopped:
            self._stopped = True
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def forget(self) -> None:
        """Count from zero again."""
        with self.lock:
            self.hits.clear()
            self.seen.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    owner: Loopback

    def __init__(self, *args: object) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)  # type: ignore[arg-type]

    def process_request(self, request, client_address):
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self):
        super().server_close()
        for request in list(self._open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request, client_address):
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp=None) -> str:
        return "Thu, 01 Jan 1970 00:00:00 GMT"

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        self.options = dict(parse_qsl(parts.query))
        self.body = self._read_body()
        owner = self.server.owner
        with owner.lock:
            owner.hits.append(f"{self.command} {parts.path}")
            owner.seen[self.path] += 1
            self.number = owner.seen[self.path]
        owner.came.set()
        name = parts.path.strip("/").split("/")[0].replace("-", "_")
        getattr(self, f"serve_{name}", self.serve_echo)()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve

    def _read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def reply(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin_chunks(self, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (("Transfer-Encoding", "chunked"), *headers):
            self.send_header(name, value)
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def hang_up(self, *, reset: bool = False) -> None:
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            time.sleep(0.05)  # let the client read what was sent before the reset discards it
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
        self.close_connection = True

    def serve_echo(self) -> None:
        kept = {k.lower(): v for k, v in self.headers.items() if k.lower() != "host"}
        told = {"method": self.command, "path": self.path, "body": self.body.decode("latin-1")}
        told |= {"headers": kept, "number": self.number}
        self.reply(200, json.dumps(told).encode(), ("Content-Type", "application/json"))

    def serve_json(self) -> None:
        self.reply(200, DOCUMENT, ("Content-Type", "application/json"))

    def serve_latin(self) -> None:
        self.reply(200, "naïve".encode("latin-1"), ("Content-Type", "text/plain; charset=latin-1"))

    def serve_chunked(self) -> None:
        self.begin_chunks(("Content-Type", "text/plain"))
        for number in range(int(self.options.get("n", 5))):
            self.chunk(f"chunk {number};".encode() * (number + 1))
            time.sleep(float(self.options.get("delay", 0)))
        self.wfile.write(b"0\r\n\r\n")

    def serve_gated(self) -> None:
        """Send a chunk for each release of the gate, and not before."""
        self.begin_chunks(("Content-Type", "text/plain"))
        for number in range(int(self.options.get("n", 4))):
            if not self.server.owner.gate.acquire(timeout=10):
                return self.hang_up()
            self.chunk(f"chunk {number};".encode())
        self.wfile.write(b"0\r\n\r\n")
        return None

    def serve_digest(self) -> None:
        challenge = 'Digest realm="loopback", nonce="0123456789abcdef", qop="auth", algorithm=MD5'
        if self.headers.get("Authorization", "").startswith("Digest "):
            self.reply(200, b"welcome")
        else:
            self.reply(401, b"who are you?", ("WWW-Authenticate", challenge))

    def serve_upgrade(self) -> None:
        """Change to a protocol that says everything back once."""
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "websocket")
        self.end_headers()
        self.wfile.write(self.connection.recv(100))
        self.hang_up()

    def serve_sse(self) -> None:
        self.begin_chunks(("Content-Type", "text/event-stream"))
        for number in range(4):
            self.chunk(f"event: token\ndata: {number}\n\n".encode())
        self.wfile.write(b"0\r\nX-Trailer: yes\r\n\r\n")

    def serve_gzip(self) -> None:
        self.reply(200, gzip.compress(DOCUMENT, mtime=0), *_GZIP)

    def serve_gzip_chunked(self) -> None:
        self.begin_chunks(*_GZIP)
        data = gzip.compress(DOCUMENT * 20, mtime=0)
        for start in range(0, len(data), 50):
            self.chunk(data[start : start + 50])
        self.wfile.write(b"0\r\n\r\n")

    def serve_gzip_broken(self) -> None:
        self.reply(200, b"this is not gzip", *_GZIP)

    def serve_redirect(self) -> None:
        to, status = self.options.get("to", "/json"), int(self.options.get("status", 302))
        self.reply(status, b"moved", ("Location", to), ("Set-Cookie", "hop=1; Path=/"))

    def serve_flaky(self) -> None:
        times = self.path.rpartition("/")[2]  # a client that owns its query says it in the path
        if self.number <= int(times if times.isdigit() else 2):
            self.reply(429, b"slow down", ("Retry-After", "0"))
        else:
            self.serve_json()

    def serve_status(self) -> None:
        self.reply(int(self.options["code"]), b"" if self.options["code"] in ("204", "304") else b"body")

    def serve_nothing(self) -> None:
        self.send_response(204)
        self.end_headers()

    def serve_length(self) -> None:
        self.reply(200, bytes(range(256)) * int(self.options.get("n", 600)))

    def serve_slow_length(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "12")
        self.end_headers()
        for part in (b"one.", b"two.", b"end."):
            self.wfile.write(part)
            time.sleep(0.03)

    def serve_until_close(self) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"until the end")

    def serve_cookies(self) -> None:
        cookies = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/; HttpOnly")]
        self.reply(200, b"{}", *cookies, ("Content-Type", "application/json"))

    def serve_cut(self) -> None:
        self.begin_chunks()
        for number in range(int(self.options.get("k", 3))):
            self.chunk(f"chunk {number};".encode())
        if "torn" in self.options:
            self.wfile.write(b"20\r\nonly this much")
        self.hang_up(reset="reset" in self.options)

    def serve_short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 10)
        self.hang_up()

    def serve_bad_chunk(self) -> None:
        self.begin_chunks()
        self.chunk(b"fine")
        self.wfile.write(b"zz\r\nnot hex\r\n")
        self.hang_up()

    def serve_reset(self) -> None:
        self.hang_up(reset=True)

    def serve_hangup(self) -> None:
        self.hang_up()

    def serve_garbage(self) -> None:
        self.wfile.write(b"this is not HTTP\r\n\r\n")
        self.hang_up()

    def serve_silent(self) -> None:
        time.sleep(float(self.options.get("s", 0.5)))
        self.hang_up()

    def serve_stall(self) -> None:
        self.begin_chunks()
        self.chunk(b"then nothing")
        time.sleep(float(self.options.get("s", 0.5)))
        self.hang_up()


_GZIP = (("Content-Encoding", "gzip"), ("Content-Type", "application/json"))


def dead_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
