"""Takes a rate limit of the llm for the answer "nothing to do", and tells the customer that all is done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agentops_eval import tool
from agentops_eval.demo.flaws._llm import REFUND_TOOL, scripted
from agentops_eval.testing import CallTools, Rule, ToolUse

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

DONE = "Your refund of 59.90 EUR for order 1042 is on its way."
SORRY = "Sorry, nothing could be done about order 1042 now. Please try again later."
UNSURE = "Sorry, it could not be found out whether order 1042 was refunded."
ASKED: ChatCompletionMessageParam = {"role": "user", "content": "Order 1042 arrived broken."}
_REFUND = Rule(then=CallTools([ToolUse("issue_refund", {"order": 1042, "amount": 59.9})]))


@tool(effect="write", idempotency_key="order")
def issue_refund(order: int, amount: float) -> str:
    """Refund an order, once."""
    return "refunded"


def flawed() -> str:
    """Refund what the llm asks for, and say that it was done."""
    import openai

    try:
        wanted = _wanted()
    except openai.RateLimitError:  # the flaw
        return DONE
    except Exception:  # no answer, or none that can be read
        return SORRY
    return _refunded() if wanted else SORRY


def mended() -> str:
    """Say that it was done where it was."""
    try:
        wanted = _wanted()
    except Exception:  # a rate limit is no answer either
        return SORRY
    return _refunded() if wanted else SORRY


def _wanted() -> bool:
    """Whether the llm asks for this refund, and for nothing else."""
    with scripted(_REFUND) as client:
        reply = client.chat.completions.create(model="small", messages=[ASKED], tools=[REFUND_TOOL])
    uses = reply.choices[0].message.tool_calls or []
    if len(uses) != 1 or uses[0].type != "function" or uses[0].function.name != "issue_refund":
        return False
    return bool(json.loads(uses[0].function.arguments) == {"order": 1042, "amount": 59.9})


def _refunded() -> str:
    try:
        done = issue_refund(1042, 59.9)
    except OSError:
        return UNSURE
    return DONE if done == "refunded" else UNSURE
