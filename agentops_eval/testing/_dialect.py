"""What the dialects of the wire share: how a request is read, and who writes the reply."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolUse, tokens
from agentops_eval.testing._rules import CallTools, Fail, Say
from agentops_eval.traces.llm import Usage
from agentops_eval.traces.llm.writing import LlmReply, ToolAsk, Writer

Body: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One wire format: how to read a request, and how to write a reply or a failure.

    ``read`` takes the path and the JSON body and never raises on any of them. ``ids`` begin the ids
    of replies and of tool uses.
    """

    name: str
    read: Callable[[str, Body], Conversation]
    writer: Writer
    ids: tuple[str, str]
    error: Callable[[Fail, str], Json]
    refuse: Callable[[Body], Fail | None] = lambda _: None

    def reply(self, conversation: Conversation, action: Say | CallTools, *, salt: str = "") -> LlmReply:
        """Give the action ids and usage that depend on the conversation and ``salt`` alone."""
        seed = conversation.fingerprint(salt=salt)
        uses = action.uses if isinstance(action, CallTools) else ()
        asks = tuple(self._ask(use, f"{seed}{number:02d}") for number, use in enumerate(uses))
        written = action.text + "".join(ask.name + ask.text for ask in asks)
        return LlmReply(
            id=f"{self.ids[0]}{seed}",
            llm=conversation.llm,
            text=action.text,
            asks=asks,
            finish=action.finish if isinstance(action, Say) else "stop",
            usage=Usage(input_tokens=conversation.input_tokens(), output_tokens=tokens(written)),
        )

    def _ask(self, use: ToolUse, fallback: str) -> ToolAsk:
        return ToolAsk(name=use.name, arguments=use.arguments, id=f"{self.ids[1]}{use.id or fallback}")


def text_of(content: Json) -> str:
    """Give the text in a message's content, a string or a list of parts; anything else is empty."""
    if isinstance(content, str):
        return content
    parts = [part for part in items(content) if isinstance(part, (str, Mapping))]
    return "".join(part if isinstance(part, str) else string(part, "text") for part in parts)


def items(value: Json) -> Sequence[Json]:
    """Give the list, or an empty one where the value is none."""
    return value if isinstance(value, list) else ()


def objects(value: Json) -> list[Mapping[str, Json]]:
    """Give the objects in a list; whatever else stands there is passed over."""
    return [item for item in items(value) if isinstance(item, Mapping)]


def member(value: Json, name: str) -> Json:
    """Give a member of an object; None where the value is no object."""
    return value.get(name) if isinstance(value, Mapping) else None


def string(value: Json, name: str) -> str:
    """Give a member that is a string; empty otherwise."""
    found = member(value, name)
    return found if isinstance(found, str) else ""


def arguments_of(value: Json) -> Mapping[str, Json]:
    """Read a tool use's arguments, given as an object or as its text; empty where it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}
