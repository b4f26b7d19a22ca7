"""What a span of a normalised trace is, and how long it took."""

from __future__ import annotations

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._steps import kind_and_title

LLM = "llm"


def step_type(span: Span) -> str:
    """One of agent, llm, tool, human, http and step; llm calls are those that use tokens of their own."""
    return kind_and_title(span)[0]


def took_ns(span: Span) -> int | None:
    """How long a span took; None where its clock is logical, or its end is not told."""
    if sc.is_logical(span.start_ns) or span.end_ns < span.start_ns:
        return None
    return span.end_ns - span.start_ns
