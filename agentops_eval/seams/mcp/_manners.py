"""What a session does by itself around whatever handlers do: its time limit, its errors, its end.

The SDK has all of that for what comes from its server. What a handler makes of a call, such as a fault,
passes by the SDK, and has to look the same to the session's caller.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentops_eval.domain import Call, Failure, Label, Outcome, ToolRequest, ValueReply
from agentops_eval.domain.mcp import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    REQUEST_TIMEOUT,
    SESSION_ENDED,
    mcp_error,
    tool_result,
)
from agentops_eval.seams._clock import Clock, async_sleep
from agentops_eval.seams._handler import Handler, Next, Steps
from agentops_eval.seams._log import EventLog

_ENDS = ((CONNECTION_CLOSED, "Connection closed"), (SESSION_ENDED, "Session terminated"))


@dataclass(slots=True)
class SessionEnd:
    """Whether a session still has its server. ``end`` is what it tells whoever asks once it has not."""

    end: Failure | None = None


class _Reached(Exception):
    """The time limit came while a handler let time pass."""


class Manners:
    """The handler next to the log for one request. ``limit_s`` None waits for ever."""

    def __init__(self, method: str, limit_s: float | None, clock: Clock, over: SessionEnd) -> None:
        self._method, self._limit_s, self._clock, self._over = method, limit_s, clock, over
        self._since_s = clock.elapsed_s()

    def within(self, handlers: tuple[Handler, ...]) -> tuple[Handler, ...]:
        """The handlers of a run, with this one behind the log, which keeps what it tells."""
        place = next((n for n, one in enumerate(handlers) if isinstance(one, EventLog)), 0) + 1
        return (*handlers[:place], self, *handlers[place:])

    @property
    def left_s(self) -> float | None:
        """What is left for those who answer."""
        if self._limit_s is None:
            return None
        return max(0.0, self._limit_s - (self._clock.elapsed_s() - self._since_s))

    async def sleep(self, seconds: float) -> None:
        """Let time pass, up to the limit."""
        left_s = self.left_s
        if left_s is None or seconds < left_s:
            await async_sleep(seconds)
            return
        await async_sleep(left_s)
        raise _Reached

    def handle(self, call: Call, next: Next) -> Steps:
        """Pass the call on, unless the session has ended."""
        if self._over.end is not None:
            return self._over.end
        try:
            outcome = yield next(call)
        except _Reached:
            return self._timeout()
        assert outcome is not None
        return self._over.end or self._told(call, outcome)

    def _told(self, call: Call, outcome: Outcome) -> Outcome:
        """What a fault raises, in the form in which a session's caller sees it."""
        if not isinstance(outcome, Failure) or outcome.label is not Label.SCRIPTED:
            return outcome
        if outcome.arguments[:2] in _ENDS:  # whoever waits on this session, or asks it later, is told so too
            self._over.end = outcome
        if outcome.module != "builtins":
            return outcome
        if outcome.kind == "TimeoutError":
            return self._timeout()
        if not isinstance(call.request, ToolRequest):
            return mcp_error(INTERNAL_ERROR, outcome.message)
        text = f"Error executing tool {call.boundary}: {outcome.message}"
        return ValueReply(value=tool_result(text, error=True), label=outcome.label)

    def _timeout(self) -> Failure:
        return mcp_error(REQUEST_TIMEOUT, f"Request {self._method!r} timed out")
