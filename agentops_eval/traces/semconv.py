"""Attribute names of the GenAI semantic conventions and our own: one table, versioned.

The conventions are in development and moved once already, so that their packaged constants are
deprecated. This table pins one snapshot of the conventions' repository by commit; every golden
names it. A renamed attribute is changed here and nowhere else, together with ``SCHEMA_VERSION``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SNAPSHOT: Final = "4a39b6ef1363fab57bc40e18c82abb32cc89ebcd"
"""The commit of ``semantic-conventions-genai`` whose names these are."""

SCHEMA_URL: Final = f"https://github.com/open-telemetry/semantic-conventions-genai/tree/{SNAPSHOT}"
"""Written as ``schemaUrl`` of every scope, so that each file names its snapshot."""

SCHEMA_VERSION: Final = 1
"""The version of the golden format: of this table, and of how spans are ordered and identified."""

SCOPE: Final = "agentops-eval"
"""The instrumentation scope; without a release number, which would change every golden."""

_DAY_NS: Final = 86_400_000_000_000


def is_logical(start_ns: int) -> bool:
    """Whether a span's time is a golden's logical clock, which begins with the epoch and counts steps.

    Durations by such a clock say nothing about real ones, nor does a time before the epoch.
    """
    return start_ns < _DAY_NS


# Operations.
CHAT: Final = "chat"
TEXT_COMPLETION: Final = "text_completion"
EMBEDDINGS: Final = "embeddings"
RETRIEVAL: Final = "retrieval"
EXECUTE_TOOL: Final = "execute_tool"
CREATE_AGENT: Final = "create_agent"
INVOKE_AGENT: Final = "invoke_agent"
INVOKE_WORKFLOW: Final = "invoke_workflow"
PLAN: Final = "plan"
HITL_CHECKPOINT: Final = "agentops.hitl_checkpoint"

LLM_OPERATIONS: Final = frozenset({CHAT, TEXT_COMPLETION})
INFERENCE_OPERATIONS: Final = LLM_OPERATIONS | {EMBEDDINGS}
"""What uses tokens of its own; the totals on other spans repeat them."""

# Resource.
SERVICE_NAME: Final = "service.name"
AGENTOPS_SCHEMA_VERSION: Final = "agentops.schema_version"
AGENTOPS_CASE: Final = "agentops.case"
AGENTOPS_SOURCE_DIALECT: Final = "agentops.source.dialect"
"""Of a golden that was imported: in whose words its run was told."""

# Identity.
OPERATION_NAME: Final = "gen_ai.operation.name"
PROVIDER_NAME: Final = "gen_ai.provider.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
OUTPUT_TYPE: Final = "gen_ai.output.type"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_ID: Final = "gen_ai.agent.id"
AGENT_DESCRIPTION: Final = "gen_ai.agent.description"
AGENT_VERSION: Final = "gen_ai.agent.version"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"

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
REQUEST_ENCODING_FORMATS: Final = "gen_ai.request.encoding_formats"
EMBEDDINGS_DIMENSION_COUNT: Final = "gen_ai.embeddings.dimension.count"
DATA_SOURCE_ID: Final = "gen_ai.data_source.id"
RETRIEVAL_QUERY_TEXT: Final = "gen_ai.retrieval.query.text"
OPENAI_API_TYPE: Final = "openai.api.type"
OPENAI_REQUEST_SERVICE_TIER: Final = "openai.request.service_tier"
AGENTOPS_REQUEST: Final = "agentops.request."
"""Prefix of request parameters that the conventions do not name (tool choice, reasoning effort)."""
AGENTOPS_PREVIOUS_RESPONSE: Final = "agentops.request.previous_response"
AGENTOPS_PROMPT_NAME: Final = "agentops.prompt.name"
AGENTOPS_PROMPT_VERSION: Final = "agentops.prompt.version"
AGENTOPS_PROMPT_DIGEST: Final = "agentops.prompt.digest"
AGENTOPS_TOOLS_DIGEST: Final = "agentops.tools.digest"
_USED: Final = (AGENTOPS_PROMPT_NAME, AGENTOPS_PROMPT_VERSION, AGENTOPS_PROMPT_DIGEST, AGENTOPS_TOOLS_DIGEST)
"""What was recognised in an llm call afterwards: which version of a prompt, and which tools."""

# What an llm answers.
RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
RESPONSE_TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
OPENAI_RESPONSE_SERVICE_TIER: Final = "openai.response.service_tier"
OPENAI_RESPONSE_FINGERPRINT: Final = "openai.response.system_fingerprint"

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
TOOL_DESCRIPTION: Final = "gen_ai.tool.description"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_CALL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_CALL_RESULT: Final = "gen_ai.tool.call.result"
AGENTOPS_TOOL_EFFECT: Final = "agentops.tool.effect"
AGENTOPS_TOOL_IDEMPOTENCY_KEY: Final = "agentops.tool.idempotency_key"
MCP_METHOD_NAME: Final = "mcp.method.name"
MCP_PROTOCOL_VERSION: Final = "mcp.protocol.version"
MCP_RESOURCE_URI: Final = "mcp.resource.uri"
MCP_SESSION_ID: Final = "mcp.session.id"
JSONRPC_REQUEST_ID: Final = "jsonrpc.request.id"
GEN_AI_PROMPT_NAME: Final = "gen_ai.prompt.name"
AGENTOPS_MCP_SERVER: Final = "agentops.mcp.server"
AGENTOPS_MCP_PARAMS: Final = "agentops.mcp.params"
AGENTOPS_MCP_RESULT: Final = "agentops.mcp.result"

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
AGENTOPS_HITL_APPROVER_HASH: Final = "agentops.hitl.approver_hash"
AGENTOPS_HITL_WAIT_MS: Final = "agentops.hitl.wait_ms"
AGENTOPS_HITL_POLICY: Final = "agentops.hitl.policy"

# Plain HTTP.
HTTP_REQUEST_METHOD: Final = "http.request.method"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
URL_PATH: Final = "url.path"
URL_QUERY: Final = "url.query"
AGENTOPS_HTTP_REQUEST_BODY: Final = "agentops.http.request.body"

ERROR_TYPE: Final = "error.type"
AGENTOPS_ERROR_RETRIABLE: Final = "agentops.error.retriable"

# Evaluations, as events of the span that was judged.
EVALUATION_RESULT: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_SCORE_VALUE: Final = "gen_ai.evaluation.score.value"
EVALUATION_SCORE_LABEL: Final = "gen_ai.evaluation.score.label"

# Imported traces: spans that only wrap others, and what teams say about their steps.
AGENTOPS_STEP: Final = "agentops.step"
"""The name of a span without an operation: a graph's node, a loop's cycle, a chain."""
AGENTOPS_STEP_TYPE: Final = "agentops.step.type"
AGENTOPS_CONFIDENCE: Final = "agentops.confidence"
AGENTOPS_COST_AMOUNT: Final = "agentops.cost.amount"
AGENTOPS_COST_CURRENCY: Final = "agentops.cost.currency"

# Decisions, on whose authority they are made, and for whom.
AGENTOPS_DECISION_TYPE: Final = "agentops.decision.type"
AGENTOPS_DECISION_OPTIONS: Final = "agentops.decision.options"
AGENTOPS_DECISION_CHOSEN: Final = "agentops.decision.chosen"
AGENTOPS_DECISION_REASON: Final = "agentops.decision.reason"
AGENTOPS_DECISION_CONFIDENCE: Final = "agentops.decision.confidence"
AGENTOPS_AUTHORITY: Final = "agentops.authority"
AGENTOPS_TASK: Final = "agentops.task"
AGENTOPS_TEAM: Final = "agentops.team"
AGENTOPS_TENANT: Final = "agentops.tenant"
AGENTOPS_USE_CASE: Final = "agentops.use_case"
_FOR_WHOM: Final = (AGENTOPS_AUTHORITY, AGENTOPS_TASK, AGENTOPS_TEAM, AGENTOPS_TENANT, AGENTOPS_USE_CASE)

SUCCESS: Final = ("agent.step_success", "agent.task_success", "agent.success")
"""How teams say whether a run did what it was for."""
DEGRADED: Final = ("agentops.degraded", "agent.degraded")
"""How they say that it did only a part of it."""

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
    *(TOOL_DEFINITIONS, TOOL_CALL_ARGUMENTS, TOOL_CALL_RESULT),
    *(AGENTOPS_HANDOFF_MESSAGE, AGENTOPS_HANDOFF_REPLY, AGENTOPS_MCP_PARAMS, AGENTOPS_MCP_RESULT),
    *(AGENTOPS_HITL_DETAILS, AGENTOPS_HITL_ANSWER, AGENTOPS_HTTP_REQUEST_BODY),
)
"""Every attribute whose value is JSON in a string."""

VOLATILE_KEYS: Final = frozenset(
    {
        RESPONSE_ID,
        RESPONSE_TIME_TO_FIRST_CHUNK,
        CONVERSATION_ID,
        AGENT_ID,
        SERVER_PORT,
        MCP_SESSION_ID,
        JSONRPC_REQUEST_ID,
        AGENTOPS_COST_AMOUNT,
        AGENTOPS_DURATION_MS,
        AGENTOPS_LABEL,
        AGENTOPS_PREFIX_SHA256,
        AGENTOPS_BLOBS,
        AGENTOPS_HITL_APPROVER_HASH,
        AGENTOPS_HITL_WAIT_MS,
        *_USED,
        *_FOR_WHOM,
        "network.local.port",
        "network.peer.port",
        OPENAI_RESPONSE_FINGERPRINT,
        "service.instance.id",
        "telemetry.sdk.version",
        "thread.id",
        "thread.name",
        "url.full",
    }
)
VOLATILE_PREFIXES: Final = ("process.", "host.", "LANGSMITH_", "env.")
"""What differs from run to run without a change in behaviour; scrubbed from goldens."""

ANNOTATIONS: Final = frozenset(
    {
        AGENTOPS_COST_AMOUNT,
        AGENTOPS_COST_CURRENCY,
        AGENTOPS_CONFIDENCE,
        AGENTOPS_DECISION_TYPE,
        AGENTOPS_DECISION_OPTIONS,
        AGENTOPS_DECISION_CHOSEN,
        AGENTOPS_DECISION_REASON,
        AGENTOPS_DECISION_CONFIDENCE,
        *_FOR_WHOM,
        AGENTOPS_TOOL_EFFECT,
        AGENTOPS_TOOL_IDEMPOTENCY_KEY,
        *_USED,
    }
)
"""What teams add to the spans of any framework; the span stays in that framework's dialect."""


