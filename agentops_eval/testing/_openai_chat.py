"""The dialect of OpenAI Chat Completions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    429: "rate_limit_exceeded",
}


def _read(_: str, body: Body) -> Conversation:
    asked: dict[str, ToolUse] = {}
    system: list[str] = []
    turns: list[Turn] = []
    for message in objects(body.get("messages")):
        role, text = string(message, "role"), text_of(message.get("content"))
        if role in ("system", "developer"):
            system.append(text)
        elif role == "tool":
            turns.append(
                Turn(role="user", answers=(answer_of(asked, string(message, "tool_call_id"), text),))
            )
        elif role == "assistant":
            uses = tuple(_use(call) for call in objects(message.get("tool_calls")))
            asked |= {use.id: use for use in uses}
            turns.append(Turn(role="assistant", text=text, uses=uses))
        else:
            turns.append(Turn(role="user", text=text))
    return Conversation(
        dialect="openai-chat",
        llm=string(body, "model"),
        system="\n\n".join(system),
        turns=tuple(turns),
        tools=tuple(string(tool.get("function"), "name") for tool in objects(body.get("tools"))),
        parallel=body.get("parallel_tool_calls") is not False,
        streamed=body.get("stream") is True,
    )


def _use(call: Mapping[str, Json]) -> ToolUse:
    function = call.get("function")
    return ToolUse(
        string(function, "name"), arguments_of(member(function, "arguments")), id=string(call, "id")
    )


def _whole(reply: Reply, _: Body) -> Json:
    message: dict[str, Json] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.uses:
        message["tool_calls"] = [
            {
                "id": f"call_{use.id}",
                "type": "function",
                "function": {"name": use.name, "arguments": arguments_text(use)},
            }
            for use in reply.uses
        ]
    choice: Json = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}
    return {**_head(reply, "chat.completion"), "choices": [choice], "usage": _usage(reply)}


def _frames(reply: Reply, body: Body) -> Iterator[bytes]:
    def frame(delta: Json, finish: str | None = None) -> bytes:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**_head(reply, "chat.completion.chunk"), "choices": [choice]})

    yield frame({"role": "assistant", "content": "" if reply.text else None, "refusal": None})
    for word in words(reply.text):
        yield frame({"content": word})
    for index, use in enumerate(reply.uses):
        opening: Json = {"name": use.name, "arguments": ""}
        call: Json = {"index": index, "id": f"call_{use.id}", "type": "function", "function": opening}
        yield frame({"tool_calls": [call]})
        for piece in pieces(arguments_text(use)):
            yield frame({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield frame({}, _finish(reply))
    if member(body.get("stream_options"), "include_usage") is True:
        yield event({**_head(reply, "chat.completion.chunk"), "choices": [], "usage": _usage(reply)})
    yield b"data: [DONE]\n\n"


def _head(reply: Reply, kind: str) -> dict[str, Json]:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": kind,
        "created": CREATED_S,
        "model": reply.llm,
        "system_fingerprint": "fp_scripted",
    }


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.uses else reply.finish


def _usage(reply: Reply) -> Json:
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def openai_error(fail: Fail, _: str) -> Json:
    """Write a failure as OpenAI does, for Chat Completions and Responses alike."""
    kind = _KINDS.get(fail.status, "server_error")
    message = fail.message or f"The scripted llm fails with status {fail.status}."
    code = "rate_limit_exceeded" if fail.status == 429 else None
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


DIALECT = Dialect(name="openai-chat", read=_read, whole=_whole, frames=_frames, error=openai_error)
