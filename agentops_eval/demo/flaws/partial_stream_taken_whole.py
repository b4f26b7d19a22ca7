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
UNSURE = "Sorry, it could not be found out whether the letter was sent."
ASKED: ChatCompletionMessageParam = {"role": "user", "content": "Where is my refund of order 1042?"}
_LETTER = Rule(then=Say("Your refund of 59.90 EUR is not possible before the order has come back to us."))


@tool(effect="external", idempotency_key="order")
def send_letter(order: int, text: str) -> str:
    """Send a letter about an order, once."""
    return "sent"


def flawed() -> str:
    """Send whatever text came before the stream ended, however it ended."""
    text, ended = _streamed()
    return _sent(text) if text and ended in ("", "stop") else SORRY  # the flaw


def mended() -> str:
    """Send the text only where the llm said that it was done."""
    text, ended = _streamed()
    return _sent(text) if text and ended == "stop" else SORRY


def _streamed() -> tuple[str, str]:
    """The text that came, and the reason that the llm gave for its end; none where the stream broke off."""
    parts: list[str] = []
    ended = ""
    with scripted(_LETTER) as client:
        try:
            for chunk in client.chat.completions.create(model="small", messages=[ASKED], stream=True):
                for choice in chunk.choices:
                    parts.append(choice.delta.content or "")
                    ended = choice.finish_reason or ended
        except Exception:  # an error before the first word, or in the middle
            return "".join(parts), ""
    return "".join(parts), ended


def _sent(text: str) -> str:
    try:
        done = send_letter(1042, text)
    except OSError:
        return UNSURE
    return SENT if done == "sent" else UNSURE
