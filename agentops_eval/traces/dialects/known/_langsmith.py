"""LangSmith's OpenTelemetry export: kinds of runs, inputs and outputs as JSON, metadata spread out."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done, executed
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading import SourceSpan

NAME = "langsmith"

_KINDS = {
    "llm": sc.CHAT,
    "tool": sc.EXECUTE_TOOL,
    "retriever": sc.RETRIEVAL,
    "embedding": sc.EMBEDDINGS,
    "agent": sc.INVOKE_AGENT,
}


def recognises(source: SourceSpan) -> bool:
    """The scope, or an attribute of LangSmith's."""
    given = source.span.attributes
    return source.origin.scope == "langsmith" or any(key.startswith("langsmith.") for key in given)


def read(source: SourceSpan) -> Reading:
    """Read the span. Environment variables, which the export copies into attributes, are dropped."""
    reader = Reader(source)
    kind = (reader.text("langsmith.span.kind") or "").lower()
    about = {**p.obj(reader.tree("metadata.")), **p.obj(reader.tree("langsmith.metadata."))}
    named = v.text(reader.given.get(sc.OPERATION_NAME))
    operation = _KINDS.get(kind, _KINDS["llm"] if named == sc.CHAT and not kind else STEP)
    agent = v.text(about.get("lc_agent_name"))
    parent = source.span.parent_id
    if operation == STEP and agent and (agent == source.span.name or not parent):
        operation = sc.INVOKE_AGENT
        reader.put(sc.AGENT_NAME, agent)
    reader.put(sc.CONVERSATION_ID, about.get("thread_id") or about.get("session_id"))
    if operation == sc.EXECUTE_TOOL:
        reader.put(sc.TOOL_NAME, reader.text(sc.TOOL_NAME) or source.span.name)
        executed(reader, given=reader.json("gen_ai.prompt"), answered=reader.raw("gen_ai.completion"))
    elif operation == sc.CHAT:
        _llm(reader, about)
    reader.ignore("gen_ai.prompt", "gen_ai.completion", "metadata", prefixes=("langsmith.", "metadata."))
    return done(reader, operation, step=kind or named or "")


def _llm(reader: Reader, about: Mapping[str, Json]) -> None:
    reader.put(sc.PROVIDER_NAME, v.text(about.get("ls_provider")))
    reader.put(sc.REQUEST_MODEL, reader.text(sc.REQUEST_MODEL) or v.text(about.get("ls_model_name")))
    reader.put(sc.REQUEST_TEMPERATURE, about.get("ls_temperature") or about.get("temperature"))
    counted = p.obj(v.loose(about.get("usage_metadata")))
    reader.put(sc.USAGE_INPUT_TOKENS, counted.get("input_tokens"))
    reader.put(sc.USAGE_OUTPUT_TOKENS, counted.get("output_tokens"))
    asked, answered = p.obj(counted.get("input_token_details")), p.obj(counted.get("output_token_details"))
    reader.put(sc.USAGE_CACHE_READ, asked.get("cache_read"))
    reader.put(sc.USAGE_CACHE_CREATION, asked.get("cache_creation"))
    reader.put(sc.USAGE_REASONING, answered.get("reasoning"))
