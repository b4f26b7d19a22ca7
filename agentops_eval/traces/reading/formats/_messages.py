"""Lists of messages as OpenAI's clients take them, with tool calls; Anthropic's blocks are read as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Attribute, Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import LlmCall, Message, Part, _anthropic, _openai_chat
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading.formats._kinds import is_message
from agentops_eval.traces.reading.formats._play import Line, Stage
from agentops_eval.traces.reading.formats._script import Complain, Failed, Script

_BLOCKS = {"tool_use", "tool_result", "thinking", "server_tool_use"}
_TEXTS = {"input_text", "output_text"}
_CASES = ("conversation_id", "session_id", "thread_id", "case_id", "task_id", "id")
_TRIALS = ("trial", "epoch")
_ROLES = {"developer": "system", "function": "tool", "model": "assistant"}


def play_messages(document: Json, script: Script) -> None:
    """Write a list of messages, or an object that holds one under ``messages`` or ``traj``."""
    body = p.obj(document)
    held = next((body[name] for name in ("messages", "traj") if p.arr(body.get(name))), document)
    at = "traj" if held is body.get("traj") else "messages"
    lines = _lines(p.arr(held), at, script.complain)
    system = _content(body.get("system"))
    if system:
        lines.insert(0, Line(message=Message(role="system", parts=tuple(system))))
    info = p.obj(body.get("info"))
    if p.text(info.get("error")):  # how tau-bench notes a run that broke off
        script.failed = Failed(type="_OTHER", message=str(info.get("error")))
    Stage(script=script, common=_common(body)).play(lines)
    if not any(line.message.role == "assistant" for line in lines):
        script.complain("nobody answers in these messages: none is an assistant's")


def case_of(document: Json) -> str:
    """What an object calls its conversation: its id, and the number of the attempt at it."""
    body = p.obj(document)
    named = next((found for name in _CASES if (found := _word(body.get(name)))), "")
    trial = next((found for name in _TRIALS if (found := _word(body.get(name)))), "")
    return f"{named}/{trial}" if named and trial else named


def _word(value: Json) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value)[:200] if whole else (p.text(value) or "")[:200]


def _common(body: Mapping[str, Json]) -> LlmCall:
    """What a request says of the llm beside the messages."""
    offered = [*p.arr(body.get("tools")), *p.arr(body.get("functions"))][: p.MAX_ITEMS]
    parameters: dict[str, Attribute] = p.parameters(body, _openai_chat.PARAMETERS)
    if parameters.get(sc.REQUEST_CHOICE_COUNT) == 1:
        del parameters[sc.REQUEST_CHOICE_COUNT]
    return LlmCall(
        provider="",
        request_model=p.text(body.get("model")),
        parameters=parameters,
        tool_definitions=tuple(_tool(one) for one in offered),
    )


def _tool(value: Json) -> Json:
    body = p.obj(value)
    if "input_schema" in body:  # as Anthropic's clients take it
        return p.function_tool(body.get("name"), body.get("description"), body["input_schema"])
    return _openai_chat.tool(value)


def _lines(messages: Sequence[Json], at: str, complain: Complain) -> list[Line]:
    found: list[Line] = []
    for number, value in enumerate(messages):
        if is_message(value):
            found += _line(p.obj(value))
        else:
            complain(f"{at}[{number}]: passed over: no message with a role and a content")
    return found


def _line(said: Mapping[str, Json]) -> list[Line]:
    """One message; results of tools that stand in a user's message become messages of their own."""
    given = (p.text(said.get("role")) or "").lower()
    role, name = _ROLES.get(given, given or "user"), p.text(said.get("name")) or ""
    if role == "tool":
        result = _result(said.get("content"))
        part = p.tool_response_part(said.get("tool_call_id"), result, failed=said.get("is_error") is True)
        return [_tool_line(part, name)]
    parts = [*_thought(said), *_content(said.get("content")), *_refusal(said), *_calls(said)]
    results = [part for part in parts if part.get("type") == "tool_call_response"]
    others = tuple(part for part in parts if part.get("type") != "tool_call_response")
    lines = [_tool_line(part, "") for part in results]
    if others or not results:
        lines.append(Line(message=Message(role=role, parts=others, name=name or None)))
    return lines


def _tool_line(part: Part, name: str) -> Line:
    failed = Failed(type="_OTHER", message=str(part.get("response"))) if part.get("is_error") else None
    return Line(message=Message(role="tool", parts=(part,)), tool=name, failed=failed)


def _thought(said: Mapping[str, Json]) -> list[Part]:
    thought = p.text(said.get("reasoning_content")) or p.text(said.get("reasoning"))
    return [p.reasoning_part(thought)] if thought else []


def _refusal(said: Mapping[str, Json]) -> list[Part]:
    refusal = p.text(said.get("refusal"))
    return [{"type": "refusal", "content": refusal}] if refusal else []


def _content(value: Json) -> list[Part]:
    return p.parts_of(value, _part)


def _part(part: Mapping[str, Json]) -> Part:
    kind = p.text(part.get("type"))
    if kind in _TEXTS:
        return p.text_part(p.text(part.get("text")) or "")
    if kind in _BLOCKS or (kind in {"image", "document"} and "source" in part):
        return _anthropic.content([part])[0]
    return _openai_chat.content([part])[0]


def _result(value: Json) -> Json:
    """What a tool answered: text of parts as one string, anything else as it is."""
    parts = [p.obj(item) for item in p.arr(value)]
    texts = [part.get("text") for part in parts if p.text(part.get("type", "text")) in {"text", *_TEXTS}]
    if parts and len(texts) == len(parts) and all(isinstance(text, str) for text in texts):
        return "".join(map(str, texts))
    return value


def _calls(said: Mapping[str, Json]) -> list[Part]:
    """Tool calls as OpenAI nests them, or flat; the one of its first interface has no id."""
    found = [_call(p.obj(value)) for value in p.arr(said.get("tool_calls"))[: p.MAX_ITEMS]]
    legacy = p.obj(said.get("function_call"))
    if legacy:
        found.append(p.tool_call_part(None, legacy.get("name"), legacy.get("arguments")))
    return [_with_object(part) for part in found]


def _call(call: Mapping[str, Json]) -> Part:
    custom = p.obj(call.get("custom"))
    if custom:
        return p.tool_call_part(call.get("id"), custom.get("name"), custom.get("input"))
    inner = p.obj(call.get("function")) or call
    name = inner.get("name") or call.get("function")
    arguments = next((inner[key] for key in ("arguments", "args", "input") if key in inner), None)
    return p.tool_call_part(call.get("id"), name, arguments)


def _with_object(part: Part) -> Part:
    return {**part, "arguments": {}} if part.get("arguments") in (None, "") else part
