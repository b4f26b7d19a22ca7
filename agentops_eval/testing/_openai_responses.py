"""The dialect of OpenAI Responses."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolUse, Turn, answer_of
from agentops_eval.testing._dialect import (
    CREATED_S,
    Body,
    Dialect,
    Reply,
    arguments_of,
    arguments_text,
    event,
    items,
    objects,
    pieces,
    string,
    text_of,
    words,
)
from agentops_eval.testing._openai_chat import openai_error
from agentops_eval.testing._rules import Fail

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


def _read(_: str, body: Body) -> Conversation:
    asked: dict[str, ToolUse] = {}
    system = [string(body, "instructions")]
    turns: list[Turn] = []
    given = body.get("input")
    if isinstance(given, str):
        turns.append(Turn(role="user", text=given))
    for item in objects(given):
        kind, role = string(item, "type"), string(item, "role")
        if kind == "function_call":
            arguments = arguments_of(item.get("arguments"))
            use = ToolUse(string(item, "name"), arguments, id=string(item, "call_id"))
            asked[use.id] = use
            turns.append(Turn(role="assistant", uses=(use,)))
        elif kind == "function_call_output":
            answer = answer_of(asked, string(item, "call_id"), text_of(item.get("output")))
            turns.append(Turn(role="user", answers=(answer,)))
        elif role in ("system", "developer"):
            system.append(text_of(item.get("content")))
        elif role:
            text = text_of(item.get("content"))
            turns.append(Turn(role="assistant" if role == "assistant" else "user", text=text))
    return Conversation(
        dialect="openai-responses",
        llm=string(body, "model"),
        system="\n\n".join(part for part in system if part),
        turns=tuple(turns),
        tools=tuple(string(tool, "name") for tool in objects(body.get("tools"))),
        parallel=body.get("parallel_tool_calls") is not False,
        streamed=body.get("stream") is True,
    )


def _refuse(body: Body) -> Fail | None:
    """Say that nothing is stored: to pretend would drop the conversation's beginning in silence."""
    if not body.get("previous_response_id"):
        return None
    message = "The scripted llm stores no responses: send the whole conversation as input."
    return Fail(status=400, message=message)


def _message(reply: Reply) -> Json:
    return {
        "type": "message",
        "id": f"msg_{reply.id}",
        "status": "completed" if reply.finish == "stop" else "incomplete",
        "role": "assistant",
        "content": [_part(reply.text)],
    }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(use: ToolUse, *, arguments: str, status: str) -> Json:
    return {
        "type": "function_call",
        "id": f"fc_{use.id}",
        "call_id": f"call_{use.id}",
        "name": use.name,
        "arguments": arguments,
        "status": status,
    }


def _output(reply: Reply) -> list[Json]:
    said = [_message(reply)] if reply.text or not reply.uses else []
    calls = [_call(use, arguments=arguments_text(use), status="completed") for use in reply.uses]
    return [*said, *calls]


def _whole(reply: Reply, body: Body) -> Json:
    incomplete = _INCOMPLETE.get(reply.finish)
    return {
        **_head(reply, body),
        "status": "incomplete" if incomplete else "completed",
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "output": _output(reply),
        "usage": {
            "input_tokens": reply.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def _head(reply: Reply, body: Body) -> dict[str, Json]:
    return {
        "id": f"resp_{reply.id}",
        "object": "response",
        "created_at": CREATED_S,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "model": reply.llm,
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": items(body.get("tools")),
        "usage": None,
    }


def _frames(reply: Reply, body: Body) -> Iterator[bytes]:
    for number, (name, data) in enumerate(_events(reply, body)):
        yield event({"type": name, "sequence_number": number, **data}, name=name)


def _events(reply: Reply, body: Body) -> Iterator[tuple[str, dict[str, Json]]]:
    yield "response.created", {"response": _head(reply, body)}
    yield "response.in_progress", {"response": _head(reply, body)}
    at = 0
    if reply.text or not reply.uses:
        yield from _said(reply)
        at = 1
    for index, use in enumerate(reply.uses, start=at):
        yield from _asked(use, index)
    done = _INCOMPLETE.get(reply.finish)
    yield f"response.{'incomplete' if done else 'completed'}", {"response": _whole(reply, body)}


def _said(reply: Reply) -> Iterator[tuple[str, dict[str, Json]]]:
    at: dict[str, Json] = {"item_id": f"msg_{reply.id}", "output_index": 0, "content_index": 0}
    opening: Json = {
        "type": "message",
        "id": f"msg_{reply.id}",
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


def _asked(use: ToolUse, index: int) -> Iterator[tuple[str, dict[str, Json]]]:
    at: dict[str, Json] = {"item_id": f"fc_{use.id}", "output_index": index}
    text = arguments_text(use)
    opening = _call(use, arguments="", status="in_progress")
    yield "response.output_item.added", {"output_index": index, "item": opening}
    for piece in pieces(text):
        yield "response.function_call_arguments.delta", {**at, "delta": piece}
    yield "response.function_call_arguments.done", {**at, "name": use.name, "arguments": text}
    done = _call(use, arguments=text, status="completed")
    yield "response.output_item.done", {"output_index": index, "item": done}


DIALECT = Dialect(
    name="openai-responses", read=_read, whole=_whole, frames=_frames, error=openai_error, refuse=_refuse
)
