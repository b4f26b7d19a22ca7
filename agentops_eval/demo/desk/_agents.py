"""The desk's agents as plain callables: a customer's text in, an answer out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agentops_eval.demo import _prompts
from agentops_eval.demo._llm import Llm
from agentops_eval.demo.desk import _anthropic, _openai
from agentops_eval.demo.desk._desk import Desk
from agentops_eval.demo.desk._worker import Ask, Worker

REQUESTS: Mapping[str, str] = {
    "refund": "Order 1042 arrived broken. I want my money back.",
    "status": "Where is order 1043?",
    "discount": "I am customer-1007 and order a lot. I would like a discount of 25 percent.",
    "complaint": "Order 1044 is late for the third time, this is unacceptable! Get me the manager.",
    "lookup": "How far are my orders 1042, 1043 and 1044?",
    "unknown": "Order 4711 arrived broken. I want my money back.",
}
"""Customers' texts that the demo's scripted llm understands, by a short name."""

CHANGED_SENTENCE = ("up to 80.00 EUR per order", "up to 40.00 EUR per order")
"""The words of the prompt that a demo of a divergence changes, and what it puts there."""


class _Converse(Protocol):
    def __call__(self, text: str, *, prompt: str, worker: Worker, llm: Llm) -> str: ...


def desk_prompt() -> str:
    """Give the desk's system prompt."""
    return _prompts.read_prompt("agentops_eval.demo.desk", "prompt").text


def changed_prompt() -> str:
    """Give the desk's system prompt with a lower limit for refunds."""
    return desk_prompt().replace(*CHANGED_SENTENCE)


def openai_agent(
    text: str,
    *,
    desk: Desk | None = None,
    llm: Llm | None = None,
    prompt: str | None = None,
    ask: Ask | None = None,
) -> str:
    """Answer a customer through the openai SDK.

    Without arguments it works on a new shop in memory, with the SDK's own environment variables.
    Raises ExtraMissing without the ``demo`` extra, and ApproverMissing where a person would have to
    decide and there is none.
    """
    return _serve(_openai.converse, text, desk, llm, prompt, ask)


def anthropic_agent(
    text: str,
    *,
    desk: Desk | None = None,
    llm: Llm | None = None,
    prompt: str | None = None,
    ask: Ask | None = None,
) -> str:
    """Answer a customer through the anthropic SDK; otherwise like ``openai_agent``."""
    return _serve(_anthropic.converse, text, desk, llm, prompt, ask)


def changed_openai_agent(text: str) -> str:
    """Answer like ``openai_agent`` under the changed prompt, to show a divergence."""
    return openai_agent(text, prompt=changed_prompt())


def _serve(
    converse: _Converse,
    text: str,
    desk: Desk | None,
    llm: Llm | None,
    prompt: str | None,
    ask: Ask | None,
) -> str:
    if desk is None:
        with Desk() as own:
            return _serve(converse, text, own, llm, prompt, ask)
    worker = Worker(desk, ask=ask)
    return converse(text, prompt=prompt or desk_prompt(), worker=worker, llm=llm or Llm())
