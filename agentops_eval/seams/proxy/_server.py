"""The proxy itself: it listens on loopback, and ends together with its connections."""

from __future__ import annotations

import contextvars
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from agentops_eval.domain import Failure, HttpRequest, RunMisuse
from agentops_eval.seams._clock import real_monotonic
from agentops_eval.seams._scope import Scope
from agentops_eval.seams.proxy._exchange import Exchange
from agentops_eval.seams.proxy._upstreams import Plan

GRACE_S = 5.0
"""How long answers that are under way may take when the proxy stops."""

PATIENCE_S = 60.0
"""How long a stream that the recorded agent closed at this point is held open for this one to do the same."""


class Proxy:
    """A reverse proxy on 127.0.0.1 through which another process takes part in the run of ``scope``.

    What arrives under ``/NAME/...`` crosses the HTTP seam as a request to the upstream of that name,
    as if the process had asked it directly. The first thing that a replay cannot answer is answered with
    status 422, and is remembered by the run.

    Raises ConfigInvalid where ``port`` is taken.
    """

    def __init__(self, scope: Scope, plan: Plan, *, port: int = 0, patience_s: float = PATIENCE_S) -> None:
        self.scope, self.plan, self.patience_s = scope, plan, patience_s
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()
        self._failed: list[str] = []
        self._server = _Listener(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._stopped = False

    def __repr__(self) -> str:
        return f"<Proxy {self.url} for {', '.join(self.plan.upstreams)}: {self.requests} requests>"

    def __enter__(self) -> Self:
        """Begin to listen."""
        # Its threads belong to no run: each enters the proxy's for as long as a request crosses the seam.
        contextvars.Context().run(self._thread.start)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, *, grace_s: float = GRACE_S) -> None:
        """Listen no longer, let what is under way come to its end, then break what is left."""
        if self._stopped:
            return
        self._stopped = True
        self._server.shutdown()
        self._server.end(grace_s)
        self._server.server_close()
        self._thread.join()

    @property
    def requests(self) -> int:
        """How many requests crossed the seam."""
        with self._lock:
            return self._asked.total()

    @property
    def asked(self) -> dict[str, int]:
        """How many of them went to which address."""
        with self._lock:
            return dict(sorted(self._asked.items()))

    @property
    def failed(self) -> tuple[str, ...]:
        """What had no answer, or only a part of one, in one line each."""
        with self._lock:
            return tuple(self._failed)

    def count(self, request: HttpRequest) -> None:
        """Note a request that crosses the seam."""
        parts = urlsplit(request.url)
        with self._lock:
            self._asked[f"{parts.scheme}://{parts.netloc}"] += 1

    def note_failure(self, boundary: str, failure: Failure) -> None:
        """Note that the upstream failed."""
        with self._lock:
            self._failed.append(f"{boundary}: {failure.kind}: {failure.message}")

    def directions(self, path: str) -> str:
        """What to say of a path that leads nowhere."""
        first = f"/{path.lstrip('/').partition('/')[0].partition('?')[0]}"[:100]
        known = ", ".join(
            f"/{name} ({upstream.url})" for name, upstream in sorted(self.plan.upstreams.items())
        )
        return (
            f"No upstream stands behind {first!r}. This proxy serves: {known}. "
            "Name another with --upstream NAME=URL, and give the agent http://HOST:PORT/NAME as its base url."
        )

    @contextmanager
    def busy(self, connection: socket.socket) -> Iterator[None]:
        """Mark a connection that is being answered."""
        self._server.mark(connection, busy=True)
        try:
            yield
        finally:
            self._server.mark(connection, busy=False)


class _Listener(ThreadingHTTPServer):
    """The listening socket, which knows its connections, and which of them wait for an answer."""

    daemon_threads = True  # ended by us, with patience that has an end
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: Proxy) -> None:
        self.owner = owner
        self._open: dict[socket.socket, bool] = {}
        self._changed = threading.Condition()
        try:
            super().__init__(address, Exchange)
        except OSError as error:
            raise RunMisuse(
                f"the proxy cannot listen on port {address[1]}: {error.strerror}",
                remedy="name another --port, or none: then a free one is taken",
            ) from None

    def server_bind(self) -> None:
        """Bind without asking a resolver for this machine's name, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        host, port = self.socket.getsockname()[:2]
        self.server_name, self.server_port = str(host), int(port)
        self.server_address = (self.server_name, self.server_port)

    def mark(self, connection: socket.socket, *, busy: bool) -> None:
        """Remember whether a connection waits for an answer."""
        with self._changed:
            if connection in self._open:
                self._open[connection] = busy
                self._changed.notify_all()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it in a thread."""
        with self._changed:
            self._open[request] = False
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        super().shutdown_request(request)
        with self._changed:
            self._open.pop(request, None)
            self._changed.notify_all()

    def end(self, grace_s: float) -> None:
        """Break idle connections, and in the end all; return when each was closed by its thread."""
        over = real_monotonic() + grace_s
        with self._changed:
            while self._open:
                left = over - real_monotonic()
                for connection, busy in self._open.items():
                    if not busy or left <= 0:
                        with suppress(OSError):  # the agent has gone already
                            connection.shutdown(socket.SHUT_RDWR)
                if left <= -grace_s:
                    return
                self._changed.wait(max(left, 0.1) if left > 0 else 0.1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of agents that hang up; anything else is reported as usual."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)
