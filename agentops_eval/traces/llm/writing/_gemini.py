"""Replies in the dialect of Gemini generateContent."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import Json
from agentops_eval.traces.llm._call import Usage
from agentops_eval.traces.llm.writing._reply import Asked, LlmReply, Writer, event, total, words

_FINISHES = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def _whole(reply: LlmReply, _: Asked) -> Json:
    said: list[Json] = [{"text": reply.text}] if reply.text else []
    return _chunk(reply, said + _calls(reply), finish=_FINISHES[reply.finish], usage=True)


def _calls(reply: LlmReply) -> list[Json]:
    return [{"functionCall": {"name": ask.name, "args": dict(ask.arguments)}} for ask in reply.asks]


def _frames(reply: LlmReply, _: Asked) -> Iterator[bytes]:
    for word in words(reply.text):
        yield event(_chunk(reply, [{"text": word}], finish=None, usage=False))
    yield event(_chunk(reply, _calls(reply), finish=_FINISHES[reply.finish], usage=True))


def _chunk(reply: LlmReply, parts: list[Json], *, finish: str | None, usage: bool) -> Json:
    candidate: dict[str, Json] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    chunk: dict[str, Json] = {"candidates": [candidate]}
    if usage and total(reply.usage) is not None:
        chunk["usageMetadata"] = _usage(reply.usage)
    return {**chunk, "modelVersion": reply.llm, "responseId": reply.id}


def _usage(usage: Usage) -> Json:
    """This dialect counts thoughts beside the answer."""
    thoughts, written = usage.reasoning_tokens or 0, usage.output_tokens or 0
    counts: dict[str, Json] = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": max(0, written - thoughts),
        "totalTokenCount": total(usage),
    }
    if thoughts:
        counts["thoughtsTokenCount"] = thoughts
    if usage.cache_read_tokens:
        counts["cachedContentTokenCount"] = usage.cache_read_tokens
    return counts


WRITER = Writer(whole=_whole, frames=_frames)
