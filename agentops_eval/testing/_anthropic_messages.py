"""The dialect of Anthropic Messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolAnswer, ToolUse, Turn, answer_of
from agentops_eval.testing._dialect import (
    Body,
    Dialect,
    Reply,
    arguments_of,
    arguments_text,
    event,
    member,
    objects,
    pieces,
    string,
    text_of,
    words,
)
from agentops_eval.testing._rules import Fail

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def _read(_: str, body: Body) -> Conversation:
    asked: dict[str, ToolUse] = {}
    turns: list[Turn] = []
    for message in objects(body.get("messages")):
        content = message.get("content")
        uses = tuple(_use(block) for block in objects(content) if block.get("type") == "tool_use")
        asked |= {use.id: use for use in uses}
        results = [block for block in objects(content) if block.get("type") == "tool_result"]
        turns.append(
            Turn(
                role="assistant" if string(message, "role") == "assistant" else "user",
                text=text_of(content),
                uses=uses,
                answers=tuple(_answer(asked, block) for block in results),
            )
        )
    return Conversation(
        dialect="anthropic-messages",
        llm=string(body, "model"),
        system=text_of(body.get("system")),
        turns=tuple(turns),
        tools=tuple(string(tool, "name") for tool in objects(body.get("tools"))),
        parallel=member(body.get("tool_choice"), "disable_parallel_tool_use") is not True,
        streamed=body.get("stream") is True,
    )


def _use(block: Mapping[str, Json]) -> ToolUse:
    return ToolUse(string(block, "name"), arguments_of(block.get("input")), id=string(block, "id"))


def _answer(asked: Mapping[str, ToolUse], block: Mapping[str, Json]) -> ToolAnswer:
    text = text_of(block.get("content"))
    return answer_of(asked, string(block, "tool_use_id"), text, failed=block.get("is_error") is True)


def _blocks(reply: Reply) -> list[Json]:
    said: list[Json] = [{"type": "text", "text": reply.text, "citations": None}] if reply.text else []
    uses: list[Json] = [
        {"type": "tool_use", "id": f"toolu_{use.id}", "name": use.name, "input": dict(use.arguments)}
        for use in reply.uses
    ]
    return said + uses


def _whole(reply: Reply, _: Body) -> Json:
    return {
        **_head(reply),
        "content": _blocks(reply),
        "stop_reason": _stop(reply),
        "usage": {**_input_usage(reply), "output_tokens": reply.output_tokens},
    }


def _head(reply: Reply) -> dict[str, Json]:
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "role": "assistant",
        "model": reply.llm,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {**_input_usage(reply), "output_tokens": 1},
    }


def _input_usage(reply: Reply) -> dict[str, Json]:
    return {
        "input_tokens": reply.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "service_tier": "standard",
    }


def _stop(reply: Reply) -> str:
    return "tool_use" if reply.uses else _STOPS[reply.finish]


def _frames(reply: Reply, _: Body) -> Iterator[bytes]:
    for data in _events(reply):
        yield event(data, name=string(data, "type"))


def _events(reply: Reply) -> Iterator[dict[str, Json]]:
    yield {"type": "message_start", "message": _head(reply)}
    index = 0
    if reply.text:
        deltas: list[Json] = [{"type": "text_delta", "text": word} for word in words(reply.text)]
        yield from _block(index, {"type": "text", "text": "", "citations": None}, deltas)
        index += 1
    for number, use in enumerate(reply.uses, start=index):
        opening: Json = {"type": "tool_use", "id": f"toolu_{use.id}", "name": use.name, "input": {}}
        parts = ["", *pieces(arguments_text(use))]
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        yield from _block(number, opening, deltas)
    stop: Json = {"stop_reason": _stop(reply), "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": reply.output_tokens}}
    yield {"type": "message_stop"}


def _block(index: int, opening: Json, deltas: list[Json]) -> Iterator[dict[str, Json]]:
    yield {"type": "content_block_start", "index": index, "content_block": opening}
    if index == 0:
        yield {"type": "ping"}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _error(fail: Fail, request_id: str) -> Json:
    message = fail.message or f"The scripted llm fails with status {fail.status}."
    inner: Json = {"type": _KINDS.get(fail.status, "api_error"), "message": message}
    return {"type": "error", "error": inner, "request_id": request_id}


DIALECT = Dialect(name="anthropic-messages", read=_read, whole=_whole, frames=_frames, error=_error)
