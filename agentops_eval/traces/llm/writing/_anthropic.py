"""Replies in the dialect of Anthropic Messages."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import Json
from agentops_eval.traces.llm.writing._reply import Asked, LlmReply, Writer, event, pieces, words

_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def _whole(reply: LlmReply, _: Asked) -> Json:
    return {
        **_head(reply),
        "content": _blocks(reply),
        "stop_reason": _stop(reply),
        "usage": {**_input_usage(reply), "output_tokens": reply.usage.output_tokens or 0},
    }


def _blocks(reply: LlmReply) -> list[Json]:
    said: list[Json] = [{"type": "text", "text": reply.text, "citations": None}] if reply.text else []
    asks: list[Json] = [
        {"type": "tool_use", "id": ask.id, "name": ask.name, "input": dict(ask.arguments)}
        for ask in reply.asks
    ]
    return said + asks


def _head(reply: LlmReply) -> dict[str, Json]:
    return {
        "id": reply.id,
        "type": "message",
        "role": "assistant",
        "model": reply.llm,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {**_input_usage(reply), "output_tokens": 1},
    }


def _input_usage(reply: LlmReply) -> dict[str, Json]:
    """This dialect counts what came from the cache, and what went there, apart."""
    usage = reply.usage
    read, written = usage.cache_read_tokens or 0, usage.cache_creation_tokens or 0
    return {
        "input_tokens": max(0, (usage.input_tokens or 0) - read - written),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "service_tier": "standard",
    }


def _stop(reply: LlmReply) -> str:
    return "tool_use" if reply.asks and reply.finish == "stop" else _STOPS[reply.finish]


def _frames(reply: LlmReply, _: Asked) -> Iterator[bytes]:
    for data in _events(reply):
        yield event(data, name=str(data["type"]))


def _events(reply: LlmReply) -> Iterator[dict[str, Json]]:
    yield {"type": "message_start", "message": _head(reply)}
    index = 0
    if reply.text:
        deltas: list[Json] = [{"type": "text_delta", "text": word} for word in words(reply.text)]
        yield from _block(index, {"type": "text", "text": "", "citations": None}, deltas)
        index += 1
    for number, ask in enumerate(reply.asks, start=index):
        opening: Json = {"type": "tool_use", "id": ask.id, "name": ask.name, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in ("", *pieces(ask.text))]
        yield from _block(number, opening, deltas)
    stop: Json = {"stop_reason": _stop(reply), "stop_sequence": None}
    written: Json = {"output_tokens": reply.usage.output_tokens or 0}
    yield {"type": "message_delta", "delta": stop, "usage": written}
    yield {"type": "message_stop"}


def _block(index: int, opening: Json, deltas: list[Json]) -> Iterator[dict[str, Json]]:
    yield {"type": "content_block_start", "index": index, "content_block": opening}
    if index == 0:
        yield {"type": "ping"}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


WRITER = Writer(whole=_whole, frames=_frames)
