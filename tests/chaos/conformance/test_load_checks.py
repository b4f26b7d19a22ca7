"""Back-pressure, load shedding and neighbours: what many calls, much load and other tenants do."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from agentops_eval import tool
from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import Declared, Shedding
from agentops_eval.domain import Json
from tests.chaos.conformance._kit import subjects, tried


@tool
async def embed(text: str) -> int:
    """Embed a text."""
    return len(text)


async def in_turn() -> int:
    """One after the other."""
    return sum([await embed(f"page {n}") for n in range(30)])


async def bounded() -> int:
    """Four at once, at the most."""
    gate = asyncio.Semaphore(4)

    async def one(n: int) -> int:
        async with gate:
            return await embed(f"page {n}")

    return sum(await asyncio.gather(*[one(n) for n in range(30)]))


async def as_they_come() -> int:
    """One each second, whether or not the last ones are done."""
    tasks = []
    for n in range(200):
        tasks.append(asyncio.create_task(embed(f"page {n}")))
        await asyncio.sleep(1.0)
    return sum(await asyncio.gather(*tasks))


def test_calls_that_wait_for_a_slow_service_are_bounded_or_found() -> None:
    """The slower it is, the more calls wait, for who does not look; who waits or bounds them passes."""
    assert tried("backpressure", in_turn).passed is True
    assert tried("backpressure", bounded).passed is True
    assert subjects(tried("backpressure", as_they_come)) == ["in-flight:embed"]


def test_a_declared_bound_holds_for_many_askers() -> None:
    """What a contract says of calls at once is tried with many who ask at the same time."""

    @dataclass
    class Desk:
        gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(2))

        @tool
        def ask(self, word: str) -> str:
            return word

    def guarded(world: Desk) -> str:
        with world.gate:
            return world.ask("a")

    def open_to_all(world: Desk) -> str:
        return world.ask("a")

    contract = Contract(checks=Declared(in_flight={"ask": 2}))
    assert tried("backpressure", guarded, world=Desk, contract=contract).passed is True
    assert subjects(tried("backpressure", open_to_all, world=Desk, contract=contract)) == ["in-flight:ask"]


@tool
def recommend(order: str) -> list[str]:
    """What else may be liked."""
    return ["lamp"]


@tool(effect="write", idempotency_key="order")
def confirm(order: str) -> str:
    """Confirm an order, once."""
    return "confirmed"


def sheds() -> str:
    """Leave the recommendations out where the flag says so."""
    more = [] if os.environ.get("SHED") else recommend("o-1")
    return f"{confirm('o-1')}, {len(more)} more"


def ignores_the_flag() -> str:
    """Recommend at any rate."""
    return f"{confirm('o-1')}, {len(recommend('o-1'))} more"


def sheds_too_much() -> str:
    """Leave out everything."""
    return "busy" if os.environ.get("SHED") else ignores_the_flag()


@pytest.mark.parametrize(
    ("agent", "found"),
    [(sheds, []), (ignores_the_flag, ["core", "not-shed:recommend"]), (sheds_too_much, ["core:confirm"])],
)
def test_optional_calls_are_shed_and_the_core_works(agent: Callable[[], str], found: list[str]) -> None:
    """With the flag on, what is optional is not called, and what matters is done, under load too."""
    contract = Contract(checks=Declared(shedding=Shedding(optional=("recommend",), flag={"SHED": "1"})))
    assert subjects(tried("shedding", agent, contract=contract)) == found
    assert "SHED" not in os.environ
    assert subjects(tried("shedding", agent, optional="recommend", flag="SHED")) == found


def test_without_a_flag_nothing_is_told_of_shedding() -> None:
    """What is optional, and what switches it off, has to be declared."""
    assert tried("shedding", sheds).passed is None
    assert tried("shedding", sheds, optional="recommend").passed is None


@dataclass
class Bank:
    """Balances of two tenants, with one thing shared that should not be where it is asked for."""

    broken: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: int = 0

    def state(self) -> Json:
        return self.asked

    @tool
    def balance(self, tenant: str) -> str:
        """What is on an account."""
        return {"acme": "1200 EUR", "globex": "77 EUR"}[tenant]


def alone(tenant: str = "acme", *, world: Bank) -> str:
    """Tell the balance."""
    try:
        return world.balance(tenant)
    except OSError:
        return "sorry"


def one_switch_for_all(tenant: str = "acme", *, world: Bank) -> str:
    """After one failure nobody is served any more."""
    if world.broken:
        return "sorry, closed"
    try:
        return world.balance(tenant)
    except OSError:
        world.broken.add(tenant)
        return "sorry"


def one_lock_for_all(tenant: str = "acme", *, world: Bank) -> str:
    """Everybody waits for who is before."""
    with world.lock:
        return alone(tenant, world=world)


def counts(tenant: str = "acme", *, world: Bank) -> str:
    """Give each answer a number of its own."""
    world.asked += 1
    return f"{alone(tenant, world=world)} (ticket {world.asked})"


@pytest.mark.parametrize(
    ("agent", "given", "found"),
    [
        (alone, {}, []),
        (one_switch_for_all, {}, ["result:beside"]),
        (one_lock_for_all, {}, ["delayed:beside"]),
        (counts, {"ignore": r"ticket \d+"}, []),
    ],
)
def test_neighbours_are_left_alone(
    agent: Callable[..., str], given: dict[str, Any], found: list[str]
) -> None:
    """What breaks for one tenant neither changes nor delays what another gets."""
    result = tried("neighbour", agent, world=Bank, tasks={"beside": ("globex",)}, **given)
    assert (subjects(result), result.passed) == (found, not found)


def test_without_a_second_tenant_nothing_is_told() -> None:
    """Who is beside has to be said."""
    assert tried("neighbour", alone, world=Bank).passed is None


def test_pauses_of_a_drive_take_no_real_time() -> None:
    """A day between two turns passes in virtual time."""
    from agentops_eval.chaos.conformance import Beat, Drive, turns_of
    from agentops_eval.domain import Schedule
    from agentops_eval.harness.faulting import Runner, subject_of

    def agent() -> float:
        return round(time.monotonic())

    drive = Drive(beats=(Beat(), Beat(after_s=86_400.0)))
    first, second = turns_of(Runner(subject_of(agent)).driven(drive)(Schedule()))
    assert second.started_s - first.ended_s == 86_400.0
