"""Charges a card again after any error, without a key by which the bank would know the charge."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from agentops_eval import tool
from agentops_eval.domain import Json

ATTEMPTS, WAIT_S = 4, 1.0
DONE = "Your card was charged 59.90 EUR."
UNSURE = "Sorry, it could not be found out whether your card was charged."


@dataclass(slots=True)
class World:
    """The bank."""

    charges: Counter[str] = field(default_factory=Counter)

    def state(self) -> Json:
        """How often each order was charged."""
        return {**self.charges}

    @tool(effect="write")
    def charge(self, order: str, amount: float) -> str:
        """Charge a card; each call charges it."""
        self.charges[order] += 1
        return "charged"

    @tool(name="charge", effect="write", idempotency_key="key")
    def charge_once(self, order: str, amount: float, key: str) -> str:
        """Charge a card; a call with a key that is known already does nothing."""
        self.charges[order] = 1
        return "charged"


def flawed(world: World) -> str:
    """Charge, and try again whatever went wrong."""
    return _tried(lambda: world.charge("o-7", 59.9))  # the flaw


def mended(world: World) -> str:
    """Charge under one key, which makes trying again harmless."""
    return _tried(lambda: world.charge_once("o-7", 59.9, key="charge-o-7"))


def _tried(charge: Callable[[], str]) -> str:
    """Four attempts, twice as long between them each time, and never in step with other agents."""
    for attempt in range(ATTEMPTS):
        try:
            return DONE if charge() == "charged" else UNSURE
        except OSError:
            time.sleep(WAIT_S * 2**attempt * random.uniform(0.5, 1.0))
    return UNSURE
