"""Agents on a real SDK, with real breakers and retries: the checks see through to what the wire shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from purgatory import SyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from agentops_eval import tool
from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import Breaker, Budget, Declared
from agentops_eval.demo.flaws._llm import REFUND_TOOL, scripted
from agentops_eval.testing import CallTools, Rule, Say, ToolUse
from tests.chaos.conformance._kit import subjects, tried

LLM = "POST http://llm.invalid/v1/chat/completions"
RULES = (
    Rule(when=lambda told: told.answers != (), then=Say("Your refund is on its way.")),
    Rule(then=CallTools([ToolUse("issue_refund", {"order": 1042, "amount": 59.9})])),
)


@tool(effect="write", idempotency_key="order")
def issue_refund(order: int, amount: float) -> str:
    """Refund an order, once."""
    return "refunded"


def loop(most: int, retries: int = 2) -> Callable[[], str]:
    """Do what the llm asks for until it says something, so many times at the most."""

    def agent() -> str:
        import openai

        messages: list = [{"role": "user", "content": "Order 1042 arrived broken."}]
        with scripted(*RULES, retries=retries, timeout_s=20.0) as client:
            for _ in range(most):
                try:
                    reply = client.chat.completions.create(
                        model="small", messages=messages, tools=[REFUND_TOOL]
                    )
                except openai.OpenAIError:
                    return "Sorry, nothing could be done."
                said = reply.choices[0].message
                if not said.tool_calls:
                    return said.content or "Sorry, there was no answer."
                messages.append(said.model_dump(exclude_none=True))
                for use in said.tool_calls:
                    arguments = json.loads(use.function.arguments)
                    try:
                        done = issue_refund(**arguments)
                    except OSError:
                        done = "it failed"
                    messages.append({"role": "tool", "tool_call_id": use.id, "content": str(done)})
        return "Sorry, it took too long."

    return agent


def test_an_llm_that_wants_the_same_tool_for_ever_is_cut_off() -> None:
    """The llm's first answer, a tool call, comes again and again: a loop with a cap ends, others do not."""
    contract = Contract(checks=Declared(budget=Budget(calls=20)))
    assert tried("budget", loop(6), contract=contract).passed is True
    assert f"runaway:{LLM}" in subjects(tried("budget", loop(10**9), contract=contract))


def test_an_sdk_with_a_time_limit_does_not_hang() -> None:
    """The client's own limit and retries are what ends a silent llm, as in production."""
    result = tried("timeouts", loop(6), target=LLM)
    assert (result.passed, subjects(result)) == (True, [])


@pytest.mark.parametrize("target", ["llm", "llm.invalid", "POST *"])
def test_a_target_means_the_calls_that_it_means_for_a_fault(target: str) -> None:
    """The word llm, a host and a glob over METHOD URL choose the llm's calls, as they do for faults."""
    wanted = tried("timeouts", loop(6), target=LLM)
    assert tried("timeouts", loop(6), target=target).runs == wanted.runs > 1


def test_an_sdk_that_retries_honours_what_it_is_told() -> None:
    """The SDK's own pauses grow, differ, and are as long as Retry-After asks."""
    result = tried("backoff", loop(6), target=LLM)
    assert (result.passed, subjects(result)) == (True, [])


@dataclass
class Guarded:
    """A service behind a breaker of purgatory."""

    breakers: SyncCircuitBreakerFactory = field(
        default_factory=lambda: SyncCircuitBreakerFactory(default_threshold=3, default_ttl=30.0)
    )

    @tool
    def get_rate(self, currency: str) -> float:
        """What one euro costs."""
        return 1.09


def rate(world: Guarded) -> str:
    """Tell the rate, if the breaker lets it."""
    try:
        with world.breakers.get_breaker("rates"):
            return f"{world.get_rate('USD')} USD"
    except (OpenedState, OSError):
        return "sorry"


@pytest.mark.parametrize("declared", [True, False])
def test_purgatory_opens_in_time_and_closes_again(declared: bool) -> None:
    """A library's breaker keeps its automaton, but for a crowd that tries it at once: it has no lock."""
    rule = Breaker(failures=3, cooldown_s=30.0)
    contract = Contract(checks=Declared(breakers={"get_rate": rule})) if declared else None
    result = tried("breaker", rate, world=Guarded, contract=contract)
    assert subjects(result) == (["thundering-probe:get_rate"] if declared else [])
