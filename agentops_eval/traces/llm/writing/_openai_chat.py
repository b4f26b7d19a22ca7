"""Replies in the dialect of OpenAI Chat Completions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentops_eval.domain import Json
from agentops_eval.traces.llm.writing._reply import (
    CREATED_S,
    Asked,
    LlmReply,
    ToolAsk,
    Writer,
    event,
    pieces,
    total,
    words,
)


def _whole(reply: LlmReply, _: Asked) -> Json:
    message: dict[str, Json] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.asks:
        message["tool_calls"] = [_call(ask, ask.text) for ask in reply.asks]
    choice: Json = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}
    return {**_head(reply, "chat.completion"), "choices": [choice], "usage": _usage(reply)}


def _call(ask: ToolAsk, text: str) -> dict[str, Json]:
    return {"id": ask.id, "type": "function", "function": {"name": ask.name, "arguments": text}}


def _frames(reply: LlmReply, asked: Asked) -> Iterator[bytes]:
    def frame(delta: Json, finish: str | None = None) -> bytes:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**_head(reply, "chat.completion.chunk"), "choices": [choice]})

    yield frame({"role": "assistant", "content": "" if reply.text else None, "refusal": None})
    for word in words(reply.text):
        yield frame({"content": word})
    for index, ask in enumerate(reply.asks):
        yield frame({"tool_calls": [{"index": index, **_call(ask, "")}]})
        for piece in pieces(ask.text):
            yield frame({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield frame({}, _finish(reply))
    options = asked.get("stream_options")
    if isinstance(options, Mapping) and options.get("include_usage") is True:
        yield event({**_head(reply, "chat.completion.chunk"), "choices": [], "usage": _usage(reply)})
    yield b"data: [DONE]\n\n"


def _head(reply: LlmReply, kind: str) -> dict[str, Json]:
    return {
        "id": reply.id,
        "object": kind,
        "created": CREATED_S,
        "model": reply.llm,
        "system_fingerprint": "fp_scripted",
    }


def _finish(reply: LlmReply) -> str:
    return "tool_calls" if reply.asks and reply.finish == "stop" else reply.finish


def _usage(reply: LlmReply) -> Json:
    usage = reply.usage
    if total(usage) is None:
        return None
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": total(usage),
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens or 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0, "audio_tokens": 0},
    }


WRITER = Writer(whole=_whole, frames=_frames)
