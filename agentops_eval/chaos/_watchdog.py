"""The watchdog: ends a run that goes on for too long, in virtual time, in calls, or in circles."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

from agentops_eval.chaos._texts import json_text
from agentops_eval.domain import Call, DrawRequest, Harm, HttpRequest, Json, to_json
from agentops_eval.seams import Next, Steps, current_scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may take: virtual seconds, calls, and how often it may make the same call."""

    deadline_s: float = 3600.0
    calls: int = 500
    repeats: int = 20


class RunHung(BaseException):
    """Ends a run that hangs. Not an ``Exception``: no agent's retry may swallow it."""

    def __init__(self, harm: Harm, text: str) -> None:
        super().__init__(text)
        self.harm = harm


class Watchdog:
    """Stands behind the event log. Once it has bitten, every further call of the run raises again.

    A run that neither calls nor sleeps is not seen here: what runs it has to bound its real time.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._calls = 0
        self._early: list[Call] = []
        self._seen: Counter[str] = Counter()
        self.bitten: RunHung | None = None

    def handle(self, call: Call, next: Next) -> Steps:
        """Pass the call on, unless the run has had enough."""
        if not isinstance(call.request, DrawRequest):
            self._count(call)
        if self.bitten is not None:
            raise self.bitten
        outcome = yield next(call)
        assert outcome is not None
        self._check_time()
        return outcome

    def _count(self, call: Call) -> None:
        limits = self._limits
        with self._lock:
            self._calls += 1
            again = self._again(call) if limits.repeats else 0
        if self._calls > limits.calls:
            self._bite(Harm.TOO_MANY_STEPS, f"more than {limits.calls} calls")
        elif again > limits.repeats:
            self._bite(Harm.SAME_CALL_AGAIN, f"{call.boundary} was asked the same {again} times")
        self._check_time()

    def _again(self, call: Call) -> int:
        """How often this was asked by now; 0 while it cannot have been too often."""
        early = self._early
        if self._calls <= self._limits.repeats:  # nothing needs a key before so many calls were made
            early.append(call)
            return 0
        while early:
            self._seen[_key(early.pop())] += 1
        key = _key(call)
        self._seen[key] += 1
        return self._seen[key]

    def _check_time(self) -> None:
        scope = current_scope()
        if scope is not None and scope.clock.elapsed_s() > self._limits.deadline_s:
            self._bite(Harm.PAST_DEADLINE, f"more than {self._limits.deadline_s:g} s")

    def _bite(self, harm: Harm, text: str) -> None:
        if self.bitten is None:
            self.bitten = RunHung(harm, text)
        raise self.bitten


def _key(call: Call) -> str:
    request = call.request
    if isinstance(request, HttpRequest):  # its headers count retries
        return f"{call.boundary} {request.body!r}"
    told: Json = to_json(getattr(request, "arguments", None) or getattr(request, "message", None))
    return f"{call.boundary} {json_text(told)}"
