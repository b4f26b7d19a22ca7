"""Parts of messages out of any of the shapes in which providers and frameworks write them."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.traces.dialects._values import loose
from agentops_eval.traces.llm import Part, _anthropic, _openai_chat
from agentops_eval.traces.llm import _parts as p

_CALLS = {"tool_call", "tool_use", "function", "function_call", "tool-call"}
_RESULTS = {"tool_call_response", "tool_result", "function_call_output", "tool-result"}
_TEXTS = {"text", "input_text", "output_text"}
_THOUGHTS = {"reasoning", "thinking"}
_OPENAI = {"image_url", "input_audio", "refusal"}
_ANTHROPIC = {"image", "document", "server_tool_use"}
_CALL_KEYS = ("toolUse", "functionCall", "function_call")
_RESULT_KEYS = ("toolResult", "functionResponse", "function_response")
_KEPT = ("blob", "uri", "file", "compaction", "server_tool_call", "server_tool_call_response", "generic")


def parts(value: Json) -> list[Part]:
    """The parts of a content: text, a list of parts, or a list spelt as JSON."""
    if isinstance(value, str):
        return _spelt(value)
    items, skipped = p.capped([value] if isinstance(value, Mapping) else p.arr(value))
    found = [one for item in items if (one := part(item)) is not None]
    return [*found, p.skipped_part(skipped)] if skipped else found


def _spelt(value: str) -> list[Part]:
    """Text, unless it spells a list whose elements are all parts."""
    if value.lstrip()[:1] == "[":
        read = loose(value)
        if isinstance(read, list) and read:
            known = [known_part(item) for item in read[: p.MAX_ITEMS]]
            if all(one is not None for one in known):
                return [one for one in known if one is not None and _says(one)]
    return [p.text_part(value)] if value else []


def part(item: Json) -> Part | None:
    """One part, of a kind of its own where it is none of the known; None where there is nothing in it."""
    if isinstance(item, str):
        return p.text_part(item) if item else None
    if item is None or (isinstance(item, Mapping) and not item):
        return None
    found = known_part(item)
    if found is None:
        return p.generic_part(item)
    return found if _says(found) else None


def _says(one: Part) -> bool:
    return one.get("type") != "text" or bool(one.get("content"))


def known_part(item: Json) -> Part | None:
    """One part by its type, or by the key that it hangs on; None where it is neither."""
    if not isinstance(item, Mapping):
        return None
    kind = p.text(item.get("type"))
    if kind in _RESULTS:
        return _result(item)
    for key in _RESULT_KEYS:
        if isinstance(item.get(key), Mapping):
            return _result(p.obj(item[key]))
    if kind in _CALLS or ("toolUseId" in item and "input" in item):
        return tool_call(item)
    for key in _CALL_KEYS:
        if isinstance(item.get(key), Mapping):
            return tool_call(p.obj(item[key]))
    inner = item.get("message_content")
    return known_part(inner) if isinstance(inner, Mapping) else _content(item, kind)


def _content(item: Mapping[str, Json], kind: str | None) -> Part | None:
    if kind in _TEXTS or (kind is None and isinstance(item.get("text"), str) and len(item) == 1):
        said = item.get("content") if isinstance(item.get("content"), str) else item.get("text")
        return p.text_part(said) if isinstance(said, str) else None
    if kind in _THOUGHTS:
        return _thought(item)
    if "reasoningContent" in item:  # Bedrock's
        return _thought(p.obj(p.obj(item.get("reasoningContent")).get("reasoningText")))
    if kind in _OPENAI:
        return _openai_chat.content([item])[0]
    if kind in _ANTHROPIC and ("source" in item or kind == "server_tool_use"):
        return _anthropic.content([item])[0]
    if kind in _KEPT:
        return {key: value for key, value in item.items() if value is not None}
    return None


def _thought(item: Mapping[str, Json]) -> Part:
    said = next((item[key] for key in ("content", "thinking", "text") if isinstance(item.get(key), str)), "")
    return p.reasoning_part(str(said))


def _first(item: Mapping[str, Json], *keys: str) -> Json:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def tool_call(item: Mapping[str, Json]) -> Part:
    """A call that an llm asks for, whichever way it is nested."""
    inner = p.obj(item.get("tool_call")) or item
    function = p.obj(inner.get("function")) or inner
    arguments = _first(function, "arguments", "args", "input", "parameters")
    call_id = _first(inner, "call_id", "id", "toolUseId", "tool_call_id", "toolCallId")
    return p.tool_call_part(call_id, _first(function, "name", "toolName"), arguments)


def _result(item: Mapping[str, Json]) -> Part:
    call_id = _first(item, "tool_use_id", "toolUseId", "call_id", "tool_call_id", "toolCallId", "id")
    answered = _first(item, "response", "result", "content", "output")
    failed = item.get("is_error") is True or item.get("status") == "error"
    return p.tool_response_part(call_id, response(answered), failed=failed)


def response(value: Json) -> Json:
    """What a tool answered: a message or text blocks around it are taken off, JSON in text is read."""
    value = loose(value)
    if isinstance(value, Mapping):
        inner = _unwrapped(value)
        return value if inner is value else response(inner)
    if isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], Mapping):
        block = value[0]
        if set(block) <= {"type", "text"} and isinstance(block.get("text"), str):
            return loose(block["text"])
        if set(block) <= {"type", "content"} and block.get("type") == "text":
            return loose(block.get("content"))
        if set(block) == {"json"}:
            return block["json"]
        if "toolResult" in block:
            return response(p.obj(block["toolResult"]).get("content"))
    return value


def _unwrapped(value: Mapping[str, Json]) -> Json:
    """The content of a tool's message, whichever way LangChain wrote it."""
    for key, mark in (("data", "type"), ("kwargs", "lc")):
        inner = value.get(key)
        if mark in value and isinstance(inner, Mapping) and "tool_call_id" in inner:
            return inner.get("content")
    return value.get("content") if "tool_call_id" in value and "content" in value else value
