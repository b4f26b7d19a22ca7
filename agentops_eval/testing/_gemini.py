"""The dialect of Gemini generateContent."""

from __future__ import annotations

import re

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation, ToolAnswer, ToolUse, Turn, tells_failure
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
from agentops_eval.traces.llm.writing import GEMINI, compact

PATH = re.compile(r"models/(?P<llm>[^/:]+):(?P<verb>generateContent|streamGenerateContent)$")

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def _read(path: str, body: Body) -> Conversation:
    place = PATH.search(path)
    turns: list[Turn] = []
    asked: list[ToolUse] = []
    for content in objects(body.get("contents")):
        parts = objects(content.get("parts"))
        uses = tuple(_use(part["functionCall"]) for part in parts if "functionCall" in part)
        asked.extend(uses)
        answers = (part["functionResponse"] for part in parts if "functionResponse" in part)
        turns.append(
            Turn(
                role="assistant" if string(content, "role") == "model" else "user",
                text=text_of(content.get("parts")),
                uses=uses,
                answers=tuple(_answer(asked, answer) for answer in answers),
            )
        )
    offered = [objects(tool.get("functionDeclarations")) for tool in objects(body.get("tools"))]
    instruction = member(body.get("systemInstruction") or body.get("system_instruction"), "parts")
    return Conversation(
        dialect="gemini",
        llm=place["llm"] if place else "",
        system=text_of(instruction),
        turns=tuple(turns),
        tools=tuple(string(function, "name") for group in offered for function in group),
        streamed=bool(place and place["verb"] == "streamGenerateContent"),
    )


def _use(call: Json) -> ToolUse:
    return ToolUse(string(call, "name"), arguments_of(member(call, "args")), id=string(call, "id"))


def _answer(asked: list[ToolUse], answer: Json) -> ToolAnswer:
    """Join an answer to the earliest open call of its name: this dialect need not send ids."""
    name, text = string(answer, "name"), compact(member(answer, "response"))
    use = next((use for use in asked if use.name == name), ToolUse(name))
    asked[:] = [other for other in asked if other is not use]
    return ToolAnswer(name=name, text=text, arguments=use.arguments, failed=tells_failure(text), id=use.id)


def _error(fail: Fail, _: str) -> Json:
    message = fail.message or f"The scripted llm fails with status {fail.status}."
    return {
        "error": {
            "code": fail.status,
            "message": message,
            "status": _STATUSES.get(fail.status, "INTERNAL"),
        }
    }


DIALECT = Dialect(name="gemini", read=_read, writer=GEMINI, ids=("", ""), error=_error)
