"""The tool calls of a run: those that have a span, and those that only messages tell of."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Effect, Json, Span, ToolCall, Trace, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import AnsweredCall, answered_calls, spans_of
from agentops_eval.traces._attributes import error_type, operation, text_of, told_text
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._wire import load_json

_EFFECTS = {str(effect): effect for effect in Effect}
_STRONGER = frozenset({"destructive", "irreversible"})
"""What teams call an effect beside the three of ours: it is out of reach once it happened."""


def tool_calls_of(trace: Trace) -> tuple[ToolCall, ...]:
    """What a run did with its tools, in the order in which the calls began.

    The trace is in the conventions' words, each call told by one span: a run's own, or the essential
    one of an import. A call without a span stands where the llm was told its answer, and its evidence
    is the llm call that asked. ``error`` is the type of the error, ``tool_error`` where none is told.
    """
    told = _told(trace)
    return tuple(
        _call(span, told[span.span_id].teller.span_id if span.span_id in told else span.span_id)
        for span in _spans(trace, told)
    )


def tool_spans_of(trace: Trace) -> list[Span]:
    """The spans of tools in the order of their start, with one made for each call that has none."""
    return _spans(trace, _told(trace))


def _told(trace: Trace) -> dict[str, AnsweredCall]:
    return {f"told-{number}": call for number, call in enumerate(answered_calls(trace.spans))}


def _spans(trace: Trace, told: Mapping[str, AnsweredCall]) -> list[Span]:
    tools = [span for span in trace.spans if operation(span) == sc.EXECUTE_TOOL]
    return sorted([*tools, *spans_of(told, trace.spans)], key=lambda span: span.start_ns)


def tool_arguments(span: Span) -> Mapping[str, Json] | None:
    """What a tool was given, by name; None where it is not told. An empty text is a call without any."""
    told = span.attributes.get(sc.TOOL_CALL_ARGUMENTS)
    if not isinstance(told, str):
        read = to_json(told)
    elif told.strip():
        read = load_json(told)
    else:
        read = {}
    return read if isinstance(read, Mapping) else None


def _call(span: Span, evidence: str) -> ToolCall:
    return ToolCall(
        name=text_of(span, sc.TOOL_NAME),
        arguments=tool_arguments(span),
        result=_result(span),
        error=_error(span),
        effect=_effect(span),
        idempotency_key=told_text(span, sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY),
        span_id=evidence,
    )


def _error(span: Span) -> str:
    found = error_type(span)
    return "" if found is None else "tool_error" if found == "error" else found


def _result(span: Span) -> Json:
    told = span.attributes.get(sc.TOOL_CALL_RESULT)
    if not isinstance(told, str):
        return to_json(told)
    read = load_json(told)
    return told if read is None and told.strip() != "null" else read


def _effect(span: Span) -> Effect | None:
    told = text_of(span, sc.AGENTOPS_TOOL_EFFECT).lower()
    if told in _STRONGER:
        return Effect.EXTERNAL
    return _EFFECTS.get(told)


def offered_tools(trace: Trace) -> Mapping[str, Json] | None:
    """The schemas of the parameters of the tools that llms were offered, by name; None where none is told.

    Of a tool that was offered with several schemas it is the last. The schema is None where the
    definition has none.
    """
    found: dict[str, Json] = {}
    told = False
    seen: set[str] = set()
    for span in trace.spans:
        text = text_of(span, sc.TOOL_DEFINITIONS)
        if not text or text in seen:
            continue
        seen.add(text)
        listed = load_json(text)
        told = told or isinstance(listed, list)
        for one in p.arr(listed):
            named = p.obj(one)
            body = p.obj(named.get("function")) or named
            name = p.text(body.get("name"))
            if name is not None:
                found[name] = body.get("parameters")
    return found if told else None
