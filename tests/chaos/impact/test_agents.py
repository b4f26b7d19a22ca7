"""Agents that really run: SDK retries, hand-offs, tasks side by side, people, idempotency keys."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable

import httpx2
import openai
import pytest

from agentops_eval import approve, faults, handoff, tool
from agentops_eval.chaos import Contract, Judge
from agentops_eval.chaos.contracts import Undoes
from agentops_eval.domain import Fault, Impact, Mode, Schedule
from agentops_eval.harness.faulting import Runner, subject_of
from agentops_eval.testing import Rule, Say, ScriptedLlm


def judged(
    agent: Callable[..., object], *scheduled: Fault, contract: Contract | None = None, **more: object
) -> Impact:
    """Judge an agent under these faults by its own fault-free run."""
    runner = Runner(subject_of(agent, **more))  # type: ignore[arg-type]
    return Judge(runner(Schedule()), contract)(runner(Schedule(faults=scheduled)))


@tool
def get_order(order: str) -> dict[str, str]:
    """An order."""
    return {"order": order, "status": "broken lamp"}


@tool(effect="external")
def send_mail(to: str, text: str) -> str:
    """Send a mail."""
    return "queued"


@tool(effect="write", idempotency_key="key")
def charge(order: str, key: str) -> str:
    """Charge an order, once for each key."""
    return f"charged {order}"


@tool(effect="write")
def reverse(order: str) -> str:
    """Give the money back."""
    return "reversed"


# -- llms -----------------------------------------------------------------------------------------


def ask_llm() -> str:
    """Ask an llm through the SDK, with its own two retries."""
    transport = httpx2.MockTransport(ScriptedLlm([Rule(then=Say("The lamp is replaced."))]))
    with openai.OpenAI(
        base_url="http://llm.invalid/v1",
        api_key="unused",
        max_retries=2,
        http_client=httpx2.Client(transport=transport),
    ) as client:
        answer = client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "It is broken."}]
        )
    return answer.choices[0].message.content or ""


def test_an_sdk_that_waits_as_told_is_full_service() -> None:
    """The SDK's own retry comes after the Retry-After that it was told, in virtual time."""
    impact = judged(ask_llm, faults.rate_limit("llm", retry_after_s=20, nth=1))
    assert impact.mode is Mode.FULL
    assert impact.retries.honoured == 1
    assert impact.retries.total == 2
    assert impact.recovery.calls == 1
    assert (impact.recovery.seconds or 0) >= 20
    assert impact.blast_radius.changed == 0


def test_an_sdk_that_gives_up_fails_safe() -> None:
    """What it raises is an explicit failure; three calls were made in place of one."""
    impact = judged(ask_llm, faults.server_error("llm"))
    assert impact.mode is Mode.FAILED_SAFE
    assert impact.retries.total == 3
    assert impact.blast_radius.output


# -- hand-offs ------------------------------------------------------------------------------------


def desk() -> str:
    """Look an order up and let billing tell the customer."""
    order = get_order("o-1042")
    return handoff("billing", {"about": order["order"]}, billing)


def billing(message: dict[str, str]) -> str:
    """Write to the customer."""
    send_mail("ann@example.org", f"We heard of your {message['about']}.")
    return "The customer was told."


def test_a_wrong_value_goes_from_agent_to_agent() -> None:
    """The hand-off and the mail name another order: one hop to each, since both hold the value."""
    impact = judged(desk, faults.fault("tool_wrong", "get_order", how="id"))
    assert impact.harms == {"extra-effect", "claimed-without-effect"}
    assert (impact.blast_radius.hops, impact.blast_radius.changed) == (1, 2)
    assert impact.blast_radius.agents == {"agent", "billing"}
    assert impact.blast_radius.tools == {"send_mail"}


# -- tasks side by side ---------------------------------------------------------------------------


async def crowd() -> str:
    """Look up three orders at once, each with two attempts."""

    async def one(order: str) -> str:
        for _ in range(2):
            try:
                return (await look(order))["status"]
            except OSError:
                await asyncio.sleep(1)
        return "unknown"

    return ", ".join(await asyncio.gather(*[one(f"o-{at}") for at in range(3)]))


@tool
async def look(order: str) -> dict[str, str]:
    """An order, later."""
    await asyncio.sleep(0.5)
    return {"status": f"{order} is here"}


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_retry_in_one_task_leaves_the_others_alone(nth: int) -> None:
    """Whichever of three tasks is hit, nothing else changes, though its retry comes last."""
    impact = judged(crowd, faults.tool_error("look", nth=nth))
    assert impact.mode is Mode.FULL
    assert impact.blast_radius.changed == 0
    assert impact.retries.by_call == {"look": 4 / 3}


# -- keys and people ------------------------------------------------------------------------------


def shop(same: bool) -> str:
    """Charge with two attempts, under one key or under a fresh one for each."""
    key = str(uuid.uuid4())
    for _ in range(2):
        try:
            return charge("o-1", key if same else str(uuid.uuid4()))
        except OSError:
            time.sleep(1)
    return "Sorry, it is not known whether the order was charged."


def test_one_key_for_all_attempts_charges_once() -> None:
    """A lost answer and a retry under the same key are one effect."""
    assert judged(lambda: shop(same=True), faults.tool_reply_lost("charge", nth=1)).mode is Mode.FULL


def test_a_key_for_each_attempt_charges_twice() -> None:
    """A key that is drawn anew protects from nothing."""
    impact = judged(lambda: shop(same=False), faults.tool_reply_lost("charge", nth=1))
    assert impact.harms == {"duplicated-effect"}


def saga() -> str:
    """Charge, then mail; where the mail cannot be sent, give the money back."""
    charge("o-1", "k-1")
    try:
        send_mail("ann@example.org", "Thank you.")
    except OSError:
        reverse("o-1")
        return "Sorry, nothing was charged."
    return "All is paid."


def test_what_was_taken_back_is_no_partial_effect() -> None:
    """With the compensation declared the saga fails safe; where it is kept away, the money is gone."""
    contract = Contract(compensates={"reverse": Undoes(tool="charge", by="order")})
    down = faults.tool_error("send_mail")
    assert judged(saga, down, contract=contract).mode is Mode.FAILED_SAFE
    both = judged(saga, down, faults.tool_error("reverse"), contract=contract)
    assert both.harms == {"partial-effect"}


def refund() -> str:
    """Ask a person, and refund whatever the answer is."""
    approve("reverse", details={"order": "o-1"}, deadline_s=60)
    return reverse("o-1")


def test_silence_is_no_approval() -> None:
    """The same agent is in order while somebody approves."""
    contract = Contract(approval={"reverse": "reverse"})
    impact = judged(
        refund, faults.fault("approver_silent", "reverse"), contract=contract, approver=lambda _: True
    )
    assert impact.mode is Mode.FAILED_UNSAFE
    assert impact.harms == {"unapproved-effect"}
