"""Checks count effects as impact does: what a contract says of tools holds, and what failed was not done."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from agentops_eval import tool
from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import CheckResult, check
from agentops_eval.chaos.contracts import Undoes
from agentops_eval.domain import Event, FaultedRun, Json, Schedule, Seam
from tests.chaos.conformance._kit import subjects, tried
from tests.chaos.impact._kit import asked, run, write


@tool
def post(text: str) -> str:
    """Post a text: it says nothing of what it changes."""
    return "posted"


@tool(effect="write")
def count(what: str) -> str:
    """Count what was done."""
    return "counted"


def posts_again() -> str:
    """Posts and counts, and does both again where either failed."""
    for _ in range(3):
        try:
            post("hello")
            count("posts")
        except OSError:
            continue
        return "done"
    return "sorry"


@pytest.mark.parametrize(
    ("contract", "found"),
    [
        (Contract(), ["count"]),
        (Contract(writes=("post",)), ["count", "post"]),
        (Contract(writes=("post",), harmless=("count",)), ["post"]),
        (Contract(writes=("post",), harmless=("count",), idempotent=("post",)), []),
    ],
)
def test_what_is_an_effect_is_said_by_the_contract(contract: Contract, found: list[str]) -> None:
    """A tool counts where the contract says that it writes, and does not where it says it is harmless."""
    assert subjects(tried("idempotency", posts_again, contract=contract)) == found


def test_an_agent_whose_effects_are_harmless_has_none_to_repeat() -> None:
    """With every effect declared harmless there is nothing that the check could tell."""
    assert tried("idempotency", posts_again, contract=Contract(harmless=("count",))).passed is None


def counts_when_idle() -> str:
    """Counts only where there is time for it."""
    post("hello")
    if not os.environ.get("SHED"):
        post("more")
        count("posts")
    return "done"


@pytest.mark.parametrize(
    ("contract", "found"),
    [
        (Contract(), ["core:count"]),
        (Contract(harmless=("count",)), []),
        (Contract(writes=("post",), harmless=("count",)), ["core:post"]),
    ],
)
def test_what_may_be_shed_is_no_effect(contract: Contract, found: list[str]) -> None:
    """What matters under load are effects: of tools that write by the contract, and are not harmless."""
    result = tried("shedding", sheds_reading, contract=contract, optional="weather", flag="SHED")
    assert subjects(result) == found


@tool
def weather(place: str) -> str:
    """Tell the weather."""
    return "fine"


def sheds_reading() -> str:
    """Leaves the weather out under load, and whatever else needs time."""
    if not os.environ.get("SHED"):
        weather("here")
    return counts_when_idle()


def by_hand(name: str, contract: Contract, *events: Event) -> CheckResult:
    """The result of a check of an agent that does the same whatever happens."""

    def runner(schedule: Schedule) -> FaultedRun:
        found = run(*events)
        return replace(found, schedule=schedule, sites=tuple(f"/{one.boundary}#0" for one in found.events))

    return check(name, runner, contract=contract)


def served(name: str, result: Json) -> Event:
    """A call of a tool of an MCP server."""
    return replace(write(name, result, order=1), seam=Seam.MCP)


BROKEN: Json = {"isError": True, "content": [{"type": "text", "text": "no such order"}]}
SENT: Json = {"isError": False, "content": [{"type": "text", "text": "refunded"}]}


def test_a_step_that_its_server_refused_needs_no_compensation() -> None:
    """An MCP result that is an error did not land: it is no step of a saga."""
    contract = Contract(compensates={"refund": Undoes(tool="pay")})
    steps = [
        any(line.startswith("step 1 of 1") for line in by_hand("saga", contract, served("pay", one)).evidence)
        for one in (SENT, BROKEN)
    ]
    assert steps == [True, False]


@pytest.mark.parametrize(("answer", "found"), [(SENT, ["refund"]), (BROKEN, [])])
def test_what_a_server_refused_needed_no_approval(answer: Json, found: list[str]) -> None:
    """After a no, a call that its server refused did nothing; one that it answered did."""
    contract = Contract(approval={"refund": "refund"})
    result = by_hand("approval", contract, asked("refund", "rejected"), served("refund", answer))
    assert subjects(result) == found
    assert f"it approves: {'refund' if found else 'nothing'} done" in result.evidence


def test_two_tenants_share_no_effects() -> None:
    """What the second tenant does counts for it, though the first did the same before."""
    contract = Contract(writes=("post",), idempotent=("post",))

    def agent(tenant: str = "acme") -> str:
        return post("hello")

    result = tried("neighbour", agent, tasks={"beside": ("globex",)}, contract=contract)
    assert result.passed is True
