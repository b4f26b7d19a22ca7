"""One run, told in every dialect: the content that all of them share, and a builder of spans."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from agentops_eval.domain import Span, SpanEvent, SpanKind, StatusCode
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace

AGENT = "desk"
SYSTEM = "You look after orders."
ASK = "Where is order 7, and what does it cost?"
ANSWER = "It was sent; it costs 12.50 EUR."
CALLS = (("c1", "find_order", {"order": 7}), ("c2", "price", {"order": 7, "currency": "EUR"}))
RESULTS = ({"state": "sent"}, 12.5)
TOLD = tuple(json.dumps(result) for result in RESULTS)
LLM = "demo-1"
DATED = "demo-1-2026"
INPUT, OUTPUT, CACHED, REASONED = (40, 90), (20, 9), 8, 3

TRACE_ID = "ab" * 16


def spelled(value: object) -> str:
    return json.dumps(value)


def number(position: int) -> str:
    return f"{position:016x}"


class Run:
    """Builds the spans of a trace, one after the other; each begins when the one before it ended."""

    def __init__(self, scope: str = "", version: str = "", resource: Mapping[str, Any] | None = None) -> None:
        self.spans: list[SourceSpan] = []
        self.origin = Origin(scope=scope, scope_version=version, resource=resource or {})

    def add(
        self,
        name: str,
        attributes: Mapping[str, Any] | None = None,
        *,
        parent: SourceSpan | None = None,
        events: Iterable[SpanEvent] = (),
        scope: str | None = None,
        version: str = "",
        status: StatusCode = StatusCode.UNSET,
        times: tuple[int, int] | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> SourceSpan:
        position = len(self.spans) + 1
        start, end = times or (position * 100, position * 100 + 90)
        span = Span(
            name=name,
            trace_id=TRACE_ID,
            span_id=number(position),
            parent_id="" if parent is None else parent.span.span_id,
            kind=kind,
            start_ns=start,
            end_ns=end,
            attributes={key: value for key, value in (attributes or {}).items() if value is not None},
            events=tuple(events),
            status=status,
        )
        origin = self.origin if scope is None else Origin(scope=scope, scope_version=version)
        self.spans.append(SourceSpan(span=span, origin=origin))
        return self.spans[-1]

    @property
    def trace(self) -> SourceTrace:
        return SourceTrace(trace_id=TRACE_ID, spans=tuple(self.spans))


def event(name: str, **attributes: Any) -> SpanEvent:
    return SpanEvent(
        name=name, attributes={key: value for key, value in attributes.items() if value is not None}
    )


# -- the conversation, as the conventions and as OpenAI have it ---------------------------------


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


ASKED_PARTS = [{"role": "user", "parts": [text(ASK)]}]
CALL_PARTS = [{"type": "tool_call", "id": i, "name": n, "arguments": a} for i, n, a in CALLS]
RESULT_PARTS = [
    {"type": "tool_call_response", "id": call[0], "response": told}
    for call, told in zip(CALLS, TOLD, strict=True)
]
CALL_MESSAGE = {"role": "assistant", "parts": CALL_PARTS}
ANSWER_MESSAGE = {"role": "assistant", "parts": [text(ANSWER)]}
HISTORY_PARTS = [*ASKED_PARTS, CALL_MESSAGE, {"role": "tool", "parts": RESULT_PARTS}]

OPENAI_CALLS = [
    {"id": i, "type": "function", "function": {"name": n, "arguments": json.dumps(a)}} for i, n, a in CALLS
]
OPENAI_ASKED = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": ASK}]
OPENAI_HISTORY = [
    *OPENAI_ASKED,
    {"role": "assistant", "content": None, "tool_calls": OPENAI_CALLS},
    *({"role": "tool", "tool_call_id": c[0], "content": t} for c, t in zip(CALLS, TOLD, strict=True)),
]
SCHEMA = {"type": "object", "properties": {"order": {"type": "integer"}}}
TOOLS = [{"type": "function", "function": {"name": "find_order", "parameters": SCHEMA}}]


def flat(prefix: str, value: Any) -> dict[str, Any]:
    """A tree as dotted attributes: ``prefix.0.key``."""
    if isinstance(value, dict):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return {} if value is None else {prefix: value}
    return {key: leaf for name, item in pairs for key, leaf in flat(f"{prefix}.{name}", item).items()}
