"""The attributes of the conventions with their types: what may stand in a span as it is emitted.

The names are those of the snapshot that ``semconv`` pins, and what the conventions' repository has
added since; an attribute is none of ours to refuse because a sender is newer than we are.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

PREFIX: Final = "gen_ai."
FREE_PREFIXES: Final = ("gen_ai.prompt.variable.",)
"""Prefixes behind which any name may stand."""


class Kind(StrEnum):
    """The type of an attribute's value. ``content`` is JSON in a string, or structured."""

    STRING = "a string"
    INT = "an integer"
    DOUBLE = "a number"
    BOOLEAN = "true or false"
    STRINGS = "a list of strings"
    CONTENT = "JSON"


_NAMES: Final[Mapping[Kind, str]] = {
    Kind.STRING: """operation.name provider.name conversation.id output.type request.model response.id
        response.model agent.id agent.name agent.description agent.version workflow.name tool.name
        tool.call.id tool.description tool.type data_source.id retrieval.query.text evaluation.name
        evaluation.score.label evaluation.explanation prompt.name memory.store.id
        memory.record.id memory.query.text token.type token.modality
        token.cache token.phase usage.cost.currency usage.cost.source""",
    Kind.INT: """request.max_tokens request.choice.count request.seed usage.input_tokens usage.output_tokens
        usage.cache_read.input_tokens usage.cache_creation.input_tokens usage.cache_write.input_tokens
        usage.reasoning.output_tokens usage.text.input_tokens usage.image.input_tokens
        usage.audio.input_tokens usage.video.input_tokens usage.text.output_tokens usage.audio.output_tokens
        embeddings.dimension.count memory.record.count retrieval.top_k""",
    Kind.DOUBLE: """request.temperature request.top_p request.top_k request.frequency_penalty
        request.presence_penalty response.time_to_first_chunk evaluation.score.value usage.cost.amount""",
    Kind.BOOLEAN: "request.stream",
    Kind.STRINGS: "request.stop_sequences request.encoding_formats response.finish_reasons",
    Kind.CONTENT: """system_instructions input.messages output.messages tool.definitions tool.call.arguments
        tool.call.result retrieval.documents memory.records""",
}

KINDS: Final[Mapping[str, Kind]] = {
    f"{PREFIX}{name}": kind for kind, names in _NAMES.items() for name in names.split()
}
"""Every attribute of the conventions that begins with ``gen_ai.``, and its type."""

OPERATIONS: Final = frozenset(
    """chat generate_content text_completion embeddings retrieval create_agent invoke_agent execute_tool
    invoke_workflow plan create_memory_store delete_memory_store create_memory update_memory upsert_memory
    search_memory delete_memory fetch_response""".split()
)
"""Every operation of the conventions."""
