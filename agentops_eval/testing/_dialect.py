"""What the dialects of the wire share: the reply to be written, and how text falls into chunks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolUse, tokens
from agentops_eval.testing._rules import CallTools, Fail, Finish, Say

Body: TypeAlias = Mapping[str, Json]

CREATED_S = 1_750_000_000
"""The time that replies bear: fixed, so that equal conversations get equal bytes."""

_ARGUMENT_CHUNK = 14
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that is ready to be written in a dialect; ids are set."""

    id: str
    llm: str
    text: str
    uses: tuple[ToolUse, ...]
    finish: Finish
    input_tokens: int
    output_tokens: int

    @classmethod
    def of(cls, conversation: Conversation, action: Say | CallTools, *, salt: str = "") -> Reply:
        """Give the action ids and usage that depend on the conversation and ``salt`` alone."""
        seed = conversation.fingerprint(salt=salt)
        uses = tuple(action.uses) if isinstance(action, CallTools) else ()
        uses = tuple(replace(use, id=use.id or f"{seed}{n:02d}") for n, use in enumerate(uses))
        written = action.text + "".join(use.name + arguments_text(use) for use in uses)
        return cls(
            id=seed,
            llm=conversation.llm,
            text=action.text,
            uses=uses,
            finish=action.finish if isinstance(action, Say) else "stop",
            input_tokens=conversation.input_tokens(),
            output_tokens=tokens(written),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One wire format: how to read a request, and how to write a reply whole, streamed, or failed.

    ``read`` takes the path and the JSON body and never raises on any of them. ``frames`` gives
    complete server-sent events.
    """

    name: str
    read: Callable[[str, Body], Conversation]
    whole: Callable[[Reply, Body], Json]
    frames: Callable[[Reply, Body], Iterator[bytes]]
    error: Callable[[Fail, str], Json]
    refuse: Callable[[Body], Fail | None] = lambda _: None


def event(data: Json, *, name: str = "") -> bytes:
    """Write one server-sent event, named where the dialect names them."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {compact(data)}\n\n".encode(errors="replace")


def compact(data: Json) -> str:
    """Render JSON as servers do: no spaces, non-ASCII letters as they are."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def arguments_text(use: ToolUse) -> str:
    """The arguments of a tool use as the JSON text in which an llm writes them."""
    return json.dumps(dict(use.arguments), separators=(", ", ": "), ensure_ascii=False)


def words(text: str) -> list[str]:
    """Split a text as an llm streams it: a word and the space behind it at a time."""
    return _WORDS.findall(text)


def pieces(text: str) -> Iterable[str]:
    """Split an argument text into short pieces, without regard to its structure."""
    return (text[at : at + _ARGUMENT_CHUNK] for at in range(0, len(text), _ARGUMENT_CHUNK))


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
