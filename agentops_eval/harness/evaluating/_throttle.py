"""Limits of what goes out to a provider at once, for the whole command; it delays, and never retries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from agentops_eval.domain import Call, HttpReply, HttpRequest, header
from agentops_eval.seams import Next, Pause, Steps

_LOOK_S = 0.02
_BUSY = frozenset({429, 503, 529})
_LONGEST_WAIT_S = 300.0


class Throttle:
    """Stands behind every recording, where only live calls come by.

    ``limits`` says how many requests to a host may be under way; a host that answers that it is busy is left
    alone for as long as its ``Retry-After`` says, by every run. ``now`` is a monotonic clock in seconds.
    """

    def __init__(self, limits: Mapping[str, int], *, now: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._now = now
        self._lock = threading.Lock()
        self._under_way: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def handle(self, call: Call, next: Next) -> Steps:
        """Wait for a place, then let the call out."""
        request = call.request
        if not isinstance(request, HttpRequest):
            outcome = yield next(call)
            assert outcome is not None
            return outcome
        host = urlsplit(request.url).hostname or ""
        while (wait_s := self._enter(host)) > 0:
            yield Pause(wait_s)
        try:
            outcome = yield next(call)
        finally:
            with self._lock:
                self._under_way[host] -= 1
        assert outcome is not None
        if isinstance(outcome, HttpReply) and outcome.status in _BUSY:
            self._leave_alone(host, outcome)
        return outcome

    def _enter(self, host: str) -> float:
        """Take a place and give 0, or say how long to wait before asking again."""
        with self._lock:
            wait_s = self._until.get(host, 0.0) - self._now()
            if wait_s > 0:
                return min(wait_s, _LONGEST_WAIT_S)
            count = self._under_way.get(host, 0)
            if count >= self._limits.get(host, count + 1):
                return _LOOK_S
            self._under_way[host] = count + 1
            return 0.0

    def _leave_alone(self, host: str, reply: HttpReply) -> None:
        try:
            wait_s = float(header(reply.headers, "retry-after") or "")
        except ValueError:  # a date or nothing: the client's own backoff has to do
            return
        with self._lock:
            until = self._now() + min(max(wait_s, 0.0), _LONGEST_WAIT_S)
            self._until[host] = max(self._until.get(host, 0.0), until)
