"""A trace as text in which nothing is left out: for reading, and for a diff of two versions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from agentops_eval.domain import Json, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._describe import field_name
from agentops_eval.traces._normal import canonical
from agentops_eval.traces._steps import Step, steps_of
from agentops_eval.traces._text import printable

WIDTH = 60
"""Longer texts are broken at words; a backslash ends a line that goes on."""

_UNQUOTED = frozenset('\n"\\')
_REPEATED = ("system", "tools")
_CALLED = {
    sc.TOOL_CALL_ARGUMENTS: "arguments",
    sc.TOOL_CALL_RESULT: "result",
    sc.AGENTOPS_HANDOFF_MESSAGE: "message",
    sc.AGENTOPS_HANDOFF_REPLY: "reply",
    sc.AGENTOPS_MCP_PARAMS: "params",
    sc.AGENTOPS_MCP_RESULT: "result",
}


def full_lines(trace: Trace) -> Iterator[str]:
    """Every call with all that a golden holds of it.

    Ids and the logical clock are left out, for they follow from the rest, and so are the calls'
    numbers: one more call would change all lines after it. Of a chat only what
    its agent's earlier chats did not have is shown.
    """
    before: dict[str, Mapping[str, Json]] = {}
    for number, step in enumerate(steps_of(canonical(trace))):
        if number:
            yield ""
        indent, content = "  " * step.depth, content_of(step)
        same: set[str] = set()
        if step.kind == "llm":
            known = before.get(step.span.parent_id, {})
            same = {name for name in _REPEATED if name in content and known.get(name) == content[name]}
            before[step.span.parent_id] = content
        yield f"{indent}{step.kind} {printable(step.title)}".rstrip()
        for name, value in content.items():
            lines = [f"{name}: (as before)"] if name in same else _lines({name: value})
            yield from (f"{indent}  {line}" if line else "" for line in lines)


def content_of(step: Step) -> Mapping[str, Json]:
    """What a call asked and what came back, by names that people know."""
    found: dict[str, Json] = {}
    for key, value in step.fields.items():
        if key == "history":
            continue  # follows from the messages
        if key == sc.INPUT_MESSAGES:
            continued = str(step.fields.get("history", "")).startswith("continued")
            found["messages, continued" if continued else "messages"] = _said(value)
        elif key == sc.OUTPUT_MESSAGES:
            found["answer"] = _said(value)
        elif key == sc.SYSTEM_INSTRUCTIONS:
            found["system"] = _single([_part(part) for part in _list(value)])
        else:
            name = _CALLED.get(key) or field_name(key)
            found[key if name in found else name] = value  # an HTTP call has two that are called status
    return found


def _said(messages: Json) -> Json:
    """Messages as ``role: what was said``."""
    return [_message(message) if isinstance(message, Mapping) else message for message in _list(messages)]


def _message(message: Mapping[str, Json]) -> Json:
    parts = _single([_part(part) for part in _list(message.get("parts"))])
    rest = {key: value for key, value in message.items() if key not in {"role", "parts"}}
    return {str(message.get("role", "")): parts, **rest}


def _part(part: Json) -> Json:
    """A text as such, a tool call under its name, its result under the call's id; all else as it is."""
    if not isinstance(part, Mapping):
        return part
    rest = {key: value for key, value in part.items() if key != "type"}
    kind = part.get("type")
    if kind == "text" and set(rest) == {"content"}:
        return rest["content"]
    if kind == "tool_call" and "name" in rest:
        return {f"calls {rest.pop('name')}": rest.pop("arguments", None), **rest}
    if kind == "tool_call_response" and "id" in rest and "response" in rest:
        return {f"result of {rest.pop('id')}": rest.pop("response"), **rest}
    return dict(part)


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else () if value is None else (value,)


def _single(items: list[Json]) -> Json:
    return items[0] if len(items) == 1 else items


def _lines(value: Json) -> Iterator[str]:
    """A value over several lines, every part of it on a line of its own."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(f"{printable(str(key))}: ", item)
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            first, *more = _lines(item) if _nested(item) else _entry("", item)
            yield f"- {first}"
            yield from map(_inward, more)
    else:
        yield printable(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _nested(value: Json) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and bool(value)


def _entry(name: str, value: Json) -> Iterator[str]:
    """A named value: on one line where it is short, else in a block below its name."""
    if isinstance(value, str) and ((len(value) > WIDTH and " " in value) or _UNQUOTED & {*value}):
        yield f"{name}|"
        yield from (_inward(line) for text in value.split("\n") for line in _broken(text))
    elif _nested(value):
        yield name.rstrip()
        yield from map(_inward, _lines(value))
    else:
        yield from (f"{name}{line}" for line in _lines(value))


def _inward(line: str) -> str:
    return f"  {line}" if line else ""


def _broken(text: str) -> Iterator[str]:
    """A line in parts that fit. Every character is kept, so that nothing equals what differs."""
    rest = printable(text)
    while len(rest) > WIDTH:
        cut = rest.rfind(" ", 0, WIDTH) + 1 or rest.find(" ") + 1
        if cut in (0, len(rest)):  # one long word: base64, a hash
            break
        yield f"{rest[:cut]}\\"
        rest = rest[cut:]
    yield rest
