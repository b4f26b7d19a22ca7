"""Anthropic Messages, at its own address, behind a gateway, and on clouds that host it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage
from agentops_eval.traces.llm._openai_chat import error_type
from agentops_eval.traces.llm._wire import Exchange, load_json

PARAMETERS = {
    "max_tokens": sc.REQUEST_MAX_TOKENS,
    "temperature": sc.REQUEST_TEMPERATURE,
    "top_p": sc.REQUEST_TOP_P,
    "top_k": sc.REQUEST_TOP_K,
    "stop_sequences": sc.REQUEST_STOP_SEQUENCES,
    "service_tier": sc.AGENTOPS_REQUEST + "service_tier",
}
FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_call",
    "refusal": "content_filter",
    "compaction": "compaction",
}
_MODEL_IN_PATH = re.compile(r"/(?:model|models)/([^/:]+(?::\d+)?)(?:/|:)")
_VOLATILE = ("signature", "data", "encrypted_content", "cache_control", "citations")


def by_path(exchange: Exchange) -> bool:
    """Whether the address says Messages; a thread's messages elsewhere have no ``messages`` list."""
    if not exchange.path.endswith("/messages"):
        return False
    asked = exchange.asked
    return (
        exchange.path.endswith("/v1/messages") if asked is None else bool(p.arr(p.obj(asked).get("messages")))
    )


def by_shape(exchange: Exchange) -> bool:
    """Whether request and reply have the shape, whatever the address."""
    asked = p.obj(exchange.asked)
    if not p.arr(asked.get("messages")):
        return False
    if isinstance(asked.get("anthropic_version"), str):
        return True
    first = p.obj(exchange.documents[0] if exchange.documents else exchange.answered)
    return first.get("type") == "message_start" or (
        first.get("type") == "message" and isinstance(first.get("content"), list)
    )


def parse(exchange: Exchange) -> LlmCall:
    """Read the call."""
    asked = p.obj(exchange.asked)
    reply = _joined(exchange.documents) if exchange.is_stream else p.obj(exchange.answered)
    said, skipped = p.capped(p.arr(asked.get("messages")))
    parameters = p.parameters(asked, PARAMETERS)
    chosen = p.obj(asked.get("tool_choice"))
    if chosen:
        parameters[sc.AGENTOPS_REQUEST + "tool_choice"] = p.text(chosen.get("name") or chosen.get("type"))
    budget = p.count(p.obj(asked.get("thinking")).get("budget_tokens"))
    if budget is not None:
        parameters[sc.AGENTOPS_REQUEST + "thinking_tokens"] = budget
    reason = p.text(reply.get("stop_reason"))
    answered = content(reply.get("content"))
    in_path = _MODEL_IN_PATH.search(exchange.path)
    tools = p.arr(asked.get("tools"))[: p.MAX_ITEMS]
    return LlmCall(
        provider="aws.bedrock" if "bedrock" in exchange.host else "anthropic",
        request_model=p.text(asked.get("model")) or (in_path[1] if in_path else None),
        response_model=p.text(reply.get("model")),
        parameters=parameters,
        system_instructions=tuple(content(asked.get("system"))),
        input_messages=p.with_skipped([message(one) for one in said], skipped),
        output_messages=(Message(role="assistant", parts=tuple(answered)),) if answered else (),
        tool_definitions=tuple(_tool(one) for one in tools),
        finish_reasons=() if reason is None else (FINISH.get(reason, reason),),
        usage=_usage(p.obj(reply.get("usage"))),
        response_id=p.text(reply.get("id")),
        streamed=exchange.is_stream or asked.get("stream") is True,
        time_to_first_chunk_s=exchange.first_chunk_s,
        error_type=error_type({"error": {"type": p.obj(reply["error"]).get("type")}})
        if "error" in reply
        else None,
        complete=exchange.whole and (not exchange.is_stream or reason is not None or "error" in reply),
    )


def message(value: Json) -> Message:
    """One message; one that only brings tool results is the tool's."""
    said = p.obj(value)
    parts = content(said.get("content"))
    only_results = bool(parts) and all(part.get("type") == "tool_call_response" for part in parts)
    role = "tool" if only_results else p.text(said.get("role")) or "user"
    return Message(role=role, parts=tuple(parts))


def content(value: Json) -> list[Part]:
    """The parts of a content: a string, or a list of blocks."""
    return p.parts_of(value, _block)


