"""OpenAI Responses: a list of items in, a list of items out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage
from agentops_eval.traces.llm._openai_chat import error_type, provider
from agentops_eval.traces.llm._openai_chat import tool as tool_definition
from agentops_eval.traces.llm._wire import Exchange

PARAMETERS = {
    "max_output_tokens": sc.REQUEST_MAX_TOKENS,
    "temperature": sc.REQUEST_TEMPERATURE,
    "top_p": sc.REQUEST_TOP_P,
    "parallel_tool_calls": sc.AGENTOPS_REQUEST + "parallel_tool_calls",
    "tool_choice": sc.AGENTOPS_REQUEST + "tool_choice",
    "truncation": sc.AGENTOPS_REQUEST + "truncation",
    "service_tier": "openai.request.service_tier",
}
_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_OUTPUTS = {"function_call_output", "custom_tool_call_output"}
_VOLATILE = ("id", "encrypted_content", "status", "created_by")


def by_path(exchange: Exchange) -> bool:
    """Whether the address says Responses."""
    asked = exchange.asked
    wanted = asked is None or "input" in p.obj(asked) or "prompt" in p.obj(asked)
    return exchange.path.endswith("/responses") and wanted


def by_shape(exchange: Exchange) -> bool:
    """Whether request and reply have the shape, whatever the address."""
    if "input" not in p.obj(exchange.asked):
        return False
    first = p.obj(exchange.documents[0] if exchange.documents else exchange.answered)
    return (first.get("object") == "response" and bool(p.arr(first.get("output")))) or str(
        first.get("type", "")
    ).startswith("response.created")


def parse(exchange: Exchange) -> LlmCall:
    """Read the call."""
    asked = p.obj(exchange.asked)
    reply = _joined(exchange.documents) if exchange.is_stream else p.obj(exchange.answered)
    items, _ = p.capped(p.arr(reply.get("output")))
    parameters = p.parameters(asked, PARAMETERS)
    effort = p.text(p.obj(asked.get("reasoning")).get("effort"))
    if effort:
        parameters[sc.AGENTOPS_REQUEST + "reasoning_effort"] = effort
    chosen = p.obj(asked.get("tool_choice"))
    if chosen:
        parameters[sc.AGENTOPS_REQUEST + "tool_choice"] = p.text(chosen.get("name") or chosen.get("type"))
    form = p.obj(p.obj(asked.get("text")).get("format")).get("type")
    if form in {"json_object", "json_schema"}:
        parameters[sc.OUTPUT_TYPE] = "json"
    spoken = p.text(asked.get("instructions"))
    tools = p.arr(asked.get("tools"))[: p.MAX_ITEMS]
    return LlmCall(
        provider=provider(exchange.host),
        request_model=p.text(asked.get("model")),
        response_model=p.text(reply.get("model")),
        parameters=parameters,
        system_instructions=(p.text_part(spoken),) if spoken else (),
        input_messages=_input(asked.get("input")),
        output_messages=messages(items, role="assistant"),
        tool_definitions=tuple(tool_definition(one) for one in tools),
        finish_reasons=_finish_reasons(reply, items),
        usage=_usage(p.obj(reply.get("usage"))),
        response_id=p.text(reply.get("id")),
        previous_response_id=p.text(asked.get("previous_response_id")),
        streamed=exchange.is_stream or asked.get("stream") is True,
        time_to_first_chunk_s=exchange.first_chunk_s,
        error_type=error_type(reply),
        complete=exchange.whole and reply.get("status") not in {None, "in_progress", "queued"},
    )


def _input(value: Json) -> tuple[Message, ...]:
    if isinstance(value, str):
        return (Message(role="user", parts=(p.text_part(value),)),)
    items, skipped = p.capped(p.arr(value))
    return p.with_skipped(list(messages(items, role="user")), skipped)


def messages(items: Sequence[Json], *, role: str) -> tuple[Message, ...]:
    """Items as messages; what the assistant did in a row becomes one message."""
    found: list[Message] = []
    for item in items:
        who, parts = _item(p.obj(item), role)
        if who == "assistant" and found and found[-1].role == "assistant":
            found[-1] = Message(role="assistant", parts=(*found[-1].parts, *parts))
        else:
            found.append(Message(role=who, parts=tuple(parts)))
    return tuple(found)


def _item(item: Mapping[str, Json], role: str) -> tuple[str, list[Part]]:
    kind = str(item.get("type") or "message")
    if kind == "message":
        return p.text(item.get("role")) or role, _content(item.get("content"))
    if kind in {"function_call", "custom_tool_call"}:
        arguments = item.get("arguments", item.get("input"))
        return "assistant", [p.tool_call_part(item.get("call_id"), item.get("name"), arguments)]
    if kind in _OUTPUTS:
        return "tool", [p.tool_response_part(item.get("call_id"), item.get("output"))]
    if kind == "reasoning":
        summary = (*p.arr(item.get("summary")), *p.arr(item.get("content")))
        texts = (p.text(p.obj(one).get("text")) for one in summary[: p.MAX_ITEMS])
        return "assistant", [p.reasoning_part(one) for one in texts if one]
    if kind == "compaction":
        return "assistant", [{"type": "compaction"}]
    if kind == "item_reference":
        return "assistant", [{"type": "item_reference"}]
    if kind.endswith("_call"):
        body = p.generic_part(item, drop=_VOLATILE)
        return "assistant", [{"type": "server_tool_call", "name": kind, "server_tool_call": body}]
    return "assistant", [p.generic_part(item, drop=_VOLATILE)]


def _content(value: Json) -> list[Part]:
    return p.parts_of(value, _content_part)


def _content_part(part: Mapping[str, Json]) -> Part:
    kind = part.get("type")
    if kind in {"input_text", "output_text", "text", "summary_text"}:
        return p.text_part(p.text(part.get("text")) or "")
    if kind == "refusal":
        return {"type": "refusal", "content": p.text(part.get("refusal")) or ""}
    if kind in {"input_image", "input_file"}:
        modality = "image" if kind == "input_image" else "file"
        url = p.text(part.get("image_url")) or p.text(part.get("file_data")) or p.text(part.get("file_url"))
        return (
            p.media_part(modality, url) if url else {"type": "file", "file_id": p.text(part.get("file_id"))}
        )
    return p.generic_part(part, drop=_VOLATILE)


def _finish_reasons(reply: Mapping[str, Json], items: Sequence[Json]) -> tuple[str, ...]:
    status = reply.get("status")
    if status == "completed":
        calls = any(p.obj(item).get("type") in ("function_call", "custom_tool_call") for item in items)
        return ("tool_call",) if calls else ("stop",)
    if status == "incomplete":
        reason = p.text(p.obj(reply.get("incomplete_details")).get("reason")) or "incomplete"
        return ("length" if reason == "max_output_tokens" else reason,)
    return ("error",) if status in {"failed", "cancelled"} else ()


def _usage(value: Mapping[str, Json]) -> Usage:
    return Usage(
        input_tokens=p.count(value.get("input_tokens")),
        output_tokens=p.count(value.get("output_tokens")),
        cache_read_tokens=p.count(p.obj(value.get("input_tokens_details")).get("cached_tokens")),
        reasoning_tokens=p.count(p.obj(value.get("output_tokens_details")).get("reasoning_tokens")),
    )


def _joined(documents: Sequence[Json]) -> Mapping[str, Json]:
    """The response that a stream's events make up: its last state, or what came before a cut."""
    whole: dict[str, Json] = {}
    items: dict[int, dict[str, Json]] = {}
    pieces: dict[int, list[str]] = {}
    for document in documents:
        event = p.obj(document)
        kind = str(event.get("type") or "")
        if kind.startswith("response.") and p.obj(event.get("response")):
            whole = {**whole, **p.obj(event.get("response"))}
            if kind in _LAST and whole.get("status") is None:
                whole["status"] = kind.removeprefix("response.")
        elif kind == "error" or (not kind and "error" in event):
            whole["error"] = p.obj(event.get("error")) or {"code": event.get("code")}
        index = p.count(event.get("output_index"))
        if index is None or (index not in items and len(items) >= p.MAX_ITEMS):
            continue
        if kind in {"response.output_item.added", "response.output_item.done"}:
            items[index] = dict(p.obj(event.get("item")))
            if kind.endswith(".done"):
                pieces.pop(index, None)
        elif kind.endswith(".delta") and isinstance(event.get("delta"), str):
            items.setdefault(index, {})
            pieces.setdefault(index, []).append(str(event["delta"]))
    if not p.arr(whole.get("output")):
        whole["output"] = [_patched(items[index], pieces.get(index)) for index in sorted(items)]
    return whole


def _patched(item: dict[str, Json], pieces: list[str] | None) -> Json:
    """An item that never came to its end, with the text that did come."""
    if pieces is None:
        return item
    said = "".join(pieces)
    kind = item.get("type", "message")
    if kind == "function_call":
        return {**item, "arguments": said}
    if kind == "custom_tool_call":
        return {**item, "input": said}
    if kind == "reasoning":
        return {**item, "summary": [{"type": "summary_text", "text": said}]}
    return {**item, "content": [{"type": "output_text", "text": said}]}
