"""Replies in the dialect of OpenAI Responses."""

from __future__ import annotations

from collections.abc import Iterator

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

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


def _item(reply: LlmReply) -> str:
    return f"msg_{reply.id.removeprefix('resp_')}"


def _call_item(ask: ToolAsk) -> str:
    return f"fc_{ask.id.removeprefix('call_')}"


def _message(reply: LlmReply) -> Json:
    return {
        "type": "message",
        "id": _item(reply),
        "status": "completed" if reply.finish == "stop" else "incomplete",
        "role": "assistant",
        "content": [_part(reply.text)],
    }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(ask: ToolAsk, *, arguments: str, status: str) -> Json:
    return {
        "type": "function_call",
        "id": _call_item(ask),
        "call_id": ask.id,
        "name": ask.name,
        "arguments": arguments,
        "status": status,
    }


def _output(reply: LlmReply) -> list[Json]:
    said = [_message(reply)] if reply.text or not reply.asks else []
    calls = [_call(ask, arguments=ask.text, status="completed") for ask in reply.asks]
    return [*said, *calls]


def _whole(reply: LlmReply, asked: Asked) -> Json:
    incomplete = _INCOMPLETE.get(reply.finish)
    return {
        **_head(reply, asked),
        "status": "incomplete" if incomplete else "completed",
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "output": _output(reply),
        "usage": _usage(reply),
    }


def _head(reply: LlmReply, asked: Asked) -> dict[str, Json]:
    return {
        "id": reply.id,
        "object": "response",
        "created_at": CREATED_S,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": asked.get("instructions"),
        "metadata": asked.get("metadata") or {},
        "model": reply.llm,
        "output": [],
        "parallel_tool_calls": asked.get("parallel_tool_calls") is not False,
        "tool_choice": asked.get("tool_choice") or "auto",
        "tools": tools if isinstance(tools := asked.get("tools"), list) else [],
        "usage": None,
    }


def _frames(reply: LlmReply, asked: Asked) -> Iterator[bytes]:
    for number, (name, data) in enumerate(_events(reply, asked)):
        yield event({"type": name, "sequence_number": number, **data}, name=name)


def _events(reply: LlmReply, asked: Asked) -> Iterator[tuple[str, dict[str, Json]]]:
    yield "response.created", {"response": _head(reply, asked)}
    yield "response.in_progress", {"response": _head(reply, asked)}
    at = 0
    if reply.text or not reply.asks:
        yield from _said(reply)
        at = 1
    for index, ask in enumerate(reply.asks, start=at):
        yield from _asked(ask, index)
    done = _INCOMPLETE.get(reply.finish)
    yield f"response.{'incomplete' if done else 'completed'}", {"response": _whole(reply, asked)}


def _said(reply: LlmReply) -> Iterator[tuple[str, dict[str, Json]]]:
    at: dict[str, Json] = {"item_id": _item(reply), "output_index": 0, "content_index": 0}
    opening: Json = {
        "type": "message",
        "id": _item(reply),
        "status": "in_progress",
        "role": "assistant",
        "content": [],
    }
    yield "response.output_item.added", {"output_index": 0, "item": opening}
    yield "response.content_part.added", {**at, "part": _part("")}
    for word in words(reply.text):
        yield "response.output_text.delta", {**at, "delta": word, "logprobs": []}
    yield "response.output_text.done", {**at, "text": reply.text, "logprobs": []}
    yield "response.content_part.done", {**at, "part": _part(reply.text)}
    yield "response.output_item.done", {"output_index": 0, "item": _message(reply)}


def _asked(ask: ToolAsk, index: int) -> Iterator[tuple[str, dict[str, Json]]]:
    at: dict[str, Json] = {"item_id": _call_item(ask), "output_index": index}
    text = ask.text
    opening = _call(ask, arguments="", status="in_progress")
    yield "response.output_item.added", {"output_index": index, "item": opening}
    for piece in pieces(text):
        yield "response.function_call_arguments.delta", {**at, "delta": piece}
    yield "response.function_call_arguments.done", {**at, "name": ask.name, "arguments": text}
    done = _call(ask, arguments=text, status="completed")
    yield "response.output_item.done", {"output_index": index, "item": done}


def _usage(reply: LlmReply) -> Json:
    usage = reply.usage
    if total(usage) is None:
        return None
    cached: Json = {
        "cached_tokens": usage.cache_read_tokens or 0,
        "cache_write_tokens": usage.cache_creation_tokens or 0,
    }
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": cached,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
        "total_tokens": total(usage),
    }


WRITER = Writer(whole=_whole, frames=_frames)
