"""What a span tells: its attributes as what they should be, and whether it failed."""

from __future__ import annotations

from agentops_eval.domain import Attribute, Span, StatusCode
from agentops_eval.traces import semconv as sc

_INT64 = 2**63


def text_of(span: Span, key: str) -> str:
    """An attribute where it is text, else an empty one."""
    value = span.attributes.get(key)
    return value if isinstance(value, str) else ""


def told_text(span: Span, key: str) -> str | None:
    """An attribute where it is text that holds something; None where nothing is told."""
    return text_of(span, key) or None


def shown(span: Span, key: str) -> str:
    """An attribute that should be text, as text whatever it is; empty where it is absent."""
    value = span.attributes.get(key, "")
    return value if isinstance(value, str) else repr(value)


def operation(span: Span) -> str:
    """The conventions' name of what the span does, else an empty one."""
    return text_of(span, sc.OPERATION_NAME)


def count_of(span: Span, key: str) -> int | None:
    """An attribute where it is a count: a whole number from 0 that fits 64 bits."""
    value = span.attributes.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _INT64:
        return None
    return value


def number_of(span: Span, key: str) -> int | float | None:
    """An attribute where it is a number."""
    return number(span.attributes.get(key))


def number(value: Attribute) -> int | float | None:
    """A value where it is a number."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def failed(span: Span) -> bool:
    """Whether the span ended in an error."""
    return span.status is StatusCode.ERROR or sc.ERROR_TYPE in span.attributes


def error_type(span: Span) -> str | None:
    """The sender's word for a failed span's error, else ``error``; None where the span did not fail."""
    return (text_of(span, sc.ERROR_TYPE) or "error") if failed(span) else None
