"""A gate over HTTP: read-only, on loopback unless it is asked for another place."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from agentops_eval.domain import AgentopsError, DecisionValue, RunMisuse, is_loopback
from agentops_eval.gate import Gate
from agentops_eval.harness.gating._answers import (
    Answer,
    Asked,
    Hook,
    Page,
    answer_to,
    asked_for,
    refused,
    unreadable,
    value_for,
)
from agentops_eval.harness.gating._steps import BEGINNING, NextStep, next_step_of
from agentops_eval.harness.gating._watch import Look, Watch

MOST_BODY = 64 * 1024
"""The largest body that is read, in bytes; Flagger's are a few hundred."""
_AT_ONCE = 32
_QUIET_S = 10.0
_LONGEST_S = 30.0
"""In which a request has to be told, so that a few that never end do not keep all others out."""


def _is_local(host: str) -> bool:
    """Whether a request's ``Host`` names this machine; one that names none came from no browser."""
    try:
        return not host or is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, place: tuple[str, int], answer: Callable[[str, str, bytes], Answer], *, longest_s: float
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.answer, self.longest_s = answer, longest_s
        self.local = is_loopback(place[0])
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(place, _Handler)

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


class _Handler(BaseHTTPRequestHandler):
    server: _Server
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

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse in JSON what never became a request, or has a method that nothing answers to."""
        self._send(refused(HTTPStatus(code), explain or message or HTTPStatus(code).phrase))

    def do_GET(self) -> None:
        """Answer a reader."""
        self._send(self.server.answer("GET", self.path, b""))

    def do_POST(self) -> None:
        """Answer a webhook."""
        size = self.headers.get("Content-Length", "")
        if not size.isascii() or not size.isdecimal():
            self._send(
                refused(HTTPStatus.LENGTH_REQUIRED, "the request does not tell the length of its body")
            )
        elif len(size) > 9 or int(size) > MOST_BODY:
            self._send(refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {MOST_BODY} bytes"))
        else:
            self._send(self.server.answer("POST", self.path, self.rfile.read(int(size))))

    def _send(self, answer: Answer) -> None:
        body = answer.body
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Requests are not logged: decisions are."""


class GateServer:
    """Answers requests about one gate, each by a look at the files as they are then.

    ``told`` hears of each new look, ``failed`` of what keeps one from being taken, once until it is another.
    Looks are taken one after the other, whoever asks. A request that is not told within ``longest_s`` seconds
    is not heard to its end.
    """

    def __init__(
        self,
        gate: Gate,
        watch: Watch,
        *,
        told: Callable[[Look], object] = lambda _: None,
        failed: Callable[[AgentopsError | OSError], object] = lambda _: None,
        clock: Callable[[], float] = time.time,
        longest_s: float = _LONGEST_S,
    ) -> None:
        self._stages = tuple(stage.name for stage in gate.stages)
        self._gate, self._watch, self._clock = gate, watch, clock
        self._told, self._failed, self._failure = told, failed, ""
        self._at_beginning = False
        self._alone, self._longest_s = threading.Lock(), longest_s

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """The answer to one request. Evidence that cannot be read is no decision: 503."""
        asked = asked_for(method, target, body, self._stages)
        if isinstance(asked, Answer):
            return asked
        if asked.page is Page.HEALTH:
            waiting = list(self._watch.absent)
            return Answer(
                status=HTTPStatus.OK,
                document={"status": "ok", "gate": self._gate.name, "waiting": waiting},
            )
        with self._alone:
            try:
                look = self._watch.look(now_s=self._clock())
                step = self._next_step(asked, look)
            except (AgentopsError, OSError) as error:
                if str(error) != self._failure:
                    self._failure = str(error)
                    self._failed(error)
                return unreadable(error)
            self._failure = ""
            if look.fresh:
                self._told(look)
        return answer_to(asked, look.decision, self._stages, step)

    def _next_step(self, asked: Asked, look: Look) -> NextStep | None:
        """Whether the rollout may take a step, where that is asked; remembered before it is answered."""
        if asked.page is not Page.FLAGGER:
            return None
        value = value_for(look.decision, asked.stage, self._stages)
        if asked.hook is Hook.PRE_ROLLOUT:
            # Flagger calls it as long as the candidate has no traffic, and never afterwards.
            self._at_beginning = value is not DecisionValue.ROLLBACK
        if asked.hook is not Hook.CONFIRM_TRAFFIC_INCREASE:
            return None
        before = self._watch.confirmed - ({BEGINNING} if self._at_beginning else set())
        step = next_step_of(self._gate.stages, look.decision, value, begun=look.begun, confirmed=before)
        if step.of is not None:
            self._watch.confirm(step.of, now_s=self._clock())
        self._at_beginning = self._at_beginning and not step.confirmed
        return step

    @contextmanager
    def listening(self, host: str, port: int) -> Iterator[_Server]:
        """A server that listens there; 0 for any free port. Raises RunMisuse where it cannot."""
        try:
            server = _Server((host, port), self.answer, longest_s=self._longest_s)
        except (OSError, OverflowError) as error:
            raise RunMisuse(
                f"nobody can listen there: {error}",
                where=f"{host}:{port}",
                remedy="give another --port, or end what listens there",
            ) from None
        with server:
            yield server
