"""Every dialect that is known, in the order in which a span is asked whether it is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects.known import (
    _agent_attributes,
    _agent_framework,
    _agentops,
    _anthropic_sdk,
    _genai,
    _google_adk,
    _langsmith,
    _logfire,
    _mcp,
    _openinference,
    _openllmetry,
    _pydantic_ai,
    _strands,
)
from agentops_eval.traces.reading import SourceSpan

__all__ = ["DIALECTS", "NATIVE", "Dialect", "dialect_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A way of writing spans: how to recognise it, and how to read it."""

    name: str
    recognises: Callable[[SourceSpan], bool]
    read: Callable[[SourceSpan], Reading]


NATIVE = frozenset({_anthropic_sdk.NAME})
"""Dialects of the providers' own clients, whose counts are the provider's."""

# A framework's mark stands before the conventions' names, which every framework uses as well.
DIALECTS = (
    *(
        Dialect(name=module.NAME, recognises=module.recognises, read=module.read)
        for module in (
            _agentops,
            _anthropic_sdk,
            _mcp,
            _openinference,
            _langsmith,
            _pydantic_ai,
            _logfire,
            _agent_framework,
            _strands,
            _google_adk,
        )
    ),
    Dialect(name=_openllmetry.OLD, recognises=_openllmetry.recognises_old, read=_openllmetry.read),
    Dialect(name=_openllmetry.NEW, recognises=_openllmetry.recognises_new, read=_openllmetry.read),
    Dialect(
        name=_agent_attributes.NAME, recognises=_agent_attributes.recognises, read=_agent_attributes.read
    ),
    Dialect(name=_genai.EVENTS, recognises=_genai.recognises_events, read=_genai.read),
    Dialect(name=_genai.NAME, recognises=_genai.recognises, read=_genai.read),
    Dialect(name=_genai.HTTP, recognises=_genai.recognises_http, read=_genai.read_other),
    Dialect(name=_genai.UNKNOWN, recognises=lambda _: True, read=_genai.read_other),
)


def dialect_of(source: SourceSpan) -> Dialect:
    """The first dialect that recognises a span; the last recognises any."""
    return next(dialect for dialect in DIALECTS if dialect.recognises(source))
