"""One connection of the agent: each request crosses the HTTP seam of the run, and is answered from there."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from agentops_eval.domain import (
    ANY_LANE,
    AgentopsError,
    Call,
    EndKind,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
    ReplayMiss,
    Seam,
    header,
)
from agentops_eval.seams._body import Playback, play
from agentops_eval.seams._handler import drive
from agentops_eval.seams._scope import suspended, within
from agentops_eval.seams.http._crossing import promised
from agentops_eval.seams.proxy._answer import Head, head_of
from agentops_eval.seams.proxy._hangup import HungUp, Watch, hung_up
from agentops_eval.seams.proxy._incoming import Refused, check, is_framed, passed_on, read_body
from agentops_eval.seams.proxy._outgoing import Outgoing, failure_of

if TYPE_CHECKING:
    from agentops_eval.seams.proxy._server import Proxy

_TOO_LONG = 65536
# Neither the openai nor the anthropic nor the google SDK asks again after it.
_MISS_STATUS = HTTPStatus.UNPROCESSABLE_ENTITY


class _Broken(Exception):
    """A recorded cut, replayed."""


class Exchange(BaseHTTPRequestHandler):
    """Serves one connection of the agent, one request after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Begin without connections to upstreams."""
        super().setup()
        self.outgoing = Outgoing()

    def finish(self) -> None:
        """Close what belongs to this connection."""
        self.outgoing.close()
        super().finish()

    @property
    def proxy(self) -> Proxy:
        """The proxy that this connection came to."""
        return cast("Proxy", self.server.owner)  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: what was asked is in the run's events."""

    def handle_expect_100(self) -> bool:
        """Say nothing yet: the body may not be wanted."""
        return True

    def handle_one_request(self) -> None:
        """Read a request and answer it."""
        self.raw_requestline = self.rfile.readline(_TOO_LONG + 1)
        if not self.raw_requestline:
            self.close_connection = True
            return
        with self.proxy.busy(self.connection):
            try:
                if len(self.raw_requestline) > _TOO_LONG:
                    self.requestline, self.request_version, self.command = "", "", ""
                    self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
                elif self.parse_request():
                    self._serve()
            except Refused as refused:
                self._tell(refused.status, "refused", refused.message)
            except (HungUp, ConnectionError):
                self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what cannot be parsed, as every refusal."""
        status = HTTPStatus(code)
        self._tell(status, "refused", message or status.phrase)

    def _serve(self) -> None:
        check(self.command, self.headers)
        url = self.proxy.plan.target(self.path)
        if url is None:
            raise Refused(HTTPStatus.NOT_FOUND, self.proxy.directions(self.path))
        if header(tuple(self.headers.items()), "expect").lower() == "100-continue" and not self._old:
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = read_body(self.headers, self.rfile)  # type: ignore[arg-type]
        parts = urlsplit(url)
        request = HttpRequest(
            method=self.command,
            url=url,
            headers=passed_on(self.headers, parts.netloc, body, framed=is_framed(self.headers)),
            body=body,
        )
        self._cross(request, f"{self.command} {url.partition('?')[0]}")

    def _cross(self, request: HttpRequest, boundary: str) -> None:
        scope = self.proxy.scope
        if scope.closed:
            self.close_connection = True
            return
        since_s = scope.clock.elapsed_s()
        call = replace(scope.call(Seam.HTTP, boundary, request), lane=ANY_LANE)
        self.proxy.count(request)
        with Watch(self.connection, self.outgoing.break_off) as self._watch:
            try:
                with within(scope):
                    outcome = drive(scope.handlers, call, self._world, self._wait)
            except ReplayMiss as miss:
                self._tell(_MISS_STATUS, "replay_miss", miss.what, code=miss.code)
                return
            except AgentopsError as error:
                self._tell(HTTPStatus.INTERNAL_SERVER_ERROR, "recording", error.what, code=error.code)
                return
            if isinstance(outcome, Failure):
                self.proxy.note_failure(boundary, outcome)
                self.close_connection = True
                return
            assert isinstance(outcome, HttpReply)
            self._answer(outcome, call, since_s)

    def _world(self, call: Call) -> Outcome:
        request = call.request
        assert isinstance(request, HttpRequest)
        with suspended():
            return self.outgoing.ask(request, self._watch)

    def _wait(self, seconds: float) -> None:
        """Let real time pass, for as long as the agent waits."""
        if hung_up(self.connection, seconds):
            raise HungUp

    def _answer(self, reply: HttpReply, call: Call, since_s: float) -> None:
        request = call.request
        assert isinstance(request, HttpRequest)
        location = header(reply.headers, "location")
        told = self.proxy.plan.returned(location, request.url, self.proxy.url) if location else None
        head = head_of(reply, request.method, old=self._old, closing=self.close_connection, location=told)
        body = play(reply, call, self.proxy.scope, fail=failure_of, revive=_revive, since_s=since_s)
        try:
            self._write(head.data)
            self._pump(body, head, _kept_bytes(reply))
        except HungUp:
            body.close(promised=promised(call, reply))
            raise
        except (OSError, http.client.HTTPException, _Broken) as error:
            self.proxy.note_failure(call.boundary, failure_of(error))
            self.close_connection = True
        except ReplayMiss:  # the run remembers it; the agent reads on where nothing is left
            self.close_connection = True
        if b"\r\nConnection: close\r\n" in head.data:
            self.close_connection = True

    def _pump(self, body: Playback, head: Head, kept: int | None) -> None:
        """Pass the body on. Where the recorded agent closed it after ``kept`` bytes, wait for this one."""
        passed = 0
        while True:
            if passed == kept and hung_up(self.connection, self.proxy.patience_s):
                raise HungUp
            piece = next(body, None)
            if piece is None:
                break
            passed += len(piece)
            if head.framing is not head.framing.NONE:
                self._write(head.piece(piece))
        self._write(head.last)

    def _write(self, data: bytes) -> None:
        try:
            self.wfile.write(data)
        except OSError as error:
            raise HungUp from error

    def _tell(self, status: HTTPStatus, kind: str, message: str, *, code: str = "") -> None:
        """Answer in the proxy's own name, in a shape that SDKs read and do not ask again after."""
        told = {"type": f"agentops_{kind}", "message": message, "code": code or status.value}
        data = json.dumps({"type": "error", "error": told}).encode()
        lines = (
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Content-Type: application/json",
            f"Content-Length: {len(data)}",
            "X-Should-Retry: false",
            "Connection: close",
        )
        self.close_connection = True  # a body that was not read would be taken for the next request
        whole = "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"
        self._write(whole if self.command == "HEAD" else whole + data)
        self._drain()

    def _drain(self) -> None:
        """Take a little of what is still coming, or the agent would see a reset instead of the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1.0)
            for _ in range(256):
                if not self.connection.recv(65536):
                    return

    @property
    def _old(self) -> bool:
        return self.request_version in {"HTTP/1.0", "HTTP/0.9"}


def _kept_bytes(reply: HttpReply) -> int | None:
    """How many bytes a recorded agent took before it closed the body; None where it read to the end."""
    body = reply.body
    closed = isinstance(body, KeptBody) and body.end.kind is EndKind.CLOSED
    return len(body.data) if isinstance(body, KeptBody) and closed else None


def _revive(failure: Failure) -> BaseException:
    return _Broken(failure.message)