def _spelt(own: str, *words: str) -> tuple[str, ...]:
    """The names under which instrumentations carry a word of the user's."""
    prefixes = ("", "agent.", "traceloop.association.properties.", "langsmith.metadata.", "metadata.")
    return (own, *(f"{prefix}{word}" for word in words for prefix in prefixes))


ATTRIBUTION: Final[Mapping[str, tuple[str, ...]]] = {
    "agent": (AGENT_NAME, "agent.name", "agent_name", AGENT_ID, "agent.id"),
    "task": _spelt(AGENTOPS_TASK, "task", "task.name", "task.id", "task_id"),
    "team": _spelt(AGENTOPS_TEAM, "team", "team.name", "team.id", "team_id"),
    "tenant": _spelt(AGENTOPS_TENANT, "tenant", "tenant.name", "tenant.id", "tenant_id"),
    "use_case": _spelt(AGENTOPS_USE_CASE, "use_case", "use_case.name", "use_case.id", "usecase"),
    "authority": (
        *_spelt(AGENTOPS_AUTHORITY, "authority"),
        *("enduser.id", "user.id", "user_id", "traceloop.association.properties.user_id"),
        *("langsmith.metadata.user_id", "metadata.user_id", "enduser.role", "user.name"),
    ),
}
"""Who or what a call is for: the names that are looked for where the user configures none, in order."""

