"""A reply of an llm that is to be written to the wire, and how its text falls into chunks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agentops_eval.domain import Json
from agentops_eval.traces.llm._call import Usage

Asked: TypeAlias = Mapping[str, Json]
"""The JSON body of the request that is answered: some of it is repeated in replies."""

Finish: TypeAlias = Literal["stop", "length", "content_filter"]

CREATED_S = 1_750_000_000
"""The time that replies bear: fixed, so that equal replies get equal bytes."""

UNKNOWN = Usage()
_ARGUMENT_CHUNK = 14
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAsk:
    """The llm asks for one tool. ``id`` is what the tool's answer will quote."""

    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    id: str = ""

    @property
    def text(self) -> str:
        """The arguments as the JSON text in which an llm writes them."""
        return json.dumps(dict(self.arguments), separators=(", ", ": "), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmReply:
    """What an llm answers: a text, tools that it asks for, or both. ``id`` is the response's own.

    ``finish`` is why the text ends; tools that are asked for end it by themselves. Counts that
    ``usage`` does not know are left out where the dialect allows it, and 0 where it does not.
    """

    id: str
    llm: str
    text: str = ""
    asks: tuple[ToolAsk, ...] = ()
    finish: Finish = "stop"
    usage: Usage = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """One dialect: how it writes a reply whole, and as complete server-sent events."""

    whole: Callable[[LlmReply, Asked], Json]
    frames: Callable[[LlmReply, Asked], Iterator[bytes]]


def event(data: Json, *, name: str = "") -> bytes:
    """Write one server-sent event, named where the dialect names them."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {compact(data)}\n\n".encode(errors="replace")


def compact(data: Json) -> str:
    """Render JSON as servers do: no spaces, non-ASCII letters as they are."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def words(text: str) -> list[str]:
    """Split a text as an llm streams it: a word and the space behind it at a time."""
    return _WORDS.findall(text)


def pieces(text: str) -> Iterable[str]:
    """Split an argument text into short pieces, without regard to its structure."""
    return (text[at : at + _ARGUMENT_CHUNK] for at in range(0, len(text), _ARGUMENT_CHUNK))


def total(usage: Usage) -> int | None:
    """Input and output together; None where one is unknown."""
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return usage.input_tokens + usage.output_tokens
