"""A project over HTTP, on loopback alone: its pages as they are now, to read and nothing else."""

from __future__ import annotations

import hashlib
import html
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from agentops_eval.domain import AgentopsError
from agentops_eval.harness._http_server import BoundedHandler, BoundedServer
from agentops_eval.harness.reporting._site import Site, SiteOrder, inputs_of, site_of
from agentops_eval.reports import fleet_html

_HOST = "127.0.0.1"
_STALE_S = 60.0
"""After which evidence may have expired, though no file has changed."""
_SHARE = 4
"""Of its time the server gathers no more than one part in so many."""
_KINDS = {"html": "text/html", "json": "application/json", "txt": "text/plain"}
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


def _policy(kind: str, data: bytes) -> str:
    """A page's own policy, told before it begins, and more strictly: nothing may frame it."""
    found = _POLICY.search(data[:4096].decode("utf-8", "replace")) if kind == "html" else None
    own = html.unescape(found[1]) if found else "default-src 'none'; sandbox"
    return f"{own}; frame-ancestors 'none'"


class FleetServer(BoundedServer):
    """Serves the pages of a project at ``http://127.0.0.1:port/``; 0 for any free port.

    Each request sees the files as they are, unless gathering takes so long that it would do nothing else.
    ``failed`` hears of what keeps it from gathering, once until it is another. Raises RunMisuse where nobody
    can listen there.
    """

    def __init__(
        self,
        order: SiteOrder,
        port: int,
        *,
        failed: Callable[[AgentopsError | OSError], object] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._order, self._failed, self._clock = order, failed, clock
        self._alone = threading.Lock()
        self._site: Site | None = None
        self._failure = ""
        self._looked, self._took, self._made = 0.0, 0.0, 0.0
        super().__init__((_HOST, port), _Handler)

    @property
    def url(self) -> str:
        """Where the index is."""
        return f"http://{_HOST}:{self.server_port}/"

    def page(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """The page at a path: status, kind and content."""
        address = unquote(urlsplit(path).path).removeprefix("/") or "index.html"
        try:
            site = self._now()
            make = site.pages.get(address)
            if address == "index.html":
                make = partial(fleet_html, site.fleet, live=True)
            if make is None:
                return HTTPStatus.NOT_FOUND, "txt", b"there is no such page: the index is at /\n"
            made = make()
        except (AgentopsError, OSError) as error:
            if str(error) != self._failure:
                self._failure = str(error)
                self._failed(error)
            return HTTPStatus.SERVICE_UNAVAILABLE, "txt", f"{error}\n".encode("utf-8", "backslashreplace")
        self._failure = ""
        data = made if isinstance(made, bytes) else made.encode("utf-8", "backslashreplace")
        return HTTPStatus.OK, address.rpartition(".")[2], data

    def _now(self) -> Site:
        with self._alone:
            start = self._clock()
            if self._site is not None and start - self._looked < _SHARE * self._took:
                return self._site
            old = start - self._made > _STALE_S
            if self._site is None or old or inputs_of(self._order) != self._site.inputs:
                self._site, self._made = site_of(self._order), start
            self._looked = self._clock()
            self._took = self._looked - start
            return self._site


class _Handler(BoundedHandler):
    server: FleetServer

    def do_GET(self) -> None:  # noqa: N802 - so http.server calls it
        """Answer a reader."""
        status, kind, data = self.server.page(self.path)
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        if status is HTTPStatus.OK and self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, kind, b"", tag)
        else:
            self._send(status, kind, data, tag)

    do_HEAD = do_GET  # noqa: N815 - so http.server calls it

    def _refuse(self) -> None:
        self.close_connection = True  # a body may follow, which nobody reads
        self.send_error(HTTPStatus.METHOD_NOT_ALLOWED, "this server is read: GET and HEAD")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _refuse  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse in plain text."""
        status = HTTPStatus(code)
        self._send(
            status, "txt", f"{explain or message or status.phrase}\n".encode("ascii", "backslashreplace")
        )

    def _send(self, status: HTTPStatus, kind: str, data: bytes, tag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{_KINDS.get(kind, 'text/plain')}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in {**_HEADERS, "Content-Security-Policy": _policy(kind, data)}.items():
            self.send_header(name, value)
        if tag:
            self.send_header("ETag", tag)
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.end_headers()
        if self.command != "HEAD" and status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(data)
