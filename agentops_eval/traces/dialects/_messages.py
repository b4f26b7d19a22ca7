"""Messages out of any of the shapes in which traces hold them, read by shape and not by sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json
from agentops_eval.traces.dialects._parts import known_part, parts, response, tool_call
from agentops_eval.traces.llm import Message, Part
from agentops_eval.traces.llm import _parts as p

ROLES = {
    "human": "user",
    "ai": "assistant",
    "aimessagechunk": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "function": "tool",
    "developer": "system",
    "humanmessage": "user",
    "aimessage": "assistant",
    "systemmessage": "system",
    "toolmessage": "tool",
}
_HOLDERS = ("messages", "generations", "choices", "contents", "candidates", "output", "input", "outputs")
_DEEPEST = 8
_SPEAKERS = {"tool_call": "assistant", "tool_call_response": "tool"}
_SAID = ("role", "parts", "content", "contents", "tool_calls", "function_call", "function_call_name")


def conversation(value: Json, *, role: str = "user", _depth: int = 0) -> list[Message]:
    """The messages in a value: a list of them, one alone, or what wraps them (``choices`` and so on)."""
    if _depth > _DEEPEST:
        return []
    if isinstance(value, str):
        return [Message(role=role, parts=(p.text_part(value),))] if value else []
    if isinstance(value, Mapping):
        return _mapping(value, role, _depth)
    items, skipped = p.capped(p.arr(value))
    if len(items) == 2 and _is_role(items[0]) and isinstance(items[1], str):  # LangChain's ("user", "Hello")
        return [Message(role=_role(items[0], role), parts=tuple(parts(items[1])))]
    if items and all(_is_part(item) for item in items):
        kinds = {str(one["type"]) for one in map(known_part, items) if one is not None}
        if not _SPEAKERS.keys() <= kinds:  # calls and their answers are messages of two speakers
            return _message({"role": _speaker(kinds, role), "parts": items}, role)
    found = [one for item in items for one in conversation(item, role=role, _depth=_depth + 1)]
    return list(p.with_skipped(found[: p.MAX_ITEMS], skipped + max(0, len(found) - p.MAX_ITEMS)))


def instructions(value: Json) -> list[Part]:
    """System instructions: text, parts, or messages whose parts they are."""
    return [one for message in conversation(value, role="system") for one in message.parts]


def _mapping(value: Mapping[str, Json], role: str, depth: int) -> list[Message]:
    inner = value.get("message")
    if isinstance(inner, (Mapping, list)):  # a choice, an OpenInference item, a LangChain generation
        return conversation(inner, role=_role(value.get("role"), role), _depth=depth + 1)
    if isinstance(inner, str) and not any(key in value for key in _SAID):
        return conversation(inner, role=role)
    data = value.get("data")
    if isinstance(data, Mapping) and isinstance(value.get("type"), str):  # LangChain's {"type", "data"}
        return _message({**data, "role": data.get("role") or value["type"]}, role)
    kwargs = value.get("kwargs")
    if isinstance(kwargs, Mapping) and "lc" in value:  # LangChain's constructor form
        path = p.arr(value.get("id"))
        named = path[-1] if path else None
        return _message({**kwargs, "role": kwargs.get("role") or kwargs.get("type") or named}, role)
    if not any(key in value for key in _SAID):
        one = known_part(value)  # an item that OpenAI's Responses puts beside messages
        if one is not None:
            return [Message(role=_speaker({str(one["type"])}, role), parts=(one,))]
        held = next((value[key] for key in _HOLDERS if value.get(key)), None)
        if held is not None:
            return conversation(held, role=role, _depth=depth + 1)
    return _message(value, role)


def _speaker(kinds: set[str], default: str) -> str:
    """Who says such parts: only an llm asks for a tool, only a tool answers."""
    return next((role for kind, role in _SPEAKERS.items() if kind in kinds), default)


def _is_part(item: Json) -> bool:
    """Whether a list's element is a part of one message, and no message."""
    return isinstance(item, Mapping) and "role" not in item and known_part(item) is not None


def _is_role(value: Json) -> bool:
    return isinstance(value, str) and (value in ROLES or value in {"system", "user", "assistant", "tool"})


def _role(value: Json, default: str) -> str:
    named = (p.text(value) or default).removeprefix("gen_ai.").removesuffix(".message")
    low = named.lower()
    return ROLES.get(low, low if low in {"system", "user", "assistant", "tool"} else named)


def _message(said: Mapping[str, Json], default: str) -> list[Message]:
    """One message; each tool's result becomes a message of its own."""
    kind = said.get("type") if _is_role(said.get("type")) else None
    role = _role(said.get("role") or kind or _event_role(said), default)
    found: list[Part] = []
    thought = p.text(said.get("reasoning_content")) or p.text(said.get("reasoning"))
    if thought:
        found.append(p.reasoning_part(thought))
    call_id = said.get("tool_call_id")
    body = _body(said)
    if call_id is not None or (role == "tool" and not _holds_results(body)):
        failed = said.get("status") == "error"
        call_id = said.get("id") if call_id is None else call_id
        found.append(p.tool_response_part(call_id, response(body), failed=failed))
        role = "tool"
    else:
        found += parts(body)
    found += _calls(said, found)
    results = [one for one in found if one.get("type") == "tool_call_response"]
    if results and len(results) == len(found):
        return [Message(role="tool", parts=(one,)) for one in results]
    if not found and "content" not in said and "parts" not in said and "role" not in said:
        return []
    return [Message(role=role, parts=tuple(found), name=p.text(said.get("name")))]


def _event_role(said: Mapping[str, Json]) -> Json:
    """The role that an event's name gives: ``gen_ai.user.message``."""
    named = p.text(said.get("event.name")) or ""
    return named if named.endswith(".message") else None


def _body(said: Mapping[str, Json]) -> Json:
    for key in ("parts", "content", "contents", "text"):
        if said.get(key):
            return said[key]
    return said.get("content")


def _holds_results(body: Json) -> bool:
    return any(one.get("type") in ("tool_call_response", "tool_call") for one in parts(body))


def _calls(said: Mapping[str, Json], known: Sequence[Part]) -> list[Part]:
    """Tool calls that stand beside the content, unless the content has them too."""
    if any(one.get("type") == "tool_call" for one in known):
        return []
    beside = p.arr(said.get("tool_calls")) or p.arr(p.obj(said.get("additional_kwargs")).get("tool_calls"))
    found = [tool_call(item) for item in beside[: p.MAX_ITEMS] if isinstance(item, Mapping)]
    legacy = said.get("function_call")
    named = said.get("function_call_name")
    if not found and isinstance(legacy, Mapping):
        found.append(p.tool_call_part(None, legacy.get("name"), legacy.get("arguments")))
    elif not found and named:
        found.append(p.tool_call_part(None, named, said.get("function_call_arguments_json")))
    return found
