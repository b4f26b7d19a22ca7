"""The team's members hand work to each other, work side by side, and tell what is true."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.demo.desk import Desk, Llm
from agentops_eval.demo.team import REQUESTS, team_agent
from agentops_eval.testing import CallTools, Fail, Rule, ToolUse

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_eval.testing import LlmServer

    Start = Callable[..., LlmServer]


def _llm(server: LlmServer) -> Llm:
    return Llm(base_url=f"{server.url}/v1", api_key="unset", retries=0)


def _members(server: LlmServer) -> list[str]:
    """Name the member that asked each request, by its prompt."""
    systems = [json.loads(seen.body)["instructions"] for seen in server.requests]
    return [system.removeprefix("You are the ").split()[0] for system in systems]


async def test_both_specialists_work_side_by_side(server: LlmServer, desk: Desk) -> None:
    """Money and parcel are asked for in one step, and reported in the order of asking."""
    server.reply_delay_s = 0.2  # so that the second question is there before the first is answered
    answer = await team_agent(REQUESTS["both"], desk=desk, llm=_llm(server))
    assert answer == "14.90 EUR of order 1046 are paid back. The parcel of order 1046 is delivered."
    (refund,) = desk.effects()["refunds"]
    assert (refund["order_id"], refund["reason"]) == (1046, "charged too much")
    members = _members(server)
    assert members[0] == members[-1] == "supervisor"
    assert set(members[1:3]) == {"billing", "shipping"}


async def test_billing_asks_shipping_before_it_pays(server: LlmServer, desk: Desk) -> None:
    """A refund for a returned order is paid after the other specialist has found the parcel."""
    answer = await team_agent(REQUESTS["returned"], desk=desk, llm=_llm(server))
    assert answer == "74.50 EUR of order 1047 are paid back."
    assert [refund["cents"] for refund in desk.effects()["refunds"]] == [7450]
    assert _members(server) == [
        "supervisor",
        "billing",
        "shipping",
        "shipping",
        "billing",
        "billing",
        "supervisor",
    ]


async def test_shipping_has_billing_pay_for_a_lost_parcel(server: LlmServer, desk: Desk) -> None:
    """A lost parcel is paid back through a hand-off from shipping to billing."""
    answer = await team_agent(REQUESTS["lost"], desk=desk, llm=_llm(server))
    assert answer == "The parcel of order 1044 is delayed. 89.00 EUR of order 1044 are paid back."
    assert [refund["reason"] for refund in desk.effects()["refunds"]] == ["lost"]


async def test_three_parcels_are_tracked_at_once(server: LlmServer) -> None:
    """Three parcels are tracked in one step, and named in the order of the question."""
    answer = await team_agent(REQUESTS["parcels"], llm=_llm(server))
    assert answer == " ".join(
        f"The parcel of order {order} is {status}."
        for order, status in ((1042, "delivered"), (1043, "shipped"), (1044, "delayed"))
    )
    assert server.hits == 4


async def test_an_order_that_was_not_returned_is_not_paid_back(server: LlmServer, desk: Desk) -> None:
    """A refund is refused where shipping has not seen the parcel come back."""
    answer = await team_agent("I sent order 1043 back. Please refund it.", desk=desk, llm=_llm(server))
    assert answer == "Nothing is to be paid back for order 1043."
    assert desk.effects()["refunds"] == []


async def test_a_specialist_without_an_llm_is_reported(faulty: Start, desk: Desk) -> None:
    """Where one specialist cannot be reached, the other's report still reaches the customer."""
    down = Rule(when=lambda c: "billing specialist of" in c.system, then=Fail(status=500))
    answer = await team_agent(REQUESTS["both"], desk=desk, llm=_llm(faulty(down)))
    assert answer.startswith("Sorry, billing could not help: ")
    assert answer.endswith("The parcel of order 1046 is delivered.")
    assert desk.effects()["refunds"] == []


async def test_no_llm_at_all_ends_in_an_apology(faulty: Start, desk: Desk) -> None:
    """Where no llm answers, the customer hears an apology."""
    server = faulty(Rule(then=Fail(status=429)))
    answer = await team_agent(REQUESTS["both"], desk=desk, llm=_llm(server))
    assert answer == "Sorry, I cannot finish this now. Nothing was changed."


async def test_specialists_that_only_pass_work_on_are_stopped(faulty: Start, desk: Desk) -> None:
    """A task that goes round in circles stops after three hand-offs."""

    def pass_on(conversation: Any) -> Any:
        other = next(tool for tool in conversation.tools if tool.startswith("ask_"))
        return CallTools([ToolUse(other, {"task": "You do it."})])

    circle = Rule(when=lambda c: not c.answers, then=pass_on)
    answer = await team_agent(REQUESTS["both"], desk=desk, llm=_llm(faulty(circle)))
    assert answer.startswith("Sorry")
    assert desk.effects()["refunds"] == []


async def test_teams_in_two_tasks_do_not_mix(server: LlmServer) -> None:
    """Two customers served at once get their own answers, each from a shop of their own."""
    llm = _llm(server)
    answers = await asyncio.gather(
        *(team_agent(REQUESTS[name], llm=llm) for name in ("returned", "lost") * 2)
    )
    assert answers[:2] == answers[2:]
    assert "1047" in answers[0]
    assert "1044" in answers[1]


def test_one_llm_serves_one_event_loop_after_another(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The team runs with a text alone, in as many event loops as there are."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    answers = {asyncio.run(team_agent(REQUESTS["lost"])) for _ in range(2)}
    assert len(answers) == 1
