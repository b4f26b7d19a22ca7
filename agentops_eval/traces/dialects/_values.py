"""Foreign attribute values as what they should be; None where they are something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from agentops_eval.domain import Attribute, Json, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._draft import json_attribute
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._wire import load_json

MAX_JSON = 16 * 1024 * 1024
"""Characters of a string that is still read as JSON; a longer one stays a string."""

_SCALAR = re.compile(r'-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?|true|false|null|"[^"]*"')
_EXACT = re.compile(r"-?\d{1,400}(?:\.\d{1,17})?(?:e[+-]?\d{1,3})?")
"""Any other number: it is read if it is spelt as it would be written, so that no digit is lost."""
_DECIMAL = re.compile(r"\d{1,18}")
_FRACTION = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE]-?\d{1,2})?")


def loose(value: Attribute | Json) -> Json:
    """Any value as JSON; a string that spells an object, array, number or constant is read as such."""
    if not isinstance(value, str):
        return to_json(value)
    stripped = value.strip() if len(value) <= MAX_JSON else ""
    if stripped[:1] in {"{", "["} or _SCALAR.fullmatch(stripped):
        read = load_json(stripped)
        return value if read is None and stripped != "null" else read
    if _EXACT.fullmatch(stripped):
        read = load_json(stripped)
        return read if json_attribute(read) == stripped else value
    return value


def text(value: Attribute | Json) -> str | None:
    """A string that holds something."""
    return p.text(value) if isinstance(value, str) else None


def count(value: Attribute | Json) -> int | None:
    """A whole number from 0, also where it is written as a string."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return int(value)
    return p.count(value) if isinstance(value, (int, float)) else None


def number(value: Attribute | Json) -> int | float | None:
    """A finite number, also where it is written as a string."""
    if isinstance(value, str) and _FRACTION.fullmatch(value):
        value = float(value)
    if not isinstance(value, (int, float)):
        return None
    found = p.number(value)
    return None if found is None or found - found != 0 else found


def flag(value: Attribute | Json) -> bool | None:
    """A boolean, also where it is written as a word."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def strings(value: Attribute | Json) -> tuple[str, ...] | None:
    """Some strings: a list of them, a list spelt as JSON, or a single one."""
    read = loose(value) if isinstance(value, str) else value
    if isinstance(read, str):
        read = [read]
    if not isinstance(read, (list, tuple)):
        return None
    return tuple(item for item in read[: p.MAX_ITEMS] if isinstance(item, str) and item) or None


def json_text(value: Attribute | Json) -> str | None:
    """JSON in its canonical spelling."""
    return None if value is None else json_attribute(loose(value))


def object_text(value: Attribute | Json) -> str | None:
    """A JSON object in its canonical spelling; keys keep their order, which reads better."""
    read = loose(value)
    return json_attribute(read, sort_keys=False) if isinstance(read, Mapping) else None


Coerce = Callable[[Attribute], Attribute]


def _all(coerce: Coerce, keys: Iterable[str]) -> dict[str, Coerce]:
    return dict.fromkeys(keys, coerce)


KINDS: Mapping[str, Coerce] = {
    **_all(
        text,
        """gen_ai.operation.name gen_ai.provider.name gen_ai.conversation.id gen_ai.output.type
        gen_ai.agent.name gen_ai.agent.id gen_ai.agent.description gen_ai.agent.version gen_ai.workflow.name
        gen_ai.request.model gen_ai.response.id gen_ai.response.model gen_ai.data_source.id
        agentops.prompt.name agentops.prompt.version agentops.prompt.digest agentops.tools.digest
        gen_ai.retrieval.query.text gen_ai.tool.name gen_ai.tool.type gen_ai.tool.description
        gen_ai.tool.call.id openai.api.type openai.request.service_tier openai.response.service_tier
        openai.response.system_fingerprint mcp.method.name mcp.protocol.version mcp.resource.uri
        mcp.session.id jsonrpc.request.id gen_ai.prompt.name agentops.mcp.server
        http.request.method server.address url.path url.query error.type
        agentops.tool.effect agentops.tool.idempotency_key agentops.request.previous_response
        agentops.handoff.sender agentops.hitl.action agentops.hitl.status agentops.hitl.reason
        agentops.hitl.approver_hash agentops.hitl.policy agentops.decision.type agentops.decision.chosen
        agentops.decision.reason agentops.authority agentops.task agentops.team agentops.tenant
        agentops.use_case agentops.step agentops.step.type agentops.cost.currency
        agentops.label""".split(),
    ),
    **_all(
        count,
        """gen_ai.request.max_tokens gen_ai.request.choice.count gen_ai.request.seed gen_ai.request.top_k
        gen_ai.embeddings.dimension.count gen_ai.usage.input_tokens gen_ai.usage.output_tokens
        gen_ai.usage.cache_read.input_tokens gen_ai.usage.cache_creation.input_tokens
        gen_ai.usage.reasoning.output_tokens http.response.status_code server.port""".split(),
    ),
    **_all(
        number,
        """gen_ai.request.temperature gen_ai.request.top_p gen_ai.request.frequency_penalty
        gen_ai.request.presence_penalty gen_ai.response.time_to_first_chunk agentops.hitl.deadline_s
        agentops.hitl.wait_ms agentops.duration_ms agentops.confidence agentops.decision.confidence
        agentops.cost.amount""".split(),
    ),
    **_all(flag, (sc.REQUEST_STREAM, sc.AGENTOPS_HITL_REQUIRED, sc.AGENTOPS_ERROR_RETRIABLE)),
    **_all(
        strings,
        (
            sc.REQUEST_STOP_SEQUENCES,
            sc.REQUEST_ENCODING_FORMATS,
            sc.RESPONSE_FINISH_REASONS,
            sc.AGENTOPS_DECISION_OPTIONS,
        ),
    ),
    **_all(json_text, (key for key in sc.JSON_KEYS if key not in sc.MESSAGE_KEYS)),
    sc.TOOL_CALL_ARGUMENTS: object_text,
}
"""Every attribute of the table but the messages, and how a foreign value becomes one of it."""
