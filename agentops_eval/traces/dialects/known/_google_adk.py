"""Google's Agent Development Kit: requests, replies and tools' values as JSON of its own."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _tools as tools
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading import SourceSpan

NAME = "google-adk"

_OWN = "gcp.vertex.agent."
_MERGED = "(merged"


def recognises(source: SourceSpan) -> bool:
    """The scope, or an attribute of the kit's."""
    return source.origin.scope == "gcp.vertex.agent" or any(
        key.startswith(_OWN) for key in source.span.attributes
    )


def read(source: SourceSpan) -> Reading:
    """Read the span; the span that merges parallel tools is a step, since each tool has its own."""
    reader = Reader(source)
    name = source.span.name
    reader.put(sc.CONVERSATION_ID, reader.text(_OWN + "session_id"))
    _llm(reader, reader.obj(_OWN + "llm_request"), reader.obj(_OWN + "llm_response"))
    given, answered = reader.json(_OWN + "tool_call_args"), reader.raw(_OWN + "tool_response")
    reader.ignore(prefixes=(_OWN,))
    if _MERGED in name or _MERGED in str(reader.given.get(sc.TOOL_NAME, "")):
        return done(reader, STEP, step="merged tools")
    if name.startswith(sc.EXECUTE_TOOL) or reader.given.get(sc.OPERATION_NAME) == sc.EXECUTE_TOOL:
        reader.put(sc.TOOL_CALL_ARGUMENTS, tools.arguments(given))
        if answered is not None and sc.TOOL_CALL_RESULT not in reader.given:
            reader.put(sc.TOOL_CALL_RESULT, v.json_text(_answer(v.loose(answered))) or "null")
        return done(reader, sc.EXECUTE_TOOL)
    return _other(reader, name)


def _other(reader: Reader, name: str) -> Reading:
    if sc.OPERATION_NAME in reader.given:
        return done(reader)
    if name == "call_llm":
        return done(reader, sc.CHAT)
    for start in ("agent_run", "invoke_agent"):
        if name.startswith(start):
            reader.put(sc.AGENT_NAME, name.removeprefix(start).strip(" []"))
            return done(reader, sc.INVOKE_AGENT)
    return done(reader, sc.INVOKE_WORKFLOW if name == "invocation" else None)


def _llm(reader: Reader, asked: Mapping[str, Json], reply: Mapping[str, Json]) -> None:
    settings = p.obj(asked.get("config"))
    reader.put(sc.REQUEST_MODEL, asked.get("model"))
    reader.instruct(settings.get("system_instruction"))
    reader.define(settings.get("tools"))
    reader.ask([_content(item) for item in p.arr(asked.get("contents"))])
    reader.answer(reply.get("content"))
    reader.put(sc.RESPONSE_FINISH_REASONS, reply.get("finish_reason"))
    reader.put(sc.RESPONSE_MODEL, reply.get("model_version"))
    counted = p.obj(reply.get("usage_metadata"))
    asked_tokens, total = (
        v.count(counted.get("prompt_token_count")),
        v.count(counted.get("total_token_count")),
    )
    if asked_tokens is not None and total is not None and total >= asked_tokens:
        # The span's own count adds reasoning to an output that may hold it already; the rest is exact.
        reader.put(sc.USAGE_INPUT_TOKENS, asked_tokens)
        reader.put(sc.USAGE_OUTPUT_TOKENS, total - asked_tokens)
    reader.put(sc.USAGE_CACHE_READ, counted.get("cached_content_token_count"))
    reader.put(sc.USAGE_REASONING, counted.get("thoughts_token_count"))


def _content(item: Json) -> Json:
    """A message in which what tools answered stands as on their own spans."""
    content = p.obj(item)
    return {**content, "parts": [_part(one) for one in p.arr(content.get("parts"))]} if content else item


def _part(item: Json) -> Json:
    part = p.obj(item)
    for key in ("function_response", "functionResponse"):
        answered = p.obj(part.get(key))
        if "response" in answered:
            return {**part, key: {**answered, "response": _bare(answered["response"])}}
    return item


def _answer(value: Json) -> Json:
    return tools.result(_bare(value))


def _bare(value: Json) -> Json:
    """A tool's own value; the kit wraps it as ``{"result": value}``."""
    return value["result"] if isinstance(value, Mapping) and set(value) == {"result"} else value
