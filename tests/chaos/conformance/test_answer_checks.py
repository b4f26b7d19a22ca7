"""Fallbacks, approvals, budgets, time limits: what an agent does when it gets no answer, or no yes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentops_eval import approve, handoff, tool
from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import Budget, Declared, Fallback
from tests.chaos.conformance._kit import subjects, tried


@tool
def primary(word: str) -> str:
    """The usual source."""
    return f"1.09 for {word}"


@tool
def secondary(word: str) -> str:
    """The other source."""
    return f"1.08 for {word}"


def chain(*asked: tuple[Callable[[str], str], str], last: str = "sorry") -> Callable[[], str]:
    """Ask these in turn, and say the word of the one that answered."""

    def agent() -> str:
        for ask, word in asked:
            try:
                return ask("USD") + word
            except OSError:
                continue
        return last

    return agent


def asks_both() -> str:
    """Ask both at any rate."""
    found = []
    for ask in (primary, secondary):
        try:
            found.append(ask("USD"))
        except OSError:
            found.append("unavailable")
    return ", ".join(found)


FALLBACK = Contract(
    checks=Declared(fallbacks=(Fallback(order=("primary", "secondary", "cached"), says="backup|cached"),))
)


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        (chain((primary, ""), (secondary, " (backup)"), last="1.07 (cached)"), []),
        (chain((primary, ""), (secondary, ""), last="1.07 (cached)"), ["hidden:primary"]),
        (chain((primary, ""), (secondary, " (backup)"), last="1.07"), ["hidden:primary"]),
        (chain((primary, ""), last="1.07 (cached)"), ["no-fallback:primary"]),
        (chain((secondary, " (backup)"), (primary, ""), last="cached"), ["order:primary"]),
    ],
    ids="right hidden-second hidden-last none wrong-order".split(),
)
def test_fallbacks_go_by_the_declared_order(agent: Callable[[], str], found: list[str]) -> None:
    """Each outage brings the next one, in order, and the answer says that something stood in."""
    assert subjects(tried("fallback", agent, contract=FALLBACK)) == found


def test_going_further_than_needed_is_found() -> None:
    """Who asks the third while the second is well goes too far."""
    contract = Contract(checks=Declared(fallbacks=(Fallback(order=("primary", "secondary", "tertiary")),)))

    @tool
    def tertiary(word: str) -> str:
        return word

    def agent() -> str:
        try:
            return primary("USD")
        except OSError:
            pass
        answers = []
        for ask in (secondary, tertiary):
            try:
                answers.append(ask("USD"))
            except OSError:
                answers.append("unavailable")
        return "from a backup: " + ", ".join(answers)

    assert subjects(tried("fallback", agent, contract=contract)) == ["too-far:primary"]


@tool(effect="write", idempotency_key="order")
def issue_refund(order: int, amount: float) -> str:
    """Refund an order, once."""
    return "refunded"


def asking(may: Callable[[Any], bool], asks: bool | str = "minds") -> Callable[[], str]:
    """Refund where the answer may be taken for a yes, what was asked for or what it says."""

    def agent() -> str:
        if asks:
            answer = approve("issue_refund", details={"order": 1, "amount": 9.0}, deadline_s=60)
            if not may(answer):
                return "sorry, not approved"
            if asks == "minds":
                issue_refund(**answer.details)
                return "refunded"
        issue_refund(1, 9.0)
        return "refunded"

    return agent


def two_refunds() -> str:
    """Ask for both first, and then do what was approved."""
    answers = [approve("issue_refund", details={"order": n, "amount": 9.0}, deadline_s=60) for n in (1, 2)]
    done = [issue_refund(**one.details) for one in answers if one.approved]
    return f"{len(done)} refunded"


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        (asking(lambda answer: answer.approved), []),
        (asking(lambda answer: answer.status != "rejected"), ["issue_refund"]),
        (asking(lambda answer: answer.status != "timeout"), ["issue_refund"]),
        (asking(lambda answer: True), ["issue_refund"]),
        (asking(lambda answer: answer.approved, asks=True), ["issue_refund"]),
        (two_refunds, []),
    ],
    ids="right silence-is-yes no-is-yes anything-is-yes other-than-approved two".split(),
)
def test_nothing_happens_without_a_yes(agent: Callable[[], str], found: list[str]) -> None:
    """Silence, lateness and a no never let an effect through, and who lets one through is found."""
    result = tried("approval", agent, approver=lambda _: True)
    assert (subjects(result), result.passed) == (found, not found)


def test_an_effect_that_nobody_was_asked_for_is_found() -> None:
    """Where the contract says that an effect needs an approval, doing it without asking is a finding."""
    contract = Contract(approval={"issue_refund": "issue_refund"})

    def asks_for_another() -> str:
        approve("send_letter", deadline_s=60)
        return asking(lambda answer: True, asks=False)()

    result = tried("approval", asks_for_another, approver=lambda _: True, contract=contract)
    assert subjects(result) == ["issue_refund"]
    untold = tried("approval", asks_for_another, approver=lambda _: True)
    assert (untold.passed, "--contract" in untold.why) == (None, True)


def test_an_agent_that_asks_nobody_cannot_be_judged() -> None:
    """Without a question to a person there is no approval that could be bypassed."""
    assert tried("approval", asking(lambda answer: True, asks=False)).passed is None


@tool
def next_step(so_far: int) -> int:
    """How much is left to do."""
    return max(2 - so_far, 0)


def loop(most: int, at_the_end: Callable[[], str]) -> Callable[[], str]:
    """Work until nothing is left, or so many steps were made."""

    def agent() -> str:
        try:
            for done in range(most):
                if not next_step(done):
                    return "done"
        except OSError:
            return "sorry, stuck"
        return at_the_end()

    return agent


def raises() -> str:
    raise RuntimeError("too many steps")


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        (loop(8, lambda: "sorry, it took too long"), []),
        (loop(10**9, lambda: ""), ["runaway:next_step"]),
        (loop(30, lambda: "sorry"), ["runaway:next_step"]),
        (loop(8, raises), ["graceless:next_step"]),
    ],
    ids="right endless over-its-cap graceless".split(),
)
def test_a_loop_is_cut_off_at_its_cap(agent: Callable[[], str], found: list[str]) -> None:
    """A loop that is told for ever that there is more ends at its cap, and with an answer."""
    contract = Contract(checks=Declared(budget=Budget(calls=8)))
    assert subjects(tried("budget", agent, contract=contract)) == found


def test_even_without_a_cap_an_endless_loop_is_found() -> None:
    """What the watchdog has to end is a finding, whether or not a cap is declared."""
    assert subjects(tried("budget", loop(10**9, lambda: ""))) == ["runaway:next_step"]
    assert tried("budget", loop(8, lambda: "sorry")).passed is True


@tool
async def fetch(page: str) -> str:
    """Fetch a page."""
    return page


async def waits_for_an_agent() -> str:
    """Hand over, and wait ten seconds for the answer."""

    async def colleague(message: str) -> str:
        return message

    try:
        async with asyncio.timeout(10):
            return await handoff("colleague", "hello", colleague)
    except TimeoutError:
        return "sorry"


async def one_of_two_limited() -> str:
    """A limit for the first call, and none for the second."""
    try:
        async with asyncio.timeout(10):
            await fetch("a")
    except TimeoutError:
        return "sorry"
    return await fetch("b")


def test_what_hangs_is_named() -> None:
    """Each dependency is stalled by itself, calls to other agents too."""
    assert tried("timeouts", waits_for_an_agent).passed is True

    async def unlimited() -> str:
        return await fetch("a")

    assert subjects(tried("timeouts", unlimited)) == ["fetch"]


def test_a_second_call_without_a_limit_is_found() -> None:
    """A dependency that is limited where it is called first is stalled at its later calls, too."""
    assert subjects(tried("timeouts", one_of_two_limited)) == ["fetch"]


def test_a_blocking_tool_cannot_be_judged_from_outside() -> None:
    """A limit within a tool that blocks is not seen at its seam: only who asks for it is told so."""
    found = tried("timeouts", chain((primary, "")))
    assert found.passed is None
    assert "blocks its caller" in found.why
    assert subjects(tried("timeouts", chain((primary, "")), blocking=True)) == ["primary"]
