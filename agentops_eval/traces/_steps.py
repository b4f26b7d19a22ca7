"""A trace as comparable steps: what each call was, apart from what follows from earlier ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Attribute, Json, Span, StatusCode, Trace, canonical_json, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import shown
from agentops_eval.traces._draft import Ordinals
from agentops_eval.traces._ids import places_of
from agentops_eval.traces._normal import unpacked

MAX_NESTING = 200
_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")

# Fields in the order in which a difference is told: what was asked before what came back.
_FIRST = (
    sc.PROVIDER_NAME,
    sc.REQUEST_MODEL,
    sc.SYSTEM_INSTRUCTIONS,
    sc.INPUT_MESSAGES,
    "history",
    sc.TOOL_DEFINITIONS,
    sc.TOOL_CALL_ARGUMENTS,
    sc.AGENTOPS_HANDOFF_SENDER,
    sc.AGENTOPS_HANDOFF_MESSAGE,
    sc.AGENTOPS_MCP_PARAMS,
    sc.AGENTOPS_HITL_DETAILS,
    sc.URL_QUERY,
    sc.AGENTOPS_HTTP_REQUEST_BODY,
)
_LAST = (
    sc.OUTPUT_MESSAGES,
    sc.RESPONSE_FINISH_REASONS,
    sc.TOOL_CALL_RESULT,
    sc.AGENTOPS_HANDOFF_REPLY,
    sc.AGENTOPS_MCP_RESULT,
    sc.AGENTOPS_HITL_STATUS,
    sc.ERROR_TYPE,
    "status",
    "status message",
    "events",
    sc.RESPONSE_MODEL,
    sc.USAGE_INPUT_TOKENS,
    sc.USAGE_OUTPUT_TOKENS,
)
_NAMES = (sc.OPERATION_NAME, sc.TOOL_NAME, sc.AGENT_NAME, sc.AGENTOPS_HITL_ACTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call of a trace. Steps with equal ``same_as`` are the same call, if with other content.

    ``fields`` hold its content in the order in which a difference is told; ``text`` is their
    canonical spelling, equal if and only if nothing differs.
    """

    depth: int
    kind: str
    title: str
    path: str
    span: Span
    fields: Mapping[str, Json]
    text: str

    @property
    def same_as(self) -> tuple[int, str, str]:
        """What two steps share when one is a changed version of the other."""
        return (self.depth, self.kind, "" if self.kind == "llm" else self.title)


def steps_of(trace: Trace) -> list[Step]:
    """The root and every call below it, depth first. The trace is canonical."""
    position = {span.span_id: number for number, span in enumerate(trace.spans)}
    parents = [position.get(span.parent_id) for span in trace.spans]
    places = places_of(trace.spans, parents, "")
    depths: list[int] = []
    chats = Chats()
    found: list[Step] = []
    for span, parent, place in zip(trace.spans, parents, places, strict=True):
        depths.append(0 if parent is None else depths[parent] + 1)
        fields = fields_of(span, chats)
        kind, title = kind_and_title(span)
        text = canonical_json([span.name if kind != "llm" else kind, int(span.kind), dict(fields)])
        found.append(
            Step(
                depth=depths[-1],
                kind=kind,
                title=title,
                path=place.path,
                span=span,
                fields=fields,
                text=text,
            )
        )
    return found


def kind_and_title(span: Span) -> tuple[str, str]:
    """What people call a span: agent, llm, tool, human, http or step, and its name."""
    operation = span.attributes.get(sc.OPERATION_NAME)
    if operation == sc.EXECUTE_TOOL:
        return "tool", shown(span, sc.TOOL_NAME)
    if operation == sc.INVOKE_AGENT:
        return "agent", shown(span, sc.AGENT_NAME)
    if operation in sc.INFERENCE_OPERATIONS:  # what uses tokens of its own, not whatever names a provider
        return "llm", shown(span, sc.REQUEST_MODEL)
    if span.name == sc.HITL_CHECKPOINT:
        return "human", shown(span, sc.AGENTOPS_HITL_ACTION)
    if sc.HTTP_REQUEST_METHOD in span.attributes:
        method, _, path = span.name.partition(" ")
        return "http", f"{method} {shown(span, sc.SERVER_ADDRESS)}{path}"
    return "step", span.name


class Chats:
    """The histories of earlier chats, so that a chat is compared by what is new in it."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[Sequence[Json], str, Sequence[Json]]] = {}

    def new_in(self, messages: Sequence[Json], parent: str) -> tuple[str, Sequence[Json]]:
        """How the history begins, and the messages that the agent's previous chat did not have.

        A retry, whose history is that of the attempt before it, is told as that attempt was.
        """
        before = self._latest.get(parent)
        how, new = f"begins with {len(messages)} messages", messages
        if before is not None:
            known = before[0]
            if list(messages) == list(known):
                how, new = before[1:]
            elif known and list(messages[: len(known)]) == list(known):
                how, new = f"continued to {len(messages)} messages", messages[len(known) :]
        self._latest[parent] = (messages, how, new)
        return how, new


def fields_of(span: Span, chats: Chats, *, parent: str | None = None) -> dict[str, Json]:
    """What a step holds, by field. JSON in strings is read, unless its nesting could exhaust the stack.

    Chats of one ``parent`` go on from each other; without it, those of one parent id.
    """
    found: dict[str, Json] = {}
    for key, value in span.attributes.items():
        if key in _NAMES or key == sc.TOOL_CALL_ID:
            continue
        is_json = key in sc.JSON_KEYS
        inner = unpacked(value) if is_json and isinstance(value, str) and _is_shallow(value) else None
        found[key] = _json(value) if inner is None else inner
    messages = found.get(sc.INPUT_MESSAGES)
    if isinstance(messages, list):
        found["history"], found[sc.INPUT_MESSAGES] = chats.new_in(
            messages, span.parent_id if parent is None else parent
        )
    ids = Ordinals("call")
    for key in (sc.INPUT_MESSAGES, sc.OUTPUT_MESSAGES):
        if key in found:
            found[key] = _local_ids(found[key], ids)
    if span.status is StatusCode.ERROR:  # some frameworks say OK where others say nothing
        found["status"] = span.status.name
    if span.status_message:
        found["status message"] = span.status_message
    if span.events:
        found["events"] = [[event.name, _json(dict(event.attributes))] for event in span.events]
    middle = sorted(key for key in found if key not in _FIRST and key not in _LAST)
    return {key: found[key] for key in (*_FIRST, *middle, *_LAST) if key in found}


def _is_shallow(text: str) -> bool:
    """Whether JSON nests at most MAX_NESTING deep; brackets in its strings only make it seem deeper."""
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return True
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest <= MAX_NESTING


def _json(value: Attribute) -> Json:
    return to_json(value)


def _local_ids(messages: Json, ids: Ordinals) -> Json:
    """Number call ids within one chat: an inserted call must not change every chat after it."""
    if not isinstance(messages, (list, tuple)):
        return messages
    shown: list[Json] = []
    for message in messages:
        parts = message.get("parts") if isinstance(message, Mapping) else None
        if not isinstance(message, Mapping) or not isinstance(parts, list):
            shown.append(message)
            continue
        renamed: list[Json] = []
        for part in parts:
            if isinstance(part, Mapping) and isinstance(drawn := part.get("id"), str):
                renamed.append({**part, "id": ids.of(drawn)})
            else:
                renamed.append(part)
        shown.append({**message, "parts": renamed})
    return shown
