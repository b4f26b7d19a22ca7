"""A gate over HTTP: read-only, on loopback unless it is asked for another place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from agentops_eval.domain import AgentopsError, DecisionValue
from agentops_eval.gate import Gate
from agentops_eval.harness._http_server import LONGEST_S, BoundedHandler, BoundedServer
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


class _Server(BoundedServer):
    def __init__(
        self, place: tuple[str, int], answer: Callable[[str, str, bytes], Answer], *, longest_s: float
    ) -> None:
        self.answer = answer
        super().__init__(place, _Handler, longest_s=longest_s)


class _Handler(BoundedHandler):
    server: _Server

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse in JSON what never became a request, or has a method that nothing answers to."""
        self._send(refused(HTTPStatus(code), explain or message or HTTPStatus(code).phrase))

    def do_GET(self) -> None:  # noqa: N802 - so http.server calls it
        """Answer a reader."""
        self._send(self.server.answer("GET", self.path, b""))

    def do_POST(self) -> None:  # noqa: N802 - so http.server calls it
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
        longest_s: float = LONGEST_S,
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
        with _Server((host, port), self.answer, longest_s=self._longest_s) as server:
            yield server
