"""The desk's agents serve customers, keep to the policy, and end in the same state on both SDKs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentops_eval.demo import demo_rules
from agentops_eval.demo.desk import (
    CHANGED_SENTENCE,
    REQUESTS,
    Desk,
    Llm,
    Refused,
    anthropic_agent,
    changed_openai_agent,
    changed_prompt,
    desk_prompt,
    openai_agent,
)
from agentops_eval.domain import ApproverMissing
from agentops_eval.testing import ApprovalRule, LlmServer, ScriptedApprover

AGENTS = {"openai": openai_agent, "anthropic": anthropic_agent}
NOTHING: dict[str, list[Any]] = {"refunds": [], "discounts": [], "emails": []}


def _llm(server: LlmServer, sdk: str) -> Llm:
    path = "" if sdk == "anthropic" else "/v1"
    return Llm(base_url=server.url + path, api_key="unset", retries=0)


@pytest.fixture(params=AGENTS)
def sdk(request: pytest.FixtureRequest) -> str:
    """Each SDK in turn."""
    return str(request.param)


def _serve(
    server: LlmServer, sdk: str, text: str, desk: Desk, *, prompt: str | None = None, ask: Any = None
) -> str:
    return AGENTS[sdk](text, desk=desk, llm=_llm(server, sdk), prompt=prompt, ask=ask)


def test_a_broken_order_is_refunded_and_confirmed(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A refund is paid once, confirmed by email, and told to the customer."""
    answer = _serve(server, sdk, REQUESTS["refund"], desk)
    assert answer == "Order 1042 was refunded: 59.90 EUR. A confirmation was sent by email."
    effects = desk.effects()
    assert effects["refunds"] == [{"id": 1, "order_id": 1042, "cents": 5990, "reason": "arrived broken"}]
    assert [email["customer_id"] for email in effects["emails"]] == [1013]
    assert effects["discounts"] == []
    assert server.hits == 4


def test_a_changed_sentence_changes_the_amount(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A lower limit in the prompt lowers the refund that the llm asks for, and nothing else."""
    assert desk_prompt().count(CHANGED_SENTENCE[0]) == 1
    answer = _serve(server, sdk, REQUESTS["refund"], desk, prompt=changed_prompt())
    assert "40.00 EUR" in answer
    assert [refund["cents"] for refund in desk.effects()["refunds"]] == [4000]


def test_orders_are_looked_up_in_parallel(server: LlmServer, sdk: str, desk: Desk) -> None:
    """Three orders are looked up in one step, and nothing is changed."""
    answer = _serve(server, sdk, REQUESTS["lookup"], desk)
    assert answer == (
        "Order 1042 (desk lamp) is delivered. Order 1043 (kettle) is shipped. "
        "Order 1044 (backpack) is delayed."
    )
    assert server.hits == 2
    assert desk.effects() == NOTHING


def test_a_status_is_told(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A question about one order is answered from the database."""
    assert _serve(server, sdk, REQUESTS["status"], desk) == "Order 1043 (kettle) is shipped."


def test_an_angry_customer_gets_an_apology_and_a_discount(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A complaint ends with the discount of the policy and an email, without asking a person."""
    answer = _serve(server, sdk, REQUESTS["complaint"], desk)
    assert "10 percent cheaper" in answer
    effects = desk.effects()
    assert [discount["percent"] for discount in effects["discounts"]] == [10]
    assert [email["subject"] for email in effects["emails"]] == ["We are sorry"]


def test_a_large_discount_is_granted_when_a_person_approves(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A discount above the limit is granted after the person was asked with its details."""
    person = ScriptedApprover.approving()
    answer = _serve(server, sdk, REQUESTS["discount"], desk, ask=person)
    assert answer == "Good news: your next order is 25 percent cheaper."
    assert [row["percent"] for row in desk.effects()["discounts"]] == [25]
    (asked,) = person.asked
    assert asked.action == "grant_discount"
    assert asked.details == {"customer_id": 1007, "percent": 25, "reason": "asked for by the customer"}


def test_a_person_may_grant_less(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A person who changes the request decides what is granted."""
    less = ScriptedApprover((ApprovalRule(answer="modified", details={"percent": 5}),))
    answer = _serve(server, sdk, REQUESTS["discount"], desk, ask=less)
    assert answer == "Good news: your next order is 5 percent cheaper."


def test_a_rejected_discount_is_not_granted(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A rejection changes nothing, and the customer hears why."""
    person = ScriptedApprover.rejecting("margin too small")
    answer = _serve(server, sdk, REQUESTS["discount"], desk, ask=person)
    assert answer.startswith("Sorry")
    assert "margin too small" in answer
    assert desk.effects() == NOTHING


def test_nobody_to_ask_is_an_error(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A decision for a person without a person is an error of the set-up, not of the customer."""
    with pytest.raises(ApproverMissing):
        _serve(server, sdk, REQUESTS["discount"], desk)
    assert desk.effects() == NOTHING


def test_an_unknown_order_is_not_refunded(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A refund for an order that does not exist ends in an apology."""
    answer = _serve(server, sdk, REQUESTS["unknown"], desk)
    assert answer == "Sorry, order 4711 could not be looked up: there is no order 4711."
    assert desk.effects() == NOTHING


@pytest.mark.parametrize("name", REQUESTS)
def test_both_sdks_leave_the_same_state(server: LlmServer, name: str) -> None:
    """The same request gives the same answer and the same rows, whichever SDK asks the llm."""
    ends = []
    for sdk in AGENTS:
        with Desk() as desk:
            person = ScriptedApprover.approving()
            ends.append((_serve(server, sdk, REQUESTS[name], desk, ask=person), desk.effects()))
    assert ends[0] == ends[1]


def test_without_arguments_the_environment_is_used(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agents run with a text alone, where the SDKs' environment variables lead."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    assert openai_agent(REQUESTS["status"]) == anthropic_agent(REQUESTS["status"])
    assert "40.00 EUR" in changed_openai_agent(REQUESTS["refund"])


def test_another_address_in_the_environment_is_another_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients are kept, and are still asked where the environment leads by now."""
    for _ in range(2):
        with LlmServer(demo_rules()) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            for agent in (openai_agent, anthropic_agent):
                assert "is shipped" in agent(REQUESTS["status"])


def test_a_refund_is_paid_once(desk: Desk) -> None:
    """A second refund of an order gives the first one and pays nothing."""
    first = desk.refund(1042, 10.0, "once")
    assert desk.refund(1042, 20.0, "twice") == first
    assert len(desk.effects()["refunds"]) == 1


@pytest.mark.parametrize("amount", [0, -1, 59.91, 1e9])
def test_a_wrong_amount_is_refused(desk: Desk, amount: float) -> None:
    """Nothing, less than nothing, and more than was paid cannot be refunded."""
    with pytest.raises(Refused, match="cannot be refunded"):
        desk.refund(1042, amount, "wrong")
    assert desk.effects() == NOTHING


def test_a_shop_in_a_folder_is_kept(tmp_path: Path) -> None:
    """A shop in a folder has its rows again when it is opened again; its customers are generated once."""
    with Desk(tmp_path) as desk:
        desk.email(1001, "Hello", "We are open.")
    with Desk(tmp_path) as desk:
        assert [email["subject"] for email in desk.effects()["emails"]] == ["Hello"]
        assert desk.customer("customer-1020@shop.example")["customer_id"] == 1020
        assert desk.order(1046)["paid"] == 2 * desk.order(1046)["price"]
