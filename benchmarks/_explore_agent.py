"""The agent that explorations are measured with: six questions to an llm, five tool calls, each retried."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from agentops_eval import tool

KINDS = (
    "latency",
    "tool_error",
    "tool_timeout",
    "tool_stall",
    "tool_reply_lost",
    "tool_duplicated",
    "tool_empty",
    "tool_partial",
    "answer_repeated",
    "tool_secret",
)
"""Of these there are twelve variants at every call."""


@tool
def llm(question: str, step: int) -> dict[str, Any]:
    """The scripted llm: it says which order is next."""
    return {"next": "refund", "order": step, "notes": ["checked", "open"]}


@tool(effect="write", idempotency_key="key")
def refund(order: int, key: str) -> dict[str, Any]:
    """Refund one order; the same key twice refunds once."""
    return {"order": order, "done": True, "steps": ["checked", "paid"]}


def agent() -> str:
    """Refund five orders and say how it went."""
    told = "begin"
    for step in range(6):
        answer = tried(partial(llm, told, step))
        if not isinstance(answer, dict) or answer.get("next") != "refund":
            return f"sorry, stopped at step {step}"
        if step == 5:
            break
        done = tried(partial(refund, step, f"refund-{step}"))
        told = "done" if isinstance(done, dict) and done.get("done") is True else "not done"
        if told == "not done":
            return f"sorry, order {step} could not be refunded"
    return "all orders are refunded"


def tried(call: Callable[[], Any]) -> Any:
    """Three attempts with growing pauses; None when all of them failed."""
    for attempt in range(3):
        try:
            return call()
        except OSError:
            time.sleep(2.0**attempt)
    return None


def conversation(ask: Callable[[list[dict[str, str]]], str]) -> str:
    """The same through a client of an llm: the history grows with each question."""
    told = [{"role": "user", "content": "refund the orders"}]
    for step in range(6):
        answer = ask(told)
        told.append({"role": "assistant", "content": answer})
        if step == 5:
            break
        done = tried(partial(refund, step, f"refund-{step}"))
        told.append({"role": "user", "content": "done" if done else "not done"})
    return told[-1]["content"]
