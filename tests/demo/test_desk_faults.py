"""When the llm, a tool or a person fails, the desk says what is true and does nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.demo.desk import REQUESTS, Desk, Llm, anthropic_agent, openai_agent
from agentops_eval.testing import ApprovalRule, CallTools, Cut, Fail, Rule, Say, ScriptedApprover, ToolUse

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_eval.testing import Action, Conversation, LlmServer

    Start = Callable[..., LlmServer]

AGENTS = {"openai": openai_agent, "anthropic": anthropic_agent}
NOTHING: dict[str, list[Any]] = {"refunds": [], "discounts": [], "emails": []}
DOWN = Rule(when=lambda c: c.llm == "scripted-large", then=Fail(status=503, message="overloaded"))


@pytest.fixture(params=AGENTS)
def sdk(request: pytest.FixtureRequest) -> str:
    """Each SDK in turn."""
    return str(request.param)


def _llm(server: LlmServer, sdk: str, *, retries: int = 0) -> Llm:
    path = "" if sdk == "anthropic" else "/v1"
    return Llm(base_url=server.url + path, api_key="unset", retries=retries)


def _refund(server: LlmServer, sdk: str, desk: Desk, *, retries: int = 0) -> str:
    return AGENTS[sdk](REQUESTS["refund"], desk=desk, llm=_llm(server, sdk, retries=retries))


def _after(tool: str, action: Action) -> Rule:
    """Answer like this once the tool has answered."""
    return Rule(when=lambda c: c.answer(tool) is not None, then=action)


def test_two_rate_limits_are_retried_by_the_sdk(faulty: Start, sdk: str, desk: Desk) -> None:
    """The SDK's own retries survive two rate limits, and the refund is paid once."""
    server = faulty(Rule(then=Fail(status=429, retry_after_s=0.001), times=2, name="limit"))
    assert "was refunded" in _refund(server, sdk, desk, retries=2)
    assert [seen.rule for seen in server.requests].count("limit") == 2
    assert len(desk.effects()["refunds"]) == 1


def test_a_failing_llm_is_replaced_by_the_fallback(faulty: Start, sdk: str, desk: Desk) -> None:
    """When the primary llm is down, the fallback serves the customer to the end."""
    server = faulty(DOWN)
    assert "was refunded: 59.90 EUR" in _refund(server, sdk, desk)
    # Three failures open the breaker; the fourth step goes to the fallback at once.
    assert [seen.status for seen in server.requests] == [503, 200, 503, 200, 503, 200, 200]


def test_an_open_breaker_is_kept_with_the_llm(faulty: Start, sdk: str, desk: Desk) -> None:
    """Two conversations with one llm share its breaker: the second never asks the primary."""
    server = faulty(DOWN)
    llm = _llm(server, sdk)
    AGENTS[sdk](REQUESTS["refund"], desk=desk, llm=llm)
    server.reset()
    AGENTS[sdk](REQUESTS["status"], desk=desk, llm=llm)
    assert [seen.status for seen in server.requests] == [200, 200]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_no_llm_at_all_ends_in_an_apology(faulty: Start, sdk: str, desk: Desk, status: int) -> None:
    """Where no llm answers, the customer hears an apology, and that nothing was changed."""
    server = faulty(Rule(then=Fail(status=status)))
    assert _refund(server, sdk, desk) == "Sorry, I cannot finish this now. Nothing was changed."
    assert desk.effects() == NOTHING


def test_an_apology_names_what_was_done(faulty: Start, sdk: str, desk: Desk) -> None:
    """Where the llm is lost after the refund, the apology says that it was paid."""
    server = faulty(_after("issue_refund", Fail(status=500)))
    answer = _refund(server, sdk, desk)
    done = "Done so far: issue_refund(order_id=1042, amount=59.9, reason=arrived broken)."
    assert answer == f"Sorry, I cannot finish this now. {done}"
    assert len(desk.effects()["refunds"]) == 1
    assert desk.effects()["emails"] == []


def test_a_stream_that_breaks_is_asked_again(faulty: Start, sdk: str, desk: Desk) -> None:
    """A reply that is cut off counts as a failure of the llm: the fallback is asked the same."""
    server = faulty(Rule(then=Cut(2, Say("Well, I think that")), times=1))
    assert "was refunded" in _refund(server, sdk, desk)
    assert len(desk.effects()["refunds"]) == 1


