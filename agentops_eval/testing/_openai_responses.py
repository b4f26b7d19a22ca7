"""The dialect of OpenAI Responses."""

from __future__ import annotations

from agentops_eval.testing._conversation import Conversation, ToolUse, Turn, answer_of
from agentops_eval.testing._dialect import (
    Body,
    Dialect,
    arguments_of,
    objects,
    string,
    text_of,
)
from agentops_eval.testing._openai_chat import openai_error
from agentops_eval.testing._rules import Fail
from agentops_eval.traces.llm.writing import OPENAI_RESPONSES


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


DIALECT = Dialect(
    name="openai-responses",
    read=_read,
    writer=OPENAI_RESPONSES,
    ids=("resp_", "call_"),
    error=openai_error,
    refuse=_refuse,
)
