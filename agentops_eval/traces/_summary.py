"""What a script wants to know of a foreign trace: who ran, what was called, what it took, what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from agentops_eval.domain import Json, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import error_type, failed, operation, text_of, told_text
from agentops_eval.traces._cost import PRICED_BY, Pricer, cost_of, table_date, unpriced
from agentops_eval.traces._error_class import error_class
from agentops_eval.traces._money import total_money, usd_text
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.llm._wire import load_json


def summary_json(normal: NormalTrace, *, price: Pricer = cost_of) -> dict[str, Json]:
    """One run as JSON, totals counted once. What is unknown is null, never 0.

    ``cost`` is in US dollars, as a decimal string, over the calls whose cost is known;
    ``cost.unknown`` counts the others, ``cost.price_table`` dates the table where it told any. Tool
    calls stand in the order in which they began.
    """
    spans = normal.trace.spans
    root = normal.trace.root
    calls = _llm_calls(normal)
    agents = (text_of(span, sc.AGENT_NAME) for span in spans if operation(span) == sc.INVOKE_AGENT)
    return {
        "trace_id": normal.trace.trace_id,
        "conversation": next(iter(conversations_of(normal)), None),
        "root": root.name if root is not None else "",
        "dialects": sorted(set(normal.dialects.values())),
        "spans": len(spans),
        "llm_calls": len(calls),
        "usage": _usage(normal),
        "cost": _cost(calls, price),
        "tool_calls": [_tool(span) for span in _in_start_order(spans)],
        "agents": list(dict.fromkeys(name for name in agents if name)),
        "errors": [_error(span) for span in spans if failed(span)],
        "duplicates": len(normal.duplicates),
        "unmapped": list(normal.unmapped_keys),
    }


def conversations_of(normal: NormalTrace) -> tuple[str, ...]:
    """The conversations that a run is part of, each once; that of a case or sample is its name."""
    values = (span.attributes.get(sc.CONVERSATION_ID) for span in normal.trace.spans)
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))


def _llm_calls(normal: NormalTrace) -> list[Span]:
    return [span for span in normal.trace.spans if operation(span) in sc.INFERENCE_OPERATIONS]


def _in_start_order(spans: Sequence[Span]) -> list[Span]:
    tools = [span for span in spans if operation(span) == sc.EXECUTE_TOOL]
    return sorted(tools, key=lambda span: span.start_ns)


def _usage(normal: NormalTrace) -> Json:
    usage = normal.usage
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_creation_tokens": usage.cache_creation_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }


def _cost(calls: Sequence[Span], price: Pricer) -> Json:
    prices = [price(span) for span in calls]
    known = [found for found in prices if found is not None]
    return {
        "usd": usd_text(total_money(found.amount for found in known)),
        "sources": sorted({found.source for found in known}),
        "price_table": _table(found.source for found in known),
        "unknown": len(prices) - len(known),
        "unpriced": [*unpriced(zip(calls, prices, strict=True))],
    }


def _table(sources: Iterable[str]) -> str | None:
    return table_date() or None if PRICED_BY in set(sources) else None


def known_cost(normal: NormalTrace, *, price: Pricer = cost_of) -> Decimal | None:
    """What a run cost in US dollars, over the llm calls whose cost is known; None where none is."""
    prices = map(price, _llm_calls(normal))
    return total_money(None if found is None else found.amount for found in prices)


def _tool(span: Span) -> Json:
    arguments = span.attributes.get(sc.TOOL_CALL_ARGUMENTS)
    return {
        "name": told_text(span, sc.TOOL_NAME),
        "arguments": load_json(arguments) if isinstance(arguments, str) else None,
        "call_id": told_text(span, sc.TOOL_CALL_ID),
        "error": error_type(span),
    }


def _error(span: Span) -> Json:
    return {
        "span_id": span.span_id,
        "name": span.name,
        "class": error_class(span),
        "type": error_type(span),
        "message": span.status_message[:500],
    }
