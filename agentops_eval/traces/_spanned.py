"""The common run, told quickly: every tool call that messages tell of has a span with its id."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of

_CALL, _ANSWER = "tool_call", "tool_call_response"


class _Part(msgspec.Struct, gc=False):
    type: str = ""
    id: str = ""


class _Message(msgspec.Struct, gc=False):
    parts: list[_Part] = []


_DECODER = msgspec.json.Decoder(list[_Message])


def all_have_spans(llms: Iterable[Span], tools: Iterable[Span]) -> bool:
    """Whether every answered call of a run has an id, that of one call alone, and a span of that id.

    Then nothing else has to be read of the messages. False where it is not so, or not plain at once.
    """
    spanned = {text_of(span, sc.TOOL_CALL_ID) for span in tools} - {""}
    asked: set[str] = set()
    try:
        return all(
            _are_plain(text_of(llm, sc.OUTPUT_MESSAGES), asked, spanned)
            and _are_plain(text_of(llm, sc.INPUT_MESSAGES), set(), spanned)
            for llm in llms
        )
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


def _are_plain(text: str, asked: set[str], spanned: AbstractSet[str]) -> bool:
    """Whether no id in messages is that of two calls, also of those ``asked`` before, or of two answers."""
    if f'"{_CALL}' not in text:  # both kinds begin so; spares reading the others
        return True
    answered: set[str] = set()
    for message in _DECODER.decode(text):
        for part in message.parts:
            if part.type == _CALL:
                if part.id in asked:
                    return False
                asked.add(part.id)
            elif part.type == _ANSWER:
                if part.id in answered or part.id not in spanned:
                    return False
                answered.add(part.id)
    return True
