"""The common run, told quickly: every tool call that messages tell of has a span with its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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


def all_have_spans(llms: Sequence[Span], tools: Iterable[Span]) -> bool:
    """Whether every answered call of a run has an id, that of one call alone, and a span of that id.

    Then nothing else has to be read of the messages. False where it is not so, or not plain at once.
    """
    spanned = {text_of(span, sc.TOOL_CALL_ID) for span in tools} - {""}
    try:
        asked = [part.id for llm in llms for part in _parts(llm, sc.OUTPUT_MESSAGES) if part.type == _CALL]
        if len(set(asked)) < len(asked):
            return False
        for llm in llms:
            told = list(_parts(llm, sc.INPUT_MESSAGES))
            for kind in (_CALL, _ANSWER):
                ids = [part.id for part in told if part.type == kind]
                if len(set(ids)) < len(ids) or (kind == _ANSWER and not spanned.issuperset(ids)):
                    return False
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


def _parts(llm: Span, key: str) -> Iterator[_Part]:
    text = text_of(llm, key)
    if f'"{_CALL}' in text:  # both kinds begin so; spares reading the others
        for message in _DECODER.decode(text):
            yield from message.parts
