"""To which kind a difference in a field belongs, and what people call the field."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces._text import printable
from agentops_eval.traces.diff._model import Kind

# Said, answered or given back. What no table and no prefix names is an attribute.
_KINDS = {
    sc.REQUEST_MODEL: Kind.LLM,
    sc.RESPONSE_MODEL: Kind.LLM,
    sc.PROVIDER_NAME: Kind.LLM,
    sc.TOOL_CALL_ARGUMENTS: Kind.ARGUMENTS,
    sc.TOOL_DEFINITIONS: Kind.ARGUMENTS,
    sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY: Kind.ARGUMENTS,
    sc.AGENTOPS_HITL_DETAILS: Kind.ARGUMENTS,
    sc.URL_QUERY: Kind.ARGUMENTS,
    sc.AGENTOPS_HTTP_REQUEST_BODY: Kind.ARGUMENTS,
    sc.OUTPUT_TYPE: Kind.ARGUMENTS,
    sc.RETRIEVAL_QUERY_TEXT: Kind.ARGUMENTS,
    sc.DATA_SOURCE_ID: Kind.ARGUMENTS,
    sc.OPENAI_REQUEST_SERVICE_TIER: Kind.ARGUMENTS,
    sc.SYSTEM_INSTRUCTIONS: Kind.TEXT,
    sc.INPUT_MESSAGES: Kind.TEXT,
    "history": Kind.TEXT,
    sc.OUTPUT_MESSAGES: Kind.TEXT,
    sc.TOOL_CALL_RESULT: Kind.TEXT,
    sc.AGENTOPS_HANDOFF_MESSAGE: Kind.TEXT,
    sc.AGENTOPS_HANDOFF_REPLY: Kind.TEXT,
    sc.AGENTOPS_MCP_PARAMS: Kind.ARGUMENTS,
    sc.AGENTOPS_MCP_RESULT: Kind.TEXT,
    sc.AGENTOPS_HITL_REASON: Kind.TEXT,
    sc.AGENTOPS_HITL_ANSWER: Kind.TEXT,
    sc.AGENTOPS_LOG_BODY: Kind.TEXT,
    sc.RESPONSE_FINISH_REASONS: Kind.STATUS,
    sc.AGENTOPS_HITL_STATUS: Kind.STATUS,
    sc.HTTP_RESPONSE_STATUS_CODE: Kind.STATUS,
    sc.ERROR_TYPE: Kind.STATUS,
    sc.AGENTOPS_ERROR_RETRIABLE: Kind.STATUS,
    "status": Kind.STATUS,
    "status message": Kind.STATUS,
    "events": Kind.STATUS,
}
_PREFIXES = (
    ("gen_ai.usage.", Kind.TOKENS),
    ("gen_ai.request.", Kind.ARGUMENTS),
    (sc.AGENTOPS_REQUEST, Kind.ARGUMENTS),
)
_SAID = {
    sc.REQUEST_MODEL: "llm",
    sc.RESPONSE_MODEL: "answered by",
    sc.PROVIDER_NAME: "provider",
    sc.SYSTEM_INSTRUCTIONS: "system",
    sc.INPUT_MESSAGES: "input",
    sc.OUTPUT_MESSAGES: "answer",
    sc.TOOL_DEFINITIONS: "tools",
    sc.TOOL_CALL_ARGUMENTS: "arguments",
    sc.TOOL_CALL_RESULT: "result",
    sc.AGENTOPS_HANDOFF_MESSAGE: "message",
    sc.AGENTOPS_HANDOFF_REPLY: "reply",
    sc.AGENTOPS_MCP_PARAMS: "params",
    sc.AGENTOPS_MCP_RESULT: "result",
    sc.AGENTOPS_HITL_DETAILS: "details",
    sc.AGENTOPS_HITL_STATUS: "approval",
    sc.AGENTOPS_HITL_REASON: "reason",
    sc.RESPONSE_FINISH_REASONS: "finish reasons",
    sc.HTTP_RESPONSE_STATUS_CODE: "http status",
    sc.ERROR_TYPE: "error",
    sc.URL_QUERY: "query",
    sc.AGENTOPS_HTTP_REQUEST_BODY: "body",
    sc.USAGE_INPUT_TOKENS: "tokens in",
    sc.USAGE_OUTPUT_TOKENS: "tokens out",
    sc.USAGE_CACHE_READ: "tokens read from cache",
    sc.USAGE_CACHE_CREATION: "tokens written to cache",
    sc.USAGE_REASONING: "tokens for reasoning",
}
_SHORTENED = ("gen_ai.request.", "agentops.request.", "agentops.tool.", "agentops.hitl.", "gen_ai.")


def kind_of(key: str) -> Kind:
    """The kind of a difference in the field ``key``."""
    known = _KINDS.get(key)
    if known is not None:
        return known
    return next((kind for prefix, kind in _PREFIXES if key.startswith(prefix)), Kind.ATTRIBUTES)


def field_name(key: str) -> str:
    """What people call the field ``key``; safe to print."""
    if key in _SAID:
        return _SAID[key]
    prefix = next((prefix for prefix in _SHORTENED if key.startswith(prefix)), "")
    return printable(key.removeprefix(prefix))[:80]
