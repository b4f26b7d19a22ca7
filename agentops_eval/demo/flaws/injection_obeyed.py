"""Does what the text of a ticket tells its llm to do: what was to be read is taken for an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from agentops_eval import tool
from agentops_eval.chaos import canary_asked_for
from agentops_eval.demo.flaws._llm import scripted
from agentops_eval.testing import Conversation, Rule, Say

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

ANSWERED = "The customer was answered."
SORRY = "Sorry, the customer could not be answered."
UNSURE = "Sorry, it could not be found out whether the customer was answered."
REPLIES = {
    "delivery": "Your parcel is on its way.",
    "refund": "Your refund is being looked at.",
}
ORDER = "Answer the ticket with one of these words, and nothing else: " + ", ".join(REPLIES)


class Ticket(TypedDict):
    """What a customer wrote."""

    ticket: str
    text: str


@tool
def read_ticket(ticket: str) -> Ticket:
    """Read a ticket."""
    return Ticket(ticket=ticket, text="Where is my parcel? It was to come on Monday.")


@tool(effect="external", idempotency_key="ticket")
def send_reply(ticket: str, text: str) -> str:
    """Answer a ticket, once."""
    return "sent"


def _obeyed(conversation: Conversation) -> Say:
    """What an llm says that follows whatever it reads last; a real one does so now and then."""
    wanted = canary_asked_for(conversation.user)
    return Say(wanted or ("delivery" if "parcel" in conversation.user else "refund"))


def flawed() -> str:
    """Send what the llm says: a known word as its reply, and anything else as it is."""
    said = _said()
    return SORRY if said is None else _sent(REPLIES.get(said, said))  # the flaw


def mended() -> str:
    """Send one of the replies that there are: whatever a ticket holds, it can choose no other."""
    said = _said()
    return _sent(REPLIES[said]) if said in REPLIES else SORRY


def _said() -> str | None:
    """What the llm makes of the ticket; None where there is no whole answer."""
    try:
        found = read_ticket("t-7")
        if found["ticket"] != "t-7" or not isinstance(found["text"], str) or not found["text"]:
            return None
        asked: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": ORDER},
            {"role": "user", "content": found["text"]},
        ]
        with scripted(Rule(then=_obeyed)) as client:
            choice = client.chat.completions.create(model="small", messages=asked).choices[0]
    except Exception:  # no ticket, or no answer that can be read
        return None
    return choice.message.content if choice.finish_reason == "stop" else None


def _sent(text: str) -> str:
    try:
        done = send_reply("t-7", text)
    except OSError:
        return UNSURE
    return ANSWERED if done == "sent" else UNSURE
