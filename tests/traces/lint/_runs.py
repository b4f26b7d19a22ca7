"""A run that breaks no rule, and ways to spoil it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from agentops_eval.domain import Span, SpanEvent, SpanKind, StatusCode
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.lint import LintConfig, LintReport, lint
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace

TRACE_ID = "ab" * 16
DAY_MS = 86_400_000
MS = 1_000_000
IDS = {
    name: f"{number + 1:016x}"
    for number, name in enumerate("agent plan chat human tool served again billing more".split())
}
AGENT = IDS["agent"]
CALL = {"type": "tool_call", "id": "c1", "name": "refund", "arguments": {"order": 7}}
ASKED = [{"role": "user", "parts": [{"type": "text", "content": "Pay order 7 back."}]}]
ANSWER = [{"role": "assistant", "parts": [CALL]}]
TOLD = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": '"paid"'}]}
SAID = [{"role": "assistant", "parts": [{"type": "text", "content": "Done."}]}]


def spelled(value: object) -> str:
    return json.dumps(value)


CHAT: dict[str, Any] = {
    sc.OPERATION_NAME: sc.CHAT,
    sc.PROVIDER_NAME: "openai",
    sc.REQUEST_MODEL: "large",
    sc.REQUEST_STREAM: True,
    sc.RESPONSE_MODEL: "large-2026-01-01",
    sc.RESPONSE_TIME_TO_FIRST_CHUNK: 0.2,
    sc.RESPONSE_FINISH_REASONS: ("tool_call",),
    sc.USAGE_INPUT_TOKENS: 40,
    sc.USAGE_OUTPUT_TOKENS: 9,
    sc.USAGE_REASONING: 3,
    sc.AGENTOPS_COST_AMOUNT: 0.25,
    sc.AGENTOPS_COST_CURRENCY: "USD",
}
ATTRIBUTES: Mapping[str, dict[str, Any]] = {
    "agent": {
        sc.OPERATION_NAME: sc.INVOKE_AGENT,
        sc.AGENT_NAME: "desk",
        sc.CONVERSATION_ID: "k1",
        sc.AGENTOPS_CONFIDENCE: 0.9,
        sc.USAGE_INPUT_TOKENS: 80,
        sc.AGENTOPS_AUTHORITY: "u-1",
    },
    "chat": {
        **CHAT,
        sc.RESPONSE_ID: "r1",
        sc.INPUT_MESSAGES: spelled(ASKED),
        sc.OUTPUT_MESSAGES: spelled(ANSWER),
        sc.AGENTOPS_DECISION_TYPE: "tool",
        sc.AGENTOPS_DECISION_OPTIONS: ("refund", "refuse"),
        sc.AGENTOPS_DECISION_CHOSEN: "refund",
        sc.AGENTOPS_DECISION_REASON: "it arrived broken",
        sc.AGENTOPS_DECISION_CONFIDENCE: 0.8,
    },
    "human": {
        sc.AGENTOPS_HITL_REQUIRED: True,
        sc.AGENTOPS_HITL_ACTION: "refund",
        sc.AGENTOPS_HITL_STATUS: "approved",
        sc.AGENTOPS_HITL_DETAILS: spelled({"order": 7}),
        sc.AGENTOPS_HITL_APPROVER_HASH: "9f2c41",
    },
    "tool": {
        sc.OPERATION_NAME: sc.EXECUTE_TOOL,
        sc.TOOL_NAME: "refund",
        sc.TOOL_CALL_ID: "c1",
        sc.TOOL_CALL_ARGUMENTS: spelled({"order": 7}),
        sc.TOOL_CALL_RESULT: '"paid"',
        sc.AGENTOPS_TOOL_EFFECT: "destructive",
        sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY: "refund-7",
    },
    "served": {sc.OPERATION_NAME: sc.EXECUTE_TOOL, sc.MCP_METHOD_NAME: "tools/call", sc.TOOL_NAME: "refund"},
    "again": {
        **CHAT,
        sc.RESPONSE_ID: "r2",
        sc.RESPONSE_FINISH_REASONS: ("stop",),
        sc.INPUT_MESSAGES: spelled([*ASKED, *ANSWER, TOLD]),
        sc.OUTPUT_MESSAGES: spelled(SAID),
    },
    "billing": {
        sc.OPERATION_NAME: sc.INVOKE_AGENT,
        sc.AGENT_NAME: "billing",
        sc.CONVERSATION_ID: "k1",
        sc.AGENTOPS_HANDOFF_SENDER: "desk",
    },
}
NAMES = {
    "agent": "invoke_agent desk",
    "chat": "chat large",
    "human": sc.HITL_CHECKPOINT,
    "tool": "execute_tool refund",
    "served": "tools/call refund",
    "again": "chat large",
    "billing": "invoke_agent billing",
}
KINDS = {"chat": SpanKind.CLIENT, "again": SpanKind.CLIENT, "served": SpanKind.SERVER}
TIMES = {
    "agent": (0, 1000),
    "chat": (10, 100),
    "human": (110, 200),
    "tool": (210, 300),
    "served": (220, 290),
    "again": (310, 400),
    "billing": (410, 500),
}  # in ms
EVALUATION = SpanEvent(
    name=sc.EVALUATION_RESULT,
    attributes={sc.EVALUATION_NAME: "relevance", sc.EVALUATION_SCORE_VALUE: 0.7},
)


class Run:
    """The spans by name, to be changed one by one."""

    def __init__(self) -> None:
        self.resource: dict[str, Any] = {sc.SERVICE_NAME: "shop"}
        self.spans: dict[str, Span] = {}
        for name, attributes in ATTRIBUTES.items():
            start, end = TIMES[name]
            self.spans[name] = Span(
                name=NAMES[name],
                trace_id=TRACE_ID,
                span_id=IDS[name],
                parent_id={"agent": "", "served": IDS["tool"]}.get(name, AGENT),
                kind=KINDS.get(name, SpanKind.INTERNAL),
                start_ns=(DAY_MS + start) * MS,
                end_ns=(DAY_MS + end) * MS,
                attributes=attributes,
                events=(EVALUATION,) if name == "agent" else (),
            )

    def set(self, which: str, values: Mapping[str, Any] | None = None, /, **fields: Any) -> Run:
        """Change attributes of a span, None taking one away, or its fields."""
        span = self.spans[which]
        merged = {**span.attributes, **(values or {})}
        kept = {key: value for key, value in merged.items() if value is not None}
        self.spans[which] = replace(span, attributes=kept, **fields)
        return self

    def without(self, *names: str) -> Run:
        """Leave spans out."""
        for name in names:
            del self.spans[name]
        return self

    def add(self, like: str, values: Mapping[str, Any] | None = None, /, **fields: Any) -> Run:
        """One more span, like another."""
        self.spans["more"] = replace(self.spans[like], **{"span_id": IDS["more"], **fields})
        return self.set("more", values)

    def at(self, name: str, start_ms: int, end_ms: int) -> Run:
        """Move a span in time."""
        return self.set(name, start_ns=(DAY_MS + start_ms) * MS, end_ns=(DAY_MS + end_ms) * MS)

    @property
    def source(self) -> SourceTrace:
        """The spans as an export has them; the MCP SDK's are of its own scope."""
        plain = Origin(scope="shop", resource=self.resource, where="prod.jsonl:1")
        served = Origin(scope="mcp-python-sdk", where="mcp.jsonl:2")
        spans = (
            SourceSpan(span=span, origin=served if name == "served" else plain)
            for name, span in self.spans.items()
        )
        return SourceTrace(trace_id=TRACE_ID, spans=tuple(spans))

    def lint(self, **config: Any) -> LintReport:
        """What lint says to it."""
        return lint(normalise(self.source), config=LintConfig(**config), price=lambda _: None)


Spoil = Callable[[Run], Run]


def messages(*calls: Iterable[Any]) -> str:
    """An answer that asks for these calls: id and name."""
    parts = [{"type": "tool_call", "id": i, "name": n, "arguments": {}} for i, n in calls]
    return spelled([{"role": "assistant", "parts": parts}])


FAILED = {
    sc.RESPONSE_MODEL: None,
    sc.RESPONSE_FINISH_REASONS: None,
    sc.USAGE_INPUT_TOKENS: None,
    sc.USAGE_OUTPUT_TOKENS: None,
    sc.USAGE_REASONING: None,
}
ERROR = StatusCode.ERROR
