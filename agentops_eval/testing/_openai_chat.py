"""The dialect of OpenAI Chat Completions."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolUse, Turn, answer_of
from agentops_eval.testing._dialect import (
    Body,
    Dialect,
    arguments_of,
    member,
    objects,
    string,
    text_of,
)
from agentops_eval.testing._rules import Fail
from agentops_eval.traces.llm.writing import OPENAI_CHAT

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


def openai_error(fail: Fail, _: str) -> Json:
    """Write a failure as OpenAI does, for Chat Completions and Responses alike."""
    kind = _KINDS.get(fail.status, "server_error")
    message = fail.message or f"The scripted llm fails with status {fail.status}."
    code = "rate_limit_exceeded" if fail.status == 429 else None
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


DIALECT = Dialect(
    name="openai-chat", read=_read, writer=OPENAI_CHAT, ids=("chatcmpl-", "call_"), error=openai_error
)
