"""What our HTTP servers share: few requests at once, each in time, and on loopback none for other hosts."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from agentops_eval.domain import RunMisuse, is_loopback

LONGEST_S = 30.0
"""In which a request has to be told, so that a few that never end do not keep all others out."""
_AT_ONCE = 32
_QUIET_S = 10.0


def _is_local(host: str) -> bool:
    """Whether a request's ``Host`` names this machine; one that names none came from no browser."""
    try:
        return not host or is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


class BoundedServer(ThreadingHTTPServer):
    """Listens at ``place``, port 0 for any free one. Raises RunMisuse where nobody can.

    A request that is not told within ``longest_s`` seconds is not heard to its end.
    """

    daemon_threads = True

    def __init__(
        self, place: tuple[str, int], handler: type[BoundedHandler], *, longest_s: float = LONGEST_S
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.longest_s, self.local = longest_s, is_loopback(place[0])
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        try:
            super().__init__(place, handler)
        except (OSError, OverflowError) as error:
            raise RunMisuse(
                f"nobody can listen there: {error}",
                where=f"{place[0]}:{place[1]}",
                remedy="give another --port, or end what listens there",
            ) from None

    def server_bind(self) -> None:
        """Bind without asking for the host's name, which may take a look-up."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve in a thread, as long as there are not too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event."""


class BoundedHandler(BaseHTTPRequestHandler):
    """One request to such a server, which says as little of itself as it can."""

    server: BoundedServer
    timeout = _QUIET_S

    def version_string(self) -> str:
        """What answers, and not with what it was made."""
        return "agentops-eval"

    def setup(self) -> None:
        """Read for so long, and no longer."""
        super().setup()
        self._end = threading.Timer(self.server.longest_s, self._hear_no_more)
        self._end.daemon = True
        self._end.start()

    def finish(self) -> None:
        """The request was answered, or ended."""
        self._end.cancel()
        super().finish()

    def _hear_no_more(self) -> None:
        with suppress(OSError):  # gone already
            self.connection.shutdown(socket.SHUT_RD)

    def parse_request(self) -> bool:
        """Whether it can be answered. On loopback none for another host: a web page may have sent it."""
        if not super().parse_request():
            return False
        if self.server.local and not _is_local(self.headers.get("Host", "")):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "this server answers to localhost alone")
            return False
        return True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Requests are not logged."""
