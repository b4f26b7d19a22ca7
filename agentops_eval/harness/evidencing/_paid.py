"""Whether a run had to be paid for: where nothing could be a call of an llm, there is nothing to pay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc

_WORDS = ("token", "cost", "model")


def may_be_paid(trace: Trace, emitted: Iterable[Span]) -> bool:
    """Whether a run calls an llm, or does what could be a call of one: a request over HTTP outside a tool.

    An llm that is asked in words which nobody knows is seen as such a request. ``emitted`` are the spans as
    they were sent: one that tells of tokens, cost or an llm, by whatever name, does so of something.
    """
    tools = {one.span_id for one in trace.spans if sc.TOOL_NAME in one.attributes}
    parents = {one.span_id: one.parent_id for one in trace.spans}
    called = any(
        one.attributes.get(sc.OPERATION_NAME) in sc.INFERENCE_OPERATIONS
        or (sc.HTTP_REQUEST_METHOD in one.attributes and not _below(one, tools, parents))
        for one in trace.spans
    )
    return called or any(
        word in name.lower() for one in emitted for name in one.attributes for word in _WORDS
    )


def _below(span: Span, tools: Collection[str], parents: Mapping[str, str]) -> bool:
    """Whether a span is of a tool, or somewhere below one; a trace may lead in a circle."""
    at, seen = span.span_id, set[str]()
    while at and at not in seen:
        if at in tools:
            return True
        seen.add(at)
        at = parents.get(at, "")
    return False
