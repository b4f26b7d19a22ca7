"""The per-message events that the conventions gave up, and that several frameworks still write."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Attribute, Json, SpanEvent
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import _parts as p

CHOICE = "gen_ai.choice"
_ASKED = {f"gen_ai.{role}.message" for role in ("system", "user", "assistant", "tool")}
_CONTENT = {"gen_ai.content.prompt": "gen_ai.prompt", "gen_ai.content.completion": "gen_ai.completion"}


def tells(event: SpanEvent) -> bool:
    """Whether an event is one message of a call."""
    return event.name in _ASKED or event.name == CHOICE or event.name in _CONTENT


def heard(reader: Reader) -> None:
    """Read the events of a span, log records included, as the call's messages."""
    asked: list[Json] = []
    answered: list[Json] = []
    reasons: list[str] = []
    for event in reader.source.span.events[: p.MAX_ITEMS]:
        if event.name in _CONTENT:
            said = v.loose(event.attributes.get(_CONTENT[event.name]))
            (asked if event.name.endswith("prompt") else answered).append(said)
        elif event.name in _ASKED:
            asked.append({"event.name": event.name, **_body(event.attributes)})
        elif event.name == CHOICE:
            body = _body(event.attributes)
            answered.append(choice(body))
            reasons += [reason] if (reason := p.text(body.get("finish_reason"))) else []
    reader.ask(asked)
    reader.answer(answered)
    if reasons and sc.RESPONSE_FINISH_REASONS not in reader.found:
        reader.put(sc.RESPONSE_FINISH_REASONS, tuple(reasons))


def choice(body: Mapping[str, Json]) -> Json:
    """What a choice says: its message, which may be text, parts, or a message."""
    said = v.loose(body.get("message"))
    if isinstance(said, Mapping):
        beside = {key: body[key] for key in ("tool_calls", "role") if key in body and key not in said}
        return {"role": "assistant", **said, **beside}
    whole: dict[str, Json] = {"role": "assistant"}
    whole["content"] = body.get("message") if said is not None else body.get("content")
    return whole if "tool_calls" not in body else {**whole, "tool_calls": v.loose(body["tool_calls"])}


def told_by_events(reader: Reader, value: Json) -> None:
    """Read the list of such events that pydantic-ai keeps in one attribute."""
    asked: list[Json] = []
    answered: list[Json] = []
    for item in p.arr(value)[: p.MAX_ITEMS]:
        body = p.obj(item)
        if body.get("event.name") == CHOICE:
            answered.append(choice(body))
        else:
            asked.append(body)
    reader.ask(asked)
    reader.answer(answered)


def chunks(reader: Reader) -> None:
    """Some note each chunk of a stream as an event, which says that there was a stream."""
    if any(event.name.endswith(".completion.chunk") for event in reader.source.span.events):
        reader.put(sc.REQUEST_STREAM, "true")


def _body(attributes: Mapping[str, Attribute]) -> dict[str, Json]:
    """What the event says, in its attributes or in the body of the log record."""
    body = v.loose(attributes.get(sc.AGENTOPS_LOG_BODY))
    said = {key: v.loose(value) if key == "tool_calls" else _same(value) for key, value in attributes.items()}
    said.pop(sc.AGENTOPS_LOG_BODY, None)
    said.pop("event.name", None)
    if isinstance(body, Mapping):
        said.update(body)
    elif body is not None:
        said.setdefault("content", body)
    return said


def _same(value: Attribute) -> Json:
    return value if isinstance(value, str) else v.loose(value)