def _block(block: Mapping[str, Json]) -> Part:
    kind = str(block.get("type") or "")
    if kind == "text":
        return p.text_part(p.text(block.get("text")) or "")
    if kind == "thinking":
        return p.reasoning_part(p.text(block.get("thinking")) or "")
    if kind == "tool_use":
        return p.tool_call_part(block.get("id"), block.get("name"), block.get("input"))
    if kind == "tool_result":
        return p.tool_response_part(
            block.get("tool_use_id"), _result(block.get("content")), failed=block.get("is_error") is True
        )
    if kind in {"image", "document"}:
        return _media("image" if kind == "image" else "file", p.obj(block.get("source")))
    if kind == "server_tool_use":
        called = {"name": block.get("name"), "input": block.get("input")}
        return {
            "type": "server_tool_call",
            "name": p.text(block.get("name")) or "",
            "server_tool_call": called,
        }
    if kind.endswith("_tool_result"):
        return {"type": "server_tool_call_response", "server_tool_call_response": block.get("content")}
    return p.generic_part(block, drop=("id", "tool_use_id", *_VOLATILE))


def _result(value: Json) -> Json:
    """A tool's result: text alone as a string, anything else as parts."""
    if isinstance(value, str) or value is None:
        return value
    parts = content(value)
    texts = [part.get("content") for part in parts if part.get("type") == "text"]
    return texts[0] if len(texts) == len(parts) == 1 else list(parts)


def _media(modality: str, source: Mapping[str, Json]) -> Part:
    mime_type = p.text(source.get("media_type"))
    if source.get("type") == "url":
        return p.media_part(modality, p.text(source.get("url")) or "", mime_type)
    if source.get("type") == "file":
        return {"type": "file", "file_id": p.text(source.get("file_id"))}
    if source.get("type") == "base64":
        return p.blob_part(modality, p.text(source.get("data")) or "", mime_type)
    return p.generic_part(source)


def _tool(value: Json) -> Json:
    body = p.obj(value)
    if "input_schema" not in body:
        return p.generic_part(value, drop=("cache_control",))
    return p.function_tool(body.get("name"), body.get("description"), body.get("input_schema"))


def _usage(value: Mapping[str, Json]) -> Usage:
    """Anthropic counts cached tokens beside the input; the conventions count them in it."""
    read = p.count(value.get("cache_read_input_tokens"))
    written = p.count(value.get("cache_creation_input_tokens"))
    plain = p.count(value.get("input_tokens"))
    return Usage(
        input_tokens=None if plain is None else p.total(plain, read, written),
        output_tokens=p.count(value.get("output_tokens")),
        cache_read_tokens=read,
        cache_creation_tokens=written,
    )


def _joined(documents: Sequence[Json]) -> Mapping[str, Json]:
    """The message that a stream's events make up."""
    whole: dict[str, Json] = {}
    blocks: dict[int, _Block] = {}
    for document in documents:
        event = p.obj(document)
        kind = event.get("type")
        if kind == "message_start":
            whole.update(p.obj(event.get("message")))
        elif kind == "message_delta":
            reason = p.obj(event.get("delta")).get("stop_reason")
            whole["stop_reason"] = reason or whole.get("stop_reason")
            counts = {key: one for key, one in p.obj(event.get("usage")).items() if one is not None}
            whole["usage"] = {**p.obj(whole.get("usage")), **counts}
        elif kind == "error":
            whole["error"] = event.get("error")
        index = p.count(event.get("index"))
        if index is None or (index not in blocks and len(blocks) >= p.MAX_ITEMS):
            continue
        if kind == "content_block_start":
            blocks[index] = _Block(p.obj(event.get("content_block")))
        elif kind == "content_block_delta":
            blocks.setdefault(index, _Block({})).add(p.obj(event.get("delta")))
    if blocks:
        whole["content"] = [blocks[index].joined() for index in sorted(blocks)]
    return whole


class _Block:
    """One content block, growing delta by delta."""

    def __init__(self, start: Mapping[str, Json]) -> None:
        self._start = start
        self._texts: dict[str, list[str]] = {}

    def add(self, delta: Mapping[str, Json]) -> None:
        for key in ("text", "thinking", "partial_json"):
            piece = delta.get(key)
            if isinstance(piece, str):
                self._texts.setdefault(key, []).append(piece)

    def joined(self) -> Json:
        block = dict(self._start)
        for key in ("text", "thinking"):
            if key in self._texts:
                block.setdefault("type", key)
                block[key] = str(block.get(key) or "") + "".join(self._texts[key])
        said = "".join(self._texts.get("partial_json", []))
        if said:
            block.setdefault("type", "tool_use")
            read = load_json(said)
            block["input"] = said if read is None else read
        return block
