"""The breaker check on agents with a right breaker, none, and one with each fault."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from agentops_eval import tool
from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import Breaker, Declared
from agentops_eval.demo.flaws import breaker_never_recloses
from tests.chaos.conformance._kit import subjects, tried

RULE = Breaker(failures=3, cooldown_s=30.0)
DECLARED = Contract(checks=Declared(breakers={"get_rate": RULE}))


@dataclass
class Guarded:
    """A rate service behind a breaker by the book, with one thing wrong where it is asked for."""

    late: int = 0
    leaks: bool = False
    crowd: bool = False
    sticks: bool = False
    failures: int = 0
    opened_s: float | None = None
    trying: bool = False
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @tool
    def get_rate(self, currency: str) -> float:
        """What one euro costs."""
        return 1.09

    def lets(self) -> bool:
        with self.lock:
            if self.opened_s is None:
                return True
            if time.monotonic() - self.opened_s >= RULE.cooldown_s:
                if self.trying and not self.crowd:
                    return False
                self.trying = True
                return True
            self.refused += 1
            return self.leaks and self.refused % 3 == 0

    def told(self, ok: bool) -> None:
        with self.lock:
            self.trying = False
            if ok and self.opened_s is not None:
                self.opened_s = time.monotonic() if self.sticks else None
            if ok:
                self.failures = 0
                return
            self.failures += 1
            if self.opened_s is not None or self.failures >= RULE.failures + self.late:
                self.opened_s, self.failures = time.monotonic(), 0


def rate(world: Guarded) -> str:
    """Tell a rate, if the breaker lets it."""
    if not world.lets():
        return "sorry"
    try:
        found = world.get_rate("USD")
    except OSError:
        world.told(ok=False)
        return "sorry"
    world.told(ok=True)
    return f"{found} USD"


def test_a_right_breaker_passes() -> None:
    """A breaker by the book passes, declared or learned, and the evidence says what was tried."""
    for contract in (DECLARED, None):
        result = tried("breaker", rate, world=Guarded, contract=contract)
        assert (result.passed, subjects(result)) == (True, [])
        assert result.evidence


@pytest.mark.parametrize(
    ("wrong", "edge"),
    [
        ({"late": 2}, "late-trip:get_rate"),
        ({"leaks": True}, "leak-while-open:get_rate"),
        ({"crowd": True}, "thundering-probe:get_rate"),
        ({"sticks": True}, "no-reclose:get_rate"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_each_illegal_edge_is_found(wrong: dict, edge: str) -> None:
    """A breaker that is wrong in one way is found by the edge of that way."""
    result = tried("breaker", rate, world=lambda: Guarded(**wrong), contract=DECLARED)
    assert result.passed is False
    assert edge in subjects(result)


def test_the_flaw_is_found_and_its_mended_twin_passes() -> None:
    """A breaker whose refusals renew its cooldown never closes, and one that counts calls alone does."""
    flaw = breaker_never_recloses
    for contract in (DECLARED, None):
        found = tried("breaker", flaw.flawed, world=flaw.World, contract=contract)
        assert "no-reclose:get_rate" in subjects(found)
        assert tried("breaker", flaw.mended, world=flaw.World, contract=contract).passed is True


def test_without_a_breaker_nothing_is_found() -> None:
    """An agent that has no breaker, and of which none is declared, has nothing that could be wrong."""

    @tool
    def look_up(word: str) -> str:
        return word

    def plain() -> str:
        try:
            return look_up("a")
        except OSError:
            return "sorry"

    assert tried("breaker", plain).passed is None
    declared = Contract(checks=Declared(breakers={"look_up": RULE}))
    assert "late-trip:look_up" in subjects(tried("breaker", plain, contract=declared))
