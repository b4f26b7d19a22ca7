"""Sends what had arrived of a streamed answer when the stream broke off, as if that were all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval import tool
from agentops_eval.demo.flaws._llm import scripted
from agentops_eval.testing import Rule, Say

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

SENT = "The customer was answered."
SORRY = "Sorry, no answer to the customer could be written."
ASKED: ChatCompletionMessageParam = {"role": "user", "content": "Where is my refund of order 1042?"}
_LETTER = Rule(then=Say("Your refund of 59.90 EUR is not possible before the order has come back to us."))


@tool(effect="external", idempotency_key="order")
def send_letter(order: int, text: str) -> str:
    """Send a letter about an order, once."""
    return "sent"


def flawed() -> str:
    """Send whatever text came."""
    import openai

    with scripted(_LETTER) as client:
        parts: list[str] = []
        try:
            for chunk in client.chat.completions.create(model="small", messages=[ASKED], stream=True):
                parts += [choice.delta.content or "" for choice in chunk.choices]
        except openai.APIStatusError:
            return SORRY
        except Exception:  # noqa: S110  # the flaw: what came is taken
            pass
    return _sent("".join(parts)) if parts else SORRY


def mended() -> str:
    """Send the text only where the llm said that it was done."""
    with scripted(_LETTER) as client:
        parts: list[str] = []
        ended = ""
        try:
            for chunk in client.chat.completions.create(model="small", messages=[ASKED], stream=True):
                for choice in chunk.choices:
                    parts.append(choice.delta.content or "")
                    ended = choice.finish_reason or ended
        except Exception:  # half an answer is none
            return SORRY
    return _sent("".join(parts)) if parts and ended == "stop" else SORRY


def _sent(text: str) -> str:
    try:
        done = send_letter(1042, text)
    except OSError:
        return "Sorry, it could not be found out whether the letter was sent."
    return SENT if done == "sent" else SORRY
