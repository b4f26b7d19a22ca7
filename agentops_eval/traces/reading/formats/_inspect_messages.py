"""inspect_ai's messages: contents, attachments that they quote, the pool that they may stand in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Json
from agentops_eval.traces._text import map_strings
from agentops_eval.traces.llm import Message, Part
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading.formats._media import bounded, bounded_part
from agentops_eval.traces.reading.formats._play import Line
from agentops_eval.traces.reading.formats._script import Complain, Failed

_ERROR = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,80}(?:Error|Exception|Timeout|Interrupt|Exit|Group))\b")
_QUOTES = ("attachment://", "tc://")
_MEDIA = {"image": "image", "audio": "audio", "video": "video", "document": "file"}


@dataclass(slots=True, kw_only=True)
class Pool:
    """What the messages of one sample share. A message is read once, however many calls quote it."""

    attachments: Mapping[str, Json]
    messages: Sequence[Json]
    complain: Complain
    _known: dict[int, tuple[Json, Line]] = field(default_factory=dict)
    _missing: set[str] = field(default_factory=set)

    def line(self, value: Json) -> Line:
        """A message, with what stands beside it."""
        known = self._known.get(id(value))
        if known is None:
            line = self._line(p.obj(value))
            known = self._known[id(value)] = value, line
        return known[1]

    def input(self, event: Mapping[str, Json]) -> tuple[Message, ...]:
        """What an llm was told: in the event itself, or by places in the pool."""
        refs = p.arr(event.get("input_refs"))
        said = p.arr(event.get("input")) or [one for ref in refs for one in self._range(p.arr(ref))]
        lines = (self.line(value) for value in said[: p.MAX_ITEMS])
        return p.with_skipped([line.message for line in lines], max(0, len(said) - p.MAX_ITEMS))

    def resolved(self, value: Json) -> Json:
        """A value with its attachments in place."""
        return map_strings(value, self.text)

    def text(self, value: str) -> str:
        """A text, or the attachment that it quotes."""
        prefix = next((mark for mark in _QUOTES if value.startswith(mark)), "")
        if not prefix or len(value) > 200:
            return value
        name = value[len(prefix) :]
        found = self.attachments.get(name)
        if not isinstance(found, str):
            if name not in self._missing:
                self._missing.add(name)
                self.complain(f"the attachment {name} is not there: what it held is unknown")
            return value
        return found

    def content(self, value: Json) -> list[Part]:
        """The parts of a content."""
        if isinstance(value, str):
            return p.parts_of(self.text(value), self._part)
        return p.parts_of(value, self._part)

    def result(self, value: Json) -> Json:
        """What a tool answered: its text, or parts where there is more than text."""
        if isinstance(value, str):
            return self.text(value)
        if not p.arr(value) and not p.obj(value):
            return value
        parts = [bounded_part(part) for part in self.content(value if p.arr(value) else [value])]
        if all(part.get("type") == "text" for part in parts):
            return "".join(str(part.get("content")) for part in parts)
        return parts

    # -- parts ------------------------------------------------------------------------------

    def _range(self, ref: Sequence[Json]) -> Sequence[Json]:
        bounds = [p.count(one) for one in ref]
        if len(bounds) != 2 or bounds[0] is None or bounds[1] is None:
            return ()
        if bounds[1] > len(self.messages) and "pool" not in self._missing:
            self._missing.add("pool")
            self.complain(f"input_refs: the pool holds {len(self.messages)} messages, and not {bounds[1]}")
        return self.messages[bounds[0] : min(bounds[1], bounds[0] + p.MAX_ITEMS)]

    def _line(self, said: Mapping[str, Json]) -> Line:
        role = p.text(said.get("role")) or "user"
        if role == "tool":
            return self._tool(said)
        parts = [*self._thought(said), *self.content(said.get("content")), *self._calls(said)]
        return Line(message=bounded(Message(role=role, parts=tuple(parts))))

    def _tool(self, said: Mapping[str, Json]) -> Line:
        failed = failure(said.get("error")) or failure(said.get("tool_error"))
        result = self.result(said.get("content"))
        if failed is not None and result in (None, "", []):
            result = failed.message
        part = p.tool_response_part(said.get("tool_call_id"), result, failed=failed is not None)
        name = p.text(said.get("function")) or ""
        return Line(message=Message(role="tool", parts=(part,)), tool=name, failed=failed)

    def _thought(self, said: Mapping[str, Json]) -> list[Part]:
        """Reasoning as logs of 2025 keep it, beside the content."""
        thought = p.text(said.get("reasoning"))
        return [p.reasoning_part(self.text(thought))] if thought else []

    def _calls(self, said: Mapping[str, Json]) -> list[Part]:
        found: list[Part] = []
        for value in p.arr(said.get("tool_calls"))[: p.MAX_ITEMS]:
            call = p.obj(value)
            arguments = self.resolved(call.get("arguments"))
            found.append(p.tool_call_part(call.get("id"), call.get("function"), arguments or {}))
        return found

    def _part(self, item: Mapping[str, Json]) -> Part:
        kind = p.text(item.get("type")) or ""
        if kind == "text":
            return p.text_part(self.text(p.text(item.get("text")) or ""))
        if kind == "reasoning":
            hidden = item.get("redacted") is True
            thought = p.text(item.get("summary")) if hidden else p.text(item.get("reasoning"))
            return p.reasoning_part(self.text(thought or ""))
        if kind in _MEDIA:
            return self._media(item, kind)
        if kind == "tool_use":
            called = {"name": item.get("name"), "input": self.resolved(item.get("arguments"))}
            return {
                "type": "server_tool_call",
                "name": p.text(item.get("name")) or "",
                "server_tool_call": called,
            }
        return p.generic_part(p.obj(self.resolved(item)), drop=("id", "internal"))

    def _media(self, item: Mapping[str, Json], kind: str) -> Part:
        address = self.text(p.text(item.get(kind)) or "")
        mime_type = p.text(item.get("mime_type")) or p.text(item.get("format"))
        return p.media_part(_MEDIA[kind], address, mime_type)


def failure(value: Json) -> Failed | None:
    """An error as a tool's message or event tells it."""
    if isinstance(value, str) and value:
        return Failed(type="unknown", message=value)
    told = p.obj(value)
    if not told:
        return None
    return Failed(type=p.text(told.get("type")) or "unknown", message=p.text(told.get("message")) or "")


def error_name(message: str) -> str:
    """The exception's class, as a message such as ``ValueError('no')`` names it."""
    found = _ERROR.match(message)
    return found[1] if found else "_OTHER"
