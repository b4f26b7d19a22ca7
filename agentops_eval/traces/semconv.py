"""Attribute names of the GenAI semantic conventions and our own: one table, versioned.

The conventions are in development and moved once already, so that their packaged constants are
deprecated. This table pins one snapshot of the conventions' repository by commit; every golden
names it. A renamed attribute is changed here and nowhere else, together with ``SCHEMA_VERSION``.
"""

from __future__ import annotations

from typing import Final

SNAPSHOT: Final = "4a39b6ef1363fab57bc40e18c82abb32cc89ebcd"
"""The commit of ``semantic-conventions-genai`` whose names these are."""

SCHEMA_URL: Final = f"https://github.com/open-telemetry/semantic-conventions-genai/tree/{SNAPSHOT}"
"""Written as ``schemaUrl`` of every scope, so that each file names its snapshot."""

SCHEMA_VERSION: Final = 1
"""The version of the golden format: of this table, and of how spans are ordered and identified."""

SCOPE: Final = "agentops-eval"
"""The instrumentation scope; without a release number, which would change every golden."""

# Operations.
CHAT: Final = "chat"
EXECUTE_TOOL: Final = "execute_tool"
INVOKE_AGENT: Final = "invoke_agent"
HITL_CHECKPOINT: Final = "agentops.hitl_checkpoint"

# Resource.
SERVICE_NAME: Final = "service.name"
AGENTOPS_SCHEMA_VERSION: Final = "agentops.schema_version"
AGENTOPS_CASE: Final = "agentops.case"

# Identity.
OPERATION_NAME: Final = "gen_ai.operation.name"
PROVIDER_NAME: Final = "gen_ai.provider.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
OUTPUT_TYPE: Final = "gen_ai.output.type"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_ID: Final = "gen_ai.agent.id"

# What is asked of an llm.
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_CHOICE_COUNT: Final = "gen_ai.request.choice.count"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_TOP_P: Final = "gen_ai.request.top_p"
REQUEST_TOP_K: Final = "gen_ai.request.top_k"
REQUEST_STOP_SEQUENCES: Final = "gen_ai.request.stop_sequences"
REQUEST_FREQUENCY_PENALTY: Final = "gen_ai.request.frequency_penalty"
REQUEST_PRESENCE_PENALTY: Final = "gen_ai.request.presence_penalty"
REQUEST_SEED: Final = "gen_ai.request.seed"
REQUEST_STREAM: Final = "gen_ai.request.stream"
AGENTOPS_REQUEST: Final = "agentops.request."
"""Prefix of request parameters that the conventions do not name (tool choice, reasoning effort)."""
AGENTOPS_PREVIOUS_RESPONSE: Final = "agentops.request.previous_response"

# What an llm answers.
RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
RESPONSE_TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"

# Usage. Input tokens include cached ones, output tokens include reasoning.
USAGE_INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
USAGE_CACHE_READ: Final = "gen_ai.usage.cache_read.input_tokens"
USAGE_CACHE_CREATION: Final = "gen_ai.usage.cache_creation.input_tokens"
USAGE_REASONING: Final = "gen_ai.usage.reasoning.output_tokens"

# Content: canonical JSON strings.
SYSTEM_INSTRUCTIONS: Final = "gen_ai.system_instructions"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOOL_DEFINITIONS: Final = "gen_ai.tool.definitions"

# Tools.
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_CALL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_CALL_RESULT: Final = "gen_ai.tool.call.result"
AGENTOPS_TOOL_EFFECT: Final = "agentops.tool.effect"
AGENTOPS_TOOL_IDEMPOTENCY_KEY: Final = "agentops.tool.idempotency_key"

# Hand-offs between agents and questions to people.
AGENTOPS_HANDOFF_SENDER: Final = "agentops.handoff.sender"
AGENTOPS_HANDOFF_MESSAGE: Final = "agentops.handoff.message"
AGENTOPS_HANDOFF_REPLY: Final = "agentops.handoff.reply"
AGENTOPS_HITL_REQUIRED: Final = "agentops.hitl.required"
AGENTOPS_HITL_ACTION: Final = "agentops.hitl.action"
AGENTOPS_HITL_DETAILS: Final = "agentops.hitl.details"
AGENTOPS_HITL_DEADLINE_S: Final = "agentops.hitl.deadline_s"
AGENTOPS_HITL_STATUS: Final = "agentops.hitl.status"
AGENTOPS_HITL_REASON: Final = "agentops.hitl.reason"
AGENTOPS_HITL_ANSWER: Final = "agentops.hitl.answer"

# Plain HTTP.
HTTP_REQUEST_METHOD: Final = "http.request.method"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
URL_PATH: Final = "url.path"
URL_QUERY: Final = "url.query"
AGENTOPS_HTTP_REQUEST_BODY: Final = "agentops.http.request.body"

ERROR_TYPE: Final = "error.type"

# Observations: true of one run, never part of a golden.
AGENTOPS_DURATION_MS: Final = "agentops.duration_ms"
AGENTOPS_LABEL: Final = "agentops.label"

# Imported log records: the body beside the attributes.
AGENTOPS_LOG_BODY: Final = "agentops.log.body"

# Storage: how a golden file shortens what it holds; resolved on reading.
AGENTOPS_PREFIX_SHA256: Final = "agentops.messages.prefix_sha256"
AGENTOPS_BLOBS: Final = "agentops.blobs"

MESSAGE_KEYS: Final = (SYSTEM_INSTRUCTIONS, INPUT_MESSAGES, OUTPUT_MESSAGES)
"""Attributes that hold messages or parts as a JSON string."""

JSON_KEYS: Final = (
    *MESSAGE_KEYS,
    TOOL_DEFINITIONS,
    TOOL_CALL_ARGUMENTS,
    TOOL_CALL_RESULT,
    AGENTOPS_HANDOFF_MESSAGE,
    AGENTOPS_HANDOFF_REPLY,
    AGENTOPS_HITL_DETAILS,
    AGENTOPS_HITL_ANSWER,
    AGENTOPS_HTTP_REQUEST_BODY,
)
"""Every attribute whose value is JSON in a string."""

VOLATILE_KEYS: Final = frozenset(
    {
        RESPONSE_ID,
        RESPONSE_TIME_TO_FIRST_CHUNK,
        CONVERSATION_ID,
        AGENT_ID,
        SERVER_PORT,
        AGENTOPS_DURATION_MS,
        AGENTOPS_LABEL,
        AGENTOPS_PREFIX_SHA256,
        AGENTOPS_BLOBS,
        "agentops.hitl.wait_ms",
        "network.local.port",
        "network.peer.port",
        "openai.response.system_fingerprint",
        "service.instance.id",
        "telemetry.sdk.version",
        "thread.id",
        "thread.name",
        "url.full",
    }
)
VOLATILE_PREFIXES: Final = ("process.", "host.", "LANGSMITH_", "env.")
"""What differs from run to run without a change in behaviour; scrubbed from goldens."""
