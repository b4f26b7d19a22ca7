"""Runs, expectations and values as the tests of tool calls build them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from agentops_eval.domain import (
    Effect,
    Expectation,
    Json,
    Run,
    Scenario,
    Span,
    ToolCall,
    Trace,
    Verdict,
    VerdictValue,
)
from agentops_eval.evals import build, evaluators
from agentops_eval.traces import semconv as sc

PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN
WHERE = "refunds.yaml: cases[0].expect[0]"
TRACED = Trace(spans=(Span(name="invoke_agent desk", trace_id="t", span_id="root"),))
"""A trace without any tool call."""

WORDS = st.sampled_from(["near", "within", "any_of", "not", "absent", "a", "b", "order"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 2.5, "", "a", "A b", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
"""Values that are often alike, and often look like conditions."""


def call(
    name: str,
    arguments: Mapping[str, Json] | None = None,
    *,
    span: str = "",
    error: str = "",
    effect: Effect | None = None,
    key: str | None = None,
) -> ToolCall:
    """A tool call that was given nothing, unless something is said."""
    given = {} if arguments is None else arguments
    return ToolCall(name=name, arguments=given, span_id=span, error=error, effect=effect, idempotency_key=key)


def untold(name: str, span: str = "") -> ToolCall:
    """A call whose arguments the trace does not tell."""
    return ToolCall(name=name, arguments=None, span_id=span)


def judge(
    evaluator: str, arguments: Json, calls: Iterable[ToolCall] = (), *, trace: Trace = TRACED
) -> Verdict:
    """The verdict on a run, by an evaluator that is built as from a file."""
    expectation = Expectation(evaluator=evaluator, arguments=arguments, where=WHERE)
    made = build(expectation, evaluators()[evaluator])
    return made(Run(scenario="refund", calls=tuple(calls), trace=trace), Scenario(id="refund"))


def offering(*tools: tuple[str, Json]) -> Trace:
    """A trace in which an llm was offered tools, by name and schema."""
    told = [{"type": "function", "name": name, "parameters": schema} for name, schema in tools]
    attributes = {sc.OPERATION_NAME: sc.CHAT, sc.TOOL_DEFINITIONS: json.dumps(told)}
    return Trace(spans=(Span(name="chat", trace_id="t", span_id="c", attributes=attributes),))
