"""Counts each call that its open circuit breaker refuses as a failure, so that it never closes again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from agentops_eval import tool

FAILURES, COOLDOWN_S = 3, 30.0
SORRY = "Sorry, there is no exchange rate at the moment."


class Refused(Exception):
    """The breaker is open: nothing was asked."""


@dataclass(slots=True)
class Breaker:
    """Opens after some failures in a row, and lets one call try when its cooldown is over."""

    failures: int = 0
    failed_s: float = 0.0
    trying: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a call must not be made now; one alone may try whether it can be closed."""
        if self.failures < FAILURES:
            return False
        if self.trying or time.monotonic() - self.failed_s < COOLDOWN_S:
            return True
        self.trying = True
        return False

    def failed(self) -> None:
        """Count a failure, from which the cooldown runs."""
        self.failures += 1
        self.failed_s = time.monotonic()
        self.trying = False

    def succeeded(self) -> None:
        """Close, and forget what was."""
        self.failures = 0
        self.trying = False


@dataclass(slots=True)
class World:
    """A service of exchange rates, and the breaker in front of it."""

    breaker: Breaker = field(default_factory=Breaker)

    @tool
    def get_rate(self, currency: str) -> float:
        """What one euro costs."""
        return 1.09


def flawed(world: World) -> str:
    """Tell the rate; whatever goes wrong is a failure."""
    try:
        if world.breaker.is_open:
            raise Refused
        rate = world.get_rate("USD")
    except Exception:
        world.breaker.failed()  # the flaw: a refusal renews the cooldown
        return SORRY
    world.breaker.succeeded()
    return _told(rate)


def mended(world: World) -> str:
    """Tell the rate; only a call that was made can fail."""
    if world.breaker.is_open:
        return SORRY
    try:
        rate = world.get_rate("USD")
    except Exception:
        world.breaker.failed()
        return SORRY
    world.breaker.succeeded()
    return _told(rate)


def _told(rate: object) -> str:
    return f"One euro is {rate} USD." if isinstance(rate, float) else SORRY