# -- other names for the same ------------------------------------------------------------------

DEPRECATED: Final[Mapping[str, str]] = {
    "gen_ai.system": PROVIDER_NAME,
    "gen_ai.prompt": INPUT_MESSAGES,
    "gen_ai.completion": OUTPUT_MESSAGES,
    "gen_ai.usage.prompt_tokens": USAGE_INPUT_TOKENS,
    "gen_ai.usage.completion_tokens": USAGE_OUTPUT_TOKENS,
    "gen_ai.openai.request.seed": REQUEST_SEED,
    "gen_ai.openai.request.response_format": OUTPUT_TYPE,
    "gen_ai.openai.request.service_tier": OPENAI_REQUEST_SERVICE_TIER,
    "gen_ai.openai.response.service_tier": OPENAI_RESPONSE_SERVICE_TIER,
    "gen_ai.openai.response.system_fingerprint": OPENAI_RESPONSE_FINGERPRINT,
}
"""Names that the conventions gave up, and what replaced them."""

ALIASES: Final[Mapping[str, str]] = {
    **DEPRECATED,
    # Newer than the snapshot: goldens keep the old name until SCHEMA_VERSION rises.
    "gen_ai.usage.cache_write.input_tokens": USAGE_CACHE_CREATION,
    "gen_ai.usage.cost.amount": AGENTOPS_COST_AMOUNT,
    "gen_ai.usage.cost.currency": AGENTOPS_COST_CURRENCY,
    # What instrumentations say instead; where several are there, the first counts.
    "llm.provider": PROVIDER_NAME,
    "llm.system": PROVIDER_NAME,
    "llm.vendor": PROVIDER_NAME,
    "llm.request.model": REQUEST_MODEL,
    "llm.response.model": RESPONSE_MODEL,
    "llm.is_streaming": REQUEST_STREAM,
    "gen_ai.is_streaming": REQUEST_STREAM,
    "llm.request.max_tokens": REQUEST_MAX_TOKENS,
    "llm.temperature": REQUEST_TEMPERATURE,
    "llm.top_p": REQUEST_TOP_P,
    "llm.top_k": REQUEST_TOP_K,
    "llm.frequency_penalty": REQUEST_FREQUENCY_PENALTY,
    "llm.presence_penalty": REQUEST_PRESENCE_PENALTY,
    "llm.chat.stop_sequences": REQUEST_STOP_SEQUENCES,
    "llm.finish_reason": RESPONSE_FINISH_REASONS,
    "llm.response.finish_reason": RESPONSE_FINISH_REASONS,
    "llm.response.stop_reason": RESPONSE_FINISH_REASONS,
    "gen_ai.openai.system_fingerprint": OPENAI_RESPONSE_FINGERPRINT,
    "gen_ai.client.operation.time_to_first_chunk": RESPONSE_TIME_TO_FIRST_CHUNK,
    "gen_ai.server.time_to_first_token": RESPONSE_TIME_TO_FIRST_CHUNK,
    "llm.token_count.prompt": USAGE_INPUT_TOKENS,
    "llm.token_count.completion": USAGE_OUTPUT_TOKENS,
    "llm.token_count.prompt_details.cache_read": USAGE_CACHE_READ,
    "llm.token_count.prompt_details.cache_write": USAGE_CACHE_CREATION,
    "llm.token_count.completion_details.reasoning": USAGE_REASONING,
    "llm.usage.prompt_tokens": USAGE_INPUT_TOKENS,
    "llm.usage.completion_tokens": USAGE_OUTPUT_TOKENS,
    "gen_ai.usage.cache_read_input_tokens": USAGE_CACHE_READ,
    "gen_ai.usage.details.cache_read_tokens": USAGE_CACHE_READ,
    "gen_ai.usage.details.cache_read_input_tokens": USAGE_CACHE_READ,
    "gen_ai.usage.details.cached_tokens": USAGE_CACHE_READ,
    "gen_ai.usage.cache_creation_input_tokens": USAGE_CACHE_CREATION,
    "gen_ai.usage.cache_write_input_tokens": USAGE_CACHE_CREATION,
    "gen_ai.usage.details.cache_write_tokens": USAGE_CACHE_CREATION,
    "gen_ai.usage.details.cache_creation_input_tokens": USAGE_CACHE_CREATION,
    "gen_ai.usage.reasoning_tokens": USAGE_REASONING,
    "gen_ai.usage.experimental.reasoning_tokens": USAGE_REASONING,
    "gen_ai.usage.details.reasoning_tokens": USAGE_REASONING,
    "llm.usage.reasoning_tokens": USAGE_REASONING,
    "agent_name": AGENT_NAME,
    "agent.name": AGENT_NAME,
    "session.id": CONVERSATION_ID,
    "tool.name": TOOL_NAME,
    "tool.id": TOOL_CALL_ID,
    "tool_call.id": TOOL_CALL_ID,
    "tool.description": TOOL_DESCRIPTION,
    "llm.cost.total": AGENTOPS_COST_AMOUNT,
    "operation.cost": AGENTOPS_COST_AMOUNT,
}
"""Every name that is read as one of the table's. None is written."""

