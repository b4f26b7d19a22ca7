"""Notes its refund only after it, and has no key: killed in between and resumed, it refunds again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from agentops_eval import tool
from agentops_eval.domain import Json

DONE = "The refund for order 1042 is on its way."
UNSURE = "Sorry, it could not be found out whether the refund went through."


@dataclass(slots=True)
class World:
    """The bank, and the notes that outlive the agent's process."""

    refunds: Counter[str] = field(default_factory=Counter)
    notes: set[str] = field(default_factory=set)

    def state(self) -> Json:
        """How often each refund went out."""
        return {**self.refunds}

    @tool(effect="write")
    def issue_refund(self, order: int) -> str:
        """Refund an order; each call refunds it."""
        self.refunds[f"order {order}"] += 1
        return "refunded"

    @tool(name="issue_refund", effect="write", idempotency_key="key")
    def issue_refund_once(self, order: int, key: str) -> str:
        """Refund an order; a call with a key that is known already does nothing."""
        self.refunds[f"order {order}"] = 1
        return "refunded"

    @tool
    def find_order(self, order: int) -> dict[str, int]:
        """Look an order up."""
        return {"order": order}


def flawed(world: World) -> str:
    """Refund, note it, and skip what is noted."""
    return _noted(world, lambda: world.issue_refund(1042))  # the flaw: a crash right behind it is forgotten


def mended(world: World) -> str:
    """The same with a key that is known before: the bank skips what it did."""
    return _noted(world, lambda: world.issue_refund_once(1042, key="refund-1042"))


def _noted(world: World, refund: Callable[[], str]) -> str:
    try:
        if world.find_order(1042) != {"order": 1042}:
            return UNSURE
        if "refunded" not in world.notes:
            done = refund()
            world.find_order(1042)
            if done != "refunded":
                return UNSURE
            world.notes.add("refunded")
    except OSError:
        return UNSURE
    return DONE
