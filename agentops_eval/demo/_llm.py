"""How demo agents reach their llm: settings, a circuit breaker, and a second llm to fall back on."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from agentops_eval.demo._extras import need

if TYPE_CHECKING:
    from purgatory import AsyncCircuitBreakerFactory, SyncCircuitBreakerFactory

R = TypeVar("R")

FAILURES_TO_OPEN = 3
OPEN_S = 30.0


class LlmUnavailable(Exception):
    """Neither the primary llm nor the fallback gave an answer that can be used."""


class LlmNonsense(Exception):
    """The llm's service answered with something that is no message."""


class Breakers:
    """The circuit breakers of one ``Llm``; two of them share nothing, so runs stay apart."""

    def __init__(self) -> None:
        need("purgatory")
        from purgatory import AsyncCircuitBreakerFactory, SyncCircuitBreakerFactory

        # purgatory reads time.time() by attribute, which virtual time reaches.
        self.sync: SyncCircuitBreakerFactory = SyncCircuitBreakerFactory(FAILURES_TO_OPEN, OPEN_S)
        self.asynchronous: AsyncCircuitBreakerFactory = AsyncCircuitBreakerFactory(FAILURES_TO_OPEN, OPEN_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Llm:
    """Where the llm is and which one is asked.

    ``base_url`` and ``api_key`` None leave the choice to the SDK and its environment variables.
    ``retries`` are the SDK's own. The breaker of ``primary`` opens after three failed requests in a
    row, and stays so for 30 s, in which ``fallback`` is asked at once.
    """

    base_url: str | None = None
    api_key: str | None = None
    primary: str = field(default_factory=lambda: os.environ.get("DEMO_LLM", "scripted-large"))
    fallback: str = field(default_factory=lambda: os.environ.get("DEMO_LLM_FALLBACK", "scripted-small"))
    retries: int = 2
    timeout_s: float = 30.0
    breakers: Breakers = field(default_factory=Breakers, compare=False, repr=False)

    def ask(self, send: Callable[[str], R], *, transient: tuple[type[Exception], ...]) -> R:
        """Give ``send(primary)``, or ``send(fallback)`` where that fails or the breaker is open.

        Only ``transient`` errors count as failures of the llm; others are the caller's and pass.
        Raises LlmUnavailable when the fallback fails too.
        """
        from purgatory.domain.model import OpenedState

        stops: tuple[type[Exception], ...] = (*transient, OpenedState)
        breaker = self.breakers.sync.get_breaker(self.primary, exclude=[(Exception, _others(transient))])
        try:
            with breaker:
                return send(self.primary)
        except stops:
            pass
        try:
            return send(self.fallback)
        except transient as error:
            raise LlmUnavailable(f"{self.primary} and {self.fallback} fail") from error

    async def ask_async(
        self, send: Callable[[str], Awaitable[R]], *, transient: tuple[type[Exception], ...]
    ) -> R:
        """The same for asyncio."""
        from purgatory.domain.model import OpenedState

        stops: tuple[type[Exception], ...] = (*transient, OpenedState)
        breakers = self.breakers.asynchronous
        breaker = await breakers.get_breaker(self.primary, exclude=[(Exception, _others(transient))])
        try:
            async with breaker:
                return await send(self.primary)
        except stops:
            pass
        try:
            return await send(self.fallback)
        except transient as error:
            raise LlmUnavailable(f"{self.primary} and {self.fallback} fail") from error


def _others(transient: tuple[type[Exception], ...]) -> Callable[[BaseException], bool]:
    return lambda error: not isinstance(error, transient)