def test_an_answer_that_is_cut_short_says_so(faulty: Start, sdk: str, desk: Desk) -> None:
    """An answer that ran out of tokens is marked as such, and tells what was done."""
    server = faulty(_after("send_email", Say("Your refund", finish="length")))
    answer = _refund(server, sdk, desk)
    assert answer.startswith("Your refund (Sorry, this answer was cut short.) Done so far: issue_refund")


def test_a_filtered_answer_is_not_passed_on(faulty: Start, sdk: str, desk: Desk) -> None:
    """An answer that a filter emptied becomes an apology."""
    server = faulty(Rule(then=Say("", finish="content_filter")))
    assert _refund(server, sdk, desk).startswith("Sorry, I cannot finish this now.")


@pytest.mark.parametrize(
    "use",
    [
        ToolUse("issue_refund", {"order_id": "1042", "amount": 5, "reason": ""}),
        ToolUse("issue_refund", {"order_id": 1042, "amount": 5}),
        ToolUse("issue_refund", {"order_id": True, "amount": 5, "reason": ""}),
        ToolUse("issue_refund", {"order_id": 1042, "amount": 1e6, "reason": ""}),
        ToolUse("drop_table", {"name": "orders"}),
        ToolUse("grant_discount", {"customer_id": 9, "percent": 5, "reason": ""}),
    ],
)
def test_nonsense_of_the_llm_changes_nothing(faulty: Start, sdk: str, desk: Desk, use: ToolUse) -> None:
    """A call with wrong arguments, of an unknown tool or beyond what was paid is answered with an error."""

    def sorry(conversation: Conversation) -> Action:
        return Say(f"Sorry: {conversation.failures[0].field('error')}")

    rules = Rule(when=lambda c: bool(c.failures), then=sorry), Rule(then=CallTools([use]))
    assert _refund(faulty(*rules), sdk, desk).startswith("Sorry: ")
    assert desk.effects() == NOTHING


def test_an_llm_that_never_ends_is_stopped(faulty: Start, sdk: str, desk: Desk) -> None:
    """An llm that asks for the same tool again and again is stopped after eight steps."""
    server = faulty(Rule(then=CallTools([ToolUse("get_order", {"order_id": 1042})])))
    assert _refund(server, sdk, desk).startswith("Sorry, I cannot finish this now.")
    assert server.hits == 8


def test_a_locked_database_is_tried_again(server: LlmServer, sdk: str, desk: Desk) -> None:
    """A database that is locked for a moment is tried again, and the refund is paid once."""
    flaky = _Flaky(desk, failures=2)
    assert "was refunded" in _refund(server, sdk, flaky)
    assert (flaky.tries, len(desk.effects()["refunds"])) == (3, 1)


def test_a_refund_whose_answer_is_lost_is_not_denied(server: LlmServer, sdk: str, desk: Desk) -> None:
    """Where a refund was paid but its answer lost, the customer is not told that it was."""
    flaky = _Flaky(desk, failures=9, lands=True)
    answer = _refund(server, sdk, flaky)
    assert answer.startswith("Sorry, order 1042 could not be refunded: TimeoutError")
    assert len(desk.effects()["refunds"]) == 1


def test_silence_is_no_approval(server: LlmServer, sdk: str, desk: Desk) -> None:
    """An answer that would come after the deadline grants nothing."""
    late = ScriptedApprover((ApprovalRule(answer="approved", after_s=121),))
    answer = AGENTS[sdk](REQUESTS["discount"], desk=desk, llm=_llm(server, sdk), ask=late)
    assert answer.startswith("Sorry, the discount was not granted: the discount was not approved (timeout)")
    assert desk.effects() == NOTHING


class _Flaky(Desk):
    """A shop whose refunds break for the first few times, before or after they were paid."""

    def __init__(self, desk: Desk, *, failures: int, lands: bool = False) -> None:
        self._desk, self._failures, self._lands, self.tries = desk, failures, lands, 0

    def __getattribute__(self, name: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if name in own or name in ("refund", "__dict__", "__class__"):
            return object.__getattribute__(self, name)
        return getattr(own["_desk"], name)

    def refund(self, order_id: int, amount: float, reason: str) -> Any:
        """Break, or pay."""
        self.tries += 1
        if self.tries > self._failures:
            return self._desk.refund(order_id, amount, reason)
        if self._lands:
            self._desk.refund(order_id, amount, reason)
        raise TimeoutError("the database did not answer")
