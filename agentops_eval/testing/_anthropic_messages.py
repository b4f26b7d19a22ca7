"""The dialect of Anthropic Messages."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolAnswer, ToolUse, Turn, answer_of
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
from agentops_eval.traces.llm.writing import ANTHROPIC

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


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


def _error(fail: Fail, request_id: str) -> Json:
    message = fail.message or f"The scripted llm fails with status {fail.status}."
    inner: Json = {"type": _KINDS.get(fail.status, "api_error"), "message": message}
    return {"type": "error", "error": inner, "request_id": request_id}


DIALECT = Dialect(
    name="anthropic-messages", read=_read, writer=ANTHROPIC, ids=("msg_", "toolu_"), error=_error
)