COST_KEYS: Final = (AGENTOPS_COST_AMOUNT, "gen_ai.usage.cost.amount", "llm.cost.total", "operation.cost",
                    "agent.cost_usd")  # fmt: skip
"""Where a cost is told, ours or others'."""

TOTAL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    name: (
        name,
        name.replace(".usage.", ".aggregated_usage."),
        *(old for old in DEPRECATED if DEPRECATED[old] == name),
    )
    for name in (USAGE_INPUT_TOKENS, USAGE_OUTPUT_TOKENS)
}
"""Where agents and workflows repeat the sum of the calls below them."""

ENVIRONMENT_KEYS: Final = ("deployment.environment.name", "deployment.environment")

PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "openai": ("openai_chat", "openai-chat", "openai-responses"),
    "azure.ai.openai": ("az.ai.openai", "azure", "azure_openai", "azure-openai"),
    "azure.ai.inference": ("az.ai.inference", "azure_ai"),
    "gcp.gemini": ("gemini", "google", "google_genai", "google-gla", "google_ai_studio"),
    "gcp.vertex_ai": ("vertex_ai", "vertexai", "google-vertex", "google_vertexai", "googlevertexai"),
    "aws.bedrock": ("bedrock", "aws", "aws_bedrock", "amazon_bedrock", "bedrock_converse"),
    "ibm.watsonx.ai": ("watsonx", "watsonx.ai", "ibm_watsonx"),
    "mistral_ai": ("mistral", "mistralai"),
    "moonshot_ai": ("moonshot", "moonshotai"),
    "x_ai": ("xai", "grok"),
}
"""Providers by the conventions' names, and how else they are spelt (in lower case)."""

FRAMEWORKS: Final = frozenset(
    """agent_framework autogen crewai gcp.vertex.agent google_adk langchain langgraph llama_index llamaindex
    microsoft.agent_framework mcp openai_agents pydantic-ai semantic_kernel strands strands-agents traceloop
    """.split()
)
"""What some spans name as their provider although it answers nothing itself."""
