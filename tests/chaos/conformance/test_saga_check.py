"""The saga check: every step, before and after it was done, and a fault in each compensation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agentops_eval import tool
from agentops_eval.chaos import Contract
from agentops_eval.chaos.contracts import Undoes
from agentops_eval.domain import Json
from tests.chaos.conformance._kit import subjects, tried

CONTRACT = Contract(compensates={"release": Undoes(tool="reserve"), "refund": Undoes(tool="pay")})


@dataclass
class Shop:
    """A stock and a till: what is released or refunded without need is counted, too."""

    stock: int = 10
    till: int = 0
    reserved: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)

    def state(self) -> Json:
        return {"stock": self.stock, "till": self.till}

    @tool(effect="write", idempotency_key="order")
    def reserve(self, order: str) -> str:
        """Take one out of the stock, once."""
        if order not in self.reserved:
            self.reserved.add(order)
            self.stock -= 1
        return "reserved"

    @tool(effect="write", idempotency_key="order")
    def release(self, order: str) -> str:
        """Put it back, once."""
        if order in self.reserved:
            self.reserved.remove(order)
            self.stock += 1
        return "released"

    @tool(effect="write", idempotency_key="order")
    def pay(self, order: str) -> str:
        """Take the money, once."""
        if order not in self.paid:
            self.paid.add(order)
            self.till += 60
        return "paid"

    @tool(effect="write", idempotency_key="order")
    def refund(self, order: str) -> str:
        """Give it back, once."""
        if order in self.paid:
            self.paid.remove(order)
            self.till -= 60
        return "refunded"


@dataclass
class CarelessShop(Shop):
    """A shop whose refund counts each time it is called."""

    @tool(effect="write", idempotency_key="order")
    def refund(self, order: str) -> str:
        """Give it back, each time."""
        self.till -= 60
        return "refunded"


def surely(undo: Callable[[str], object], attempts: int = 3) -> None:
    for _ in range(attempts):
        try:
            undo("o-1")
        except OSError:
            continue
        return


def right(world: Shop) -> str:
    """Reserve, pay; take back both where either fails."""
    try:
        world.reserve("o-1")
        world.pay("o-1")
    except OSError:
        surely(world.refund)
        surely(world.release)
        return "sorry, nothing was ordered"
    return "ordered"


def forgets_what_was_lost(world: Shop) -> str:
    """Takes an answer that is lost for something that was not done."""
    try:
        world.reserve("o-1")
    except OSError:
        return "sorry"
    try:
        world.pay("o-1")
    except OSError:
        surely(world.release)
        return "sorry"
    return "ordered"


def gives_up_on_taking_back(world: Shop) -> str:
    """Tries each compensation once."""
    try:
        world.reserve("o-1")
        world.pay("o-1")
    except OSError:
        surely(world.refund, attempts=1)
        surely(world.release, attempts=1)
        return "sorry"
    return "ordered"


def never_takes_back(world: Shop) -> str:
    """Leaves what was done as it is."""
    try:
        world.reserve("o-1")
        world.pay("o-1")
    except OSError:
        return "sorry"
    return "ordered"


def test_a_right_saga_passes() -> None:
    """A saga that takes back whatever may have been done leaves the world as it was, in every trial."""
    result = tried("saga", right, world=Shop, contract=CONTRACT)
    assert (result.passed, result.why) == (True, "")
    assert result.runs > 10


@pytest.mark.parametrize(
    ("agent", "world", "found"),
    [
        (never_takes_back, Shop, ["pay", "reserve"]),
        (forgets_what_was_lost, Shop, ["pay", "reserve"]),
        (gives_up_on_taking_back, Shop, ["pay", "reserve"]),
        (right, CarelessShop, ["pay", "reserve"]),
    ],
)
def test_each_wrong_saga_is_found(agent: Callable[..., str], world: type[Shop], found: list[str]) -> None:
    """What is not taken back, taken back though it was lost, given up on, or taken back twice, is found."""
    result = tried("saga", agent, world=world, contract=CONTRACT)
    assert (result.passed, subjects(result)) == (False, found)


def test_without_a_state_the_effects_tell() -> None:
    """Where the world does not tell its state, what landed and was taken back does."""

    class Silent(Shop):
        state = None  # type: ignore[assignment]

    assert tried("saga", right, world=Silent, contract=CONTRACT).passed is True
    assert tried("saga", never_takes_back, world=Silent, contract=CONTRACT).passed is False


def test_without_declared_compensations_nothing_is_told() -> None:
    """Which tool takes back which is the contract's to say: without it the check cannot tell."""
    assert tried("saga", never_takes_back, world=Shop).passed is None
