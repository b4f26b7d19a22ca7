"""Idempotency and resume: effects that happen twice, or never, because of what was lost or killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agentops_eval import handoff, tool
from agentops_eval.domain import Json
from tests.chaos.conformance._kit import subjects, tried


@tool(effect="external")
def send(to: str) -> str:
    """Send a letter."""
    return "sent"


@tool
def find(order: str) -> str:
    """Find an address."""
    return "ann@example.org"


def starts_again_from_the_top() -> str:
    """Does everything again where anything failed."""
    for _ in range(3):
        try:
            send(find("o-1"))
            find("o-2")
        except OSError:
            continue
        return "done"
    return "sorry"


def hands_over_again() -> str:
    """A colleague sends, and is asked again where no answer came."""

    def colleague(message: str) -> str:
        return send(message)

    for _ in range(2):
        try:
            return handoff("colleague", "ann@example.org", colleague)
        except OSError:
            continue
    return "sorry"


def sends_once() -> str:
    """Sends, and does not try again."""
    try:
        return send("ann@example.org")
    except OSError:
        return "sorry, it is not known whether it was sent"


@pytest.mark.parametrize(
    ("agent", "found"),
    [(starts_again_from_the_top, ["send"]), (hands_over_again, ["send"]), (sends_once, [])],
)
def test_effects_of_outer_retries_are_found(agent: Callable[[], str], found: list[str]) -> None:
    """A fault of any call may lead to an effect that is done again: of another tool, or of a hand-off."""
    assert subjects(tried("idempotency", agent)) == found


def test_a_tool_without_a_key_is_told_and_counts_where_asked() -> None:
    """What delivers a call twice is the transport: only on demand is that a finding of the agent."""
    result = tried("idempotency", sends_once)
    assert any("has no idempotency key" in line for line in result.evidence)
    assert subjects(tried("idempotency", sends_once, delivery=True)) == ["send"]


def test_an_agent_that_changes_nothing_cannot_be_judged() -> None:
    """Without a tool that is declared to change something there is no effect to be repeated."""
    assert tried("idempotency", lambda: find("o-1")).passed is None


@dataclass
class Account:
    """An account whose state tells what really happened."""

    honours_keys: bool = True
    keys: set[str] = field(default_factory=set)
    paid: Counter[str] = field(default_factory=Counter)
    notes: dict[str, str] = field(default_factory=dict)

    def state(self) -> Json:
        return {**self.paid}

    @tool(effect="write", idempotency_key="key")
    def pay(self, order: str, key: str) -> str:
        """Pay, once for each key, if keys are honoured."""
        if key not in self.keys or not self.honours_keys:
            self.paid[order] += 1
        self.keys.add(key)
        return "paid"


def pays(world: Account) -> str:
    """Pay under a key, three times if need be."""
    for _ in range(3):
        try:
            return world.pay("o-1", key="pay-o-1")
        except OSError:
            continue
    return "sorry"


def test_a_key_makes_repeats_harmless() -> None:
    """Lost answers and second deliveries under one key are one effect."""
    assert tried("idempotency", pays, world=Account).passed is True


@dataclass
class Diary(Account):
    """An account beside what the agent wrote down."""


def writes_down_first(world: Diary) -> str:
    """Notes that it paid before it pays: killed in between, it never does."""
    if "paid" not in world.notes:
        world.notes["paid"] = "yes"
        world.pay("o-1", key="pay-o-1")
    return "paid"


def draws_a_key_anew(world: Diary) -> str:
    """Makes up a new key in each life."""
    world.notes["life"] = world.notes.get("life", "") + "I"
    return world.pay("o-1", key=world.notes["life"])


@pytest.mark.parametrize(
    ("agent", "found"),
    [(pays, []), (writes_down_first, ["pay"]), (draws_a_key_anew, ["pay"])],
)
def test_an_agent_that_is_killed_neither_loses_nor_repeats(
    agent: Callable[..., str], found: list[str]
) -> None:
    """Killed at each call, before and after it was done, the resumed agent does what is left, no more."""
    result = tried("resume", agent, world=Diary)
    assert (subjects(result), result.passed) == (found, not found)
