"""What an OTLP export holds between its envelope and its spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentops_eval.domain import Attribute, Span


class OtlpError(ValueError):
    """What was read is not OTLP; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpScope:
    """Spans of one resource and one instrumentation scope."""

    resource: Mapping[str, Attribute]
    scope: str
    schema_url: str
    spans: tuple[Span, ...]
    scope_version: str = ""
