"""A first draft of a scenario from what a run did; a person decides what it should have done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentops_eval.domain import Json, Span, Trace, literal
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._tool_calls import tool_arguments, tool_spans_of
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._wire import load_json


def draft_scenario(trace: Trace, *, name: str) -> dict[str, Json] | None:
    """What was asked, which tools ran with which arguments, and what was answered; None where nobody asked.

    The trace is essential: one in the conventions' words, without spans that only wrap others. Tools
    stand in the order in which they began.
    """
    asked = list(_asked(trace))
    if not asked:
        return None
    expected: dict[str, Json] = {"tools": [_tool(span) for span in tool_spans_of(trace)]}
    answer = _answer(trace)
    if answer:
        expected["answer"] = answer
    return {
        "id": name,
        "input": asked[0] if len(asked) == 1 else list[Json](asked),
        "expect": expected,
        "tags": ["imported"],
        "source": f"trace {trace.trace_id}",
    }


def _chats(trace: Trace) -> list[Span]:
    chats = (span for span in trace.spans if span.attributes.get(sc.OPERATION_NAME) in sc.LLM_OPERATIONS)
    return sorted(chats, key=lambda span: span.start_ns)


def _messages(span: Span, key: str) -> Iterator[Mapping[str, Json]]:
    value = span.attributes.get(key)
    for item in p.arr(load_json(value) if isinstance(value, str) else None):
        yield p.obj(item)


def _text(message: Mapping[str, Json]) -> str:
    parts = (p.obj(part) for part in p.arr(message.get("parts")))
    said = (part.get("content") for part in parts if part.get("type") == "text")
    return "\n".join(text for text in said if isinstance(text, str) and text)


def _asked(trace: Trace) -> Iterator[str]:
    """What users said, from the longest history of the first agent that talks to an llm."""
    chats = _chats(trace)
    same = [span for span in chats if span.parent_id == chats[0].parent_id]
    histories = [
        [
            text
            for message in _messages(span, sc.INPUT_MESSAGES)
            if _is_user(message) and (text := _text(message))
        ]
        for span in same
    ]
    yield from max(histories, key=len, default=[])


def _is_user(message: Mapping[str, Json]) -> bool:
    return message.get("role") == "user"


def _answer(trace: Trace) -> str:
    """The last text that an llm gave whose agent stands highest."""
    chats = _chats(trace)
    same = [span for span in chats if span.parent_id == chats[0].parent_id]
    said = [text for span in same if (text := said_in(span))]
    return said[-1] if said else ""


def said_in(span: Span) -> str:
    """What an llm said last in a call; empty where it said nothing, or the trace does not hold it."""
    said = [text for message in _messages(span, sc.OUTPUT_MESSAGES) if (text := _text(message))]
    return said[-1] if said else ""


def _tool(span: Span) -> Json:
    """An argument that could be read as a condition is written such that it stands for itself."""
    arguments = tool_arguments(span)
    found: dict[str, Json] = {"name": str(span.attributes.get(sc.TOOL_NAME, ""))}
    if arguments is None:
        return found
    return {**found, "arguments": {name: literal(value) for name, value in arguments.items()}}
