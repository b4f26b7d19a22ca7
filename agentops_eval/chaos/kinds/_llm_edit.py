"""An llm's answer, changed: in its documents where they are, or read and written anew in its dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentops_eval.chaos.kinds._body_edit import Body, Edit
from agentops_eval.chaos.kinds._values import Impossible
from agentops_eval.domain import Call, Chunk, HttpRequest, Json, KeptBody
from agentops_eval.traces.llm import LlmCall, parse_llm_call
from agentops_eval.traces.llm.writing import LlmReply, ToolAsk, compact, written

Change = Callable[[dict[str, Json]], bool]
"""Changes one JSON document of a reply in place; tells whether it did."""

Rewording = Callable[[LlmReply], LlmReply]
"""Gives another answer. Raises Impossible."""

_EVENTS = re.compile(rb".+?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)
_DATA_LINES = re.compile(rb"(?:^data:[^\r\n]*(?:\r\n|\n|\r)?)+", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TornAsk(ToolAsk):
    """A tool that is asked for with arguments whose text is no JSON any more."""

    torn: str = ""

    @property
    def text(self) -> str:
        """What is left of the arguments' text."""
        return self.torn


# -- documents in place -----------------------------------------------------------------------


def in_documents(change: Change, nothing: str) -> Edit:
    """An edit that changes each document of a reply; ``nothing`` says why it is impossible where none was."""

    def edit(body: Body) -> Sequence[bytes]:
        changed = [False]
        if body.streamed:
            made = [_event(raw, change, changed) for raw in _EVENTS.findall(body.data)]
        else:
            made = [_whole(body.data, change, changed)]
        if not changed[0]:
            raise Impossible(nothing)
        return made

    return edit


def _event(raw: bytes, change: Change, changed: list[bool]) -> bytes:
    found = _DATA_LINES.search(raw)
    if found is None:
        return raw
    text = b"\n".join(line[5:].strip() for line in found[0].splitlines())
    document = _object(text)
    if document is None or not change(document):
        return raw
    changed[0] = True
    tail = re.search(rb"[\r\n]*\Z", found[0])
    assert tail is not None
    data = b"data: " + compact(document).encode(errors="replace") + tail[0]
    return raw[: found.start()] + data + raw[found.end() :]


def _whole(data: bytes, change: Change, changed: list[bool]) -> bytes:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise Impossible("the reply was no JSON document") from None
    documents = told if isinstance(told, list) else [told]  # Gemini streams a list where nobody asked for SSE
    for document in documents:
        if isinstance(document, dict) and change(document):
            changed[0] = True
    return compact(told).encode(errors="replace") if changed[0] else data


def _object(text: bytes) -> dict[str, Json] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def parts_of(document: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The objects of a document that tell of the llm and its usage: itself, and the reply within an event."""
    yield document
    for name in ("response", "message"):
        inner = document.get(name)
        if isinstance(inner, dict):
            yield inner


def renamed(name: str) -> Change:
    """Says that another llm answered."""

    def change(document: dict[str, Json]) -> bool:
        found = False
        for part in parts_of(document):
            for key in ("model", "modelVersion"):
                if isinstance(part.get(key), str):
                    part[key], found = name, True
        return found

    return change


def costlier(factor: float) -> Change:
    """Multiplies every count of tokens."""

    def change(document: dict[str, Json]) -> bool:
        found = False
        for part in parts_of(document):
            for key in ("usage", "usageMetadata"):
                usage = part.get(key)
                if isinstance(usage, dict):
                    part[key], found = _times(usage, factor), True
        return found

    return change


def _times(value: Json, factor: float) -> Json:
    if isinstance(value, Mapping):
        return {key: _times(one, factor) for key, one in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return round(value * factor)
    return value


# -- read and written anew --------------------------------------------------------------------


def reworded(call: Call, change: Rewording) -> Edit:
    """An edit that reads an llm's answer, has it changed, and writes it in the dialect that was asked in.

    What is no text, no tool that is asked for and no count (thoughts, citations) is left out.
    """
    request = call.request
    assert isinstance(request, HttpRequest)

    def edit(body: Body) -> Sequence[bytes]:
        head = replace(body.head, headers=(("content-type", _kind(body)),))
        whole = replace(head, body=KeptBody(chunks=(Chunk(body.data),)), stages=())
        told = parse_llm_call(request, whole)
        if told is None or not told.complete or told.error_type is not None:
            raise Impossible("the reply was no whole answer of an llm")
        pieces = written(request, change(said(told)), streamed=body.streamed)
        if not pieces:
            raise Impossible("the dialect of the reply is not known")
        return pieces

    return edit


def _kind(body: Body) -> str:
    return "text/event-stream" if body.streamed else "application/json"


def said(told: LlmCall) -> LlmReply:
    """What an llm answered, as it may be written again."""
    texts: list[str] = []
    asks: list[ToolAsk] = []
    for message in told.output_messages[:1]:
        for part in message.parts:
            if part.get("type") == "text":
                texts.append(str(part.get("content") or ""))
            elif part.get("type") == "tool_call":
                asks.append(_ask(part, len(asks)))
    return LlmReply(
        id=told.response_id or "reply",
        llm=told.response_model or told.request_model or "",
        text="".join(texts),
        asks=tuple(asks),
        usage=told.usage,
    )


def _ask(part: Mapping[str, Json], number: int) -> ToolAsk:
    name, id_ = str(part.get("name") or ""), str(part.get("id") or f"call_{number}")
    arguments = part.get("arguments")
    if isinstance(arguments, Mapping):
        return ToolAsk(name=name, arguments=arguments, id=id_)
    return TornAsk(name=name, id=id_, torn=str(arguments or ""))
