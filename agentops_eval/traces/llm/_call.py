"""One llm call, read from its HTTP request and reply, the same shape for every provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agentops_eval.domain import Attribute, Json
from agentops_eval.traces import semconv as sc

Part: TypeAlias = "Mapping[str, Json]"
"""A message part as the conventions' schema has it: ``{"type": "text", "content": ...}`` and so on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation: who speaks, and the parts of what is said."""

    role: str
    parts: tuple[Part, ...] = ()
    name: str | None = None

    def to_json(self) -> Json:
        """The message in the conventions' schema."""
        shown: dict[str, Json] = {"role": self.role, "parts": list(self.parts)}
        if self.name is not None:
            shown["name"] = self.name
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts. None is unknown, which is not 0.

    ``input_tokens`` includes cached ones, ``output_tokens`` includes reasoning, whatever the
    provider's own way of counting.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmCall:
    """What was asked of an llm and what it answered.

    ``parameters`` are keyed by attribute name (``gen_ai.request.temperature``). ``error_type`` is
    the provider's word for a failure told in the body (``overloaded_error``); status codes and
    broken connections are the transport's and not repeated here. ``complete`` is False where the
    body could not be read to its end: what is there was read, the rest is missing.
    """

    provider: str
    operation: str = sc.CHAT
    request_model: str | None = None
    response_model: str | None = None
    parameters: Mapping[str, Attribute] = field(default_factory=dict)
    system_instructions: tuple[Part, ...] = ()
    input_messages: tuple[Message, ...] = ()
    output_messages: tuple[Message, ...] = ()
    tool_definitions: tuple[Json, ...] = ()
    finish_reasons: tuple[str, ...] = ()
    usage: Usage = Usage()
    response_id: str | None = None
    previous_response_id: str | None = None
    streamed: bool = False
    time_to_first_chunk_s: float | None = None
    error_type: str | None = None
    complete: bool = True
