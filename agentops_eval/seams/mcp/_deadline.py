"""A session's own time limit, where handlers let time pass: the SDK's waits only behind them."""

from __future__ import annotations

from agentops_eval.domain import REQUEST_TIMEOUT, Call, Failure, Label
from agentops_eval.seams._clock import Clock, async_sleep
from agentops_eval.seams._handler import Next, Steps


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
            text = f"Request {self._method!r} timed out"
            return Failure(
                kind="MCPError",
                module="mcp.shared.exceptions",
                message=text,
                arguments=(REQUEST_TIMEOUT, text, None),
                label=Label.SCRIPTED,
            )
        assert outcome is not None
        return outcome
