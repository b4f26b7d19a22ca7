"""Reading foreign JSON without trust, and writing the conventions' message parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agentops_eval.domain import Attribute, Json
from agentops_eval.traces._text import well_formed
from agentops_eval.traces.llm._call import Message, Part
from agentops_eval.traces.llm._wire import load_json

MAX_ITEMS = 4096
"""Messages of a call, parts of a message, tools: what lies beyond is replaced by a count."""

_EMPTY: Mapping[str, Json] = {}
_INT64 = 2**63


def obj(value: Json) -> Mapping[str, Json]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, (dict, Mapping)) else _EMPTY


def arr(value: Json) -> Sequence[Json]:
    """The value where it is an array, else an empty one."""
    return value if isinstance(value, (list, tuple, Sequence)) and not isinstance(value, str) else ()


def text(value: Json) -> str | None:
    """The value where it is a string that holds something."""
    return well_formed(value) if isinstance(value, str) and value else None


def count(value: Json) -> int | None:
    """The value where it is a count: a whole number from 0 that fits 64 bits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _INT64:
        return None
    return value


def number(value: Json) -> int | float | None:
    """The value where it is a number that an attribute can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if isinstance(value, float) or -_INT64 <= value < _INT64 else None


def capped(items: Sequence[Json]) -> tuple[Sequence[Json], int]:
    """The first MAX_ITEMS items and how many more there were."""
    return items[:MAX_ITEMS], max(0, len(items) - MAX_ITEMS)


def parameters(asked: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Attribute]:
    """Request parameters by attribute name: numbers, strings, booleans and lists of strings."""
    found: dict[str, Attribute] = {}
    for key, name in names.items():
        value = asked.get(key)
        if isinstance(value, (bool, str)):
            found[name] = value
        elif isinstance(value, (int, float)):
            found[name] = number(value)
        elif arr(value):
            found[name] = tuple(item for item in arr(value)[:MAX_ITEMS] if isinstance(item, str))
    return {key: value for key, value in found.items() if value not in {None, "", ()}}


def text_part(content: str) -> Part:
    """What was said."""
    return {"type": "text", "content": well_formed(content)}


def reasoning_part(content: str) -> Part:
    """What was thought, where the provider shows it."""
    return {"type": "reasoning", "content": well_formed(content)}


def tool_call_part(call_id: Json, name: Json, arguments: Json) -> Part:
    """A call that the llm asks for; arguments given as JSON text are read, whatever their spelling."""
    if isinstance(arguments, str):
        read = load_json(arguments)
        arguments = well_formed(arguments) if read is None else read
    part: dict[str, Json] = {"type": "tool_call", "name": text(name) or "", "arguments": arguments}
    identity = text(call_id)
    return part if identity is None else {**part, "id": identity}


def tool_response_part(call_id: Json, response: Json, *, failed: bool = False) -> Part:
    """What a tool answered, as it goes back to the llm."""
    part: dict[str, Json] = {"type": "tool_call_response", "response": response}
    identity = text(call_id)
    if identity is not None:
        part["id"] = identity
    if failed:
        part["is_error"] = True
    return part


def media_part(modality: str, url: str, mime_type: str | None = None) -> Part:
    """An image, sound or file by its address; ``data:`` addresses become blobs."""
    if url.startswith("data:"):
        head, _, content = url[5:].partition(",")
        return blob_part(modality, content, head.removesuffix(";base64") or mime_type)
    part: dict[str, Json] = {"type": "uri", "modality": modality, "uri": url}
    return part if mime_type is None else {**part, "mime_type": mime_type}


def blob_part(modality: str, content: str, mime_type: str | None = None) -> Part:
    """An image, sound or file by its bytes in base64."""
    part: dict[str, Json] = {"type": "blob", "modality": modality, "content": content}
    return part if mime_type is None else {**part, "mime_type": mime_type}


def generic_part(item: Json, *, drop: Sequence[str] = ("id",)) -> Part:
    """A part of a type that the conventions do not have, without what changes in every run."""
    if not isinstance(item, Mapping):
        return {"type": "generic", "value": item}
    return {"type": "generic", **{key: value for key, value in item.items() if key not in drop}}


def skipped_part(how_many: int) -> Part:
    """Says how many parts or messages were left out because there were too many."""
    return {"type": "generic", "left_out": how_many}


def parts_of(value: Json, read: Callable[[Mapping[str, Json]], Part]) -> list[Part]:
    """The parts of a content: a string, or a list of which ``read`` understands each."""
    if isinstance(value, str):
        return [text_part(value)] if value else []
    items, skipped = capped(arr(value))
    parts = [read(item) if isinstance(item, Mapping) else generic_part(item) for item in items]
    return [*parts, skipped_part(skipped)] if skipped else parts


def with_skipped(messages: list[Message], how_many: int) -> tuple[Message, ...]:
    """The messages, and a note where some were left out."""
    if how_many:
        messages = [*messages, Message(role="system", parts=(skipped_part(how_many),))]
    return tuple(messages)


def function_tool(name: Json, description: Json, schema: Json) -> Json:
    """A tool definition in the conventions' schema."""
    tool: dict[str, Json] = {"type": "function", "name": text(name) or ""}
    if text(description) is not None:
        tool["description"] = text(description)
    if schema is not None:
        tool["parameters"] = schema
    return tool


def total(*counts: int | None) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [one for one in counts if one is not None]
    return sum(known) if known else None
