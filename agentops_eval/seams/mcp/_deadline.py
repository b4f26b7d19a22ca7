"""A session's own time limit, where handlers let time pass: the SDK's waits only behind them."""

from __future__ import annotations

from agentops_eval.domain import (
    REQUEST_TIMEOUT,
    Call,
    Failure,
    Json,
    Label,
    Outcome,
    ToolRequest,
    ValueReply,
)
from agentops_eval.seams._clock import Clock, async_sleep
from agentops_eval.seams._handler import Next, Steps

INTERNAL_ERROR = -32603


class _Reached(Exception):
    """The time limit came while a handler let time pass."""


class Deadline:
    """The handler next to the log that tells a limit's end as the SDK does. ``limit_s`` None never ends."""

    def __init__(self, method: str, limit_s: float | None, clock: Clock) -> None:
        self._method, self._limit_s, self._clock = method, limit_s, clock
        self._since_s = clock.elapsed_s()

    @property
    def left(self) -> dict[str, float]:
        """The SDK's own option, for who answers; empty without a limit."""
        return {} if self.left_s is None else {"timeout": self.left_s}

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
        """Pass the call on."""
        try:
            outcome = yield next(call)
        except _Reached:
            return mcp_error(REQUEST_TIMEOUT, f"Request {self._method!r} timed out")
        assert outcome is not None
        return self._told(call, outcome)

    def _told(self, call: Call, outcome: Outcome) -> Outcome:
        """What a fault raises as Python's own error, in the form in which a session's caller sees it."""
        if not isinstance(outcome, Failure) or outcome.module != "builtins" or outcome.label is Label.LIVE:
            return outcome
        if outcome.kind == "TimeoutError":
            return mcp_error(REQUEST_TIMEOUT, f"Request {self._method!r} timed out")
        if not isinstance(call.request, ToolRequest):
            return mcp_error(INTERNAL_ERROR, outcome.message)
        said = f"Error executing tool {call.boundary}: {outcome.message}"
        value: Json = {"content": [{"type": "text", "text": said}], "isError": True}
        return ValueReply(value=value, label=outcome.label)


def mcp_error(code: int, message: str, data: Json = None) -> Failure:
    """The error that a session raises for an error of JSON-RPC, as a fault makes it."""
    return Failure(
        kind="MCPError",
        module="mcp.shared.exceptions",
        message=message,
        arguments=(code, message, data),
        label=Label.SCRIPTED,
    )
