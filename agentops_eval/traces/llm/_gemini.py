"""Gemini's generateContent, on its own API and on Vertex AI; streams as events or as a JSON array."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agentops_eval.domain import Attribute, Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage
from agentops_eval.traces.llm._openai_chat import error_type
from agentops_eval.traces.llm._wire import Exchange

PARAMETERS = {
    "maxOutputTokens": sc.REQUEST_MAX_TOKENS,
    "temperature": sc.REQUEST_TEMPERATURE,
    "topP": sc.REQUEST_TOP_P,
    "topK": sc.REQUEST_TOP_K,
    "candidateCount": sc.REQUEST_CHOICE_COUNT,
    "stopSequences": sc.REQUEST_STOP_SEQUENCES,
    "seed": sc.REQUEST_SEED,
    "frequencyPenalty": sc.REQUEST_FREQUENCY_PENALTY,
    "presencePenalty": sc.REQUEST_PRESENCE_PENALTY,
}
FINISH = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "MALFORMED_FUNCTION_CALL": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    **dict.fromkeys(
        ("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"),
        "content_filter",
    ),
}
_PATH = re.compile(r"/models/([^/:]+):(stream)?[gG]enerateContent$")


def by_path(exchange: Exchange) -> bool:
    """Whether the address says generateContent."""
    return _PATH.search(exchange.path) is not None


def by_shape(exchange: Exchange) -> bool:
    """Whether request and reply have the shape, whatever the address."""
    if not p.arr(p.obj(exchange.asked).get("contents")):
        return False
    return any("candidates" in document for document in _replies(exchange)[:2])


def parse(exchange: Exchange) -> LlmCall:
    """Read the call."""
    asked = p.obj(exchange.asked)
    replies = _replies(exchange)
    settings = p.obj(_either(asked, "generationConfig", "generation_config"))
    system = p.obj(_either(asked, "systemInstruction", "system_instruction"))
    contents, skipped = p.capped(p.arr(asked.get("contents")))
    found = _PATH.search(exchange.path)
    candidates = _candidates(replies)
    counted = [p.obj(reply.get("usageMetadata")) for reply in replies if reply.get("usageMetadata")]
    reasons = [reason for candidate in candidates if (reason := candidate.reason) is not None]
    return LlmCall(
        provider="gcp.vertex_ai" if "/publishers/" in exchange.path else "gcp.gemini",
        request_model=found[1] if found else p.text(asked.get("model")),
        response_model=_first(replies, "modelVersion"),
        parameters=_parameters(settings),
        system_instructions=tuple(content(system.get("parts"))),
        input_messages=p.with_skipped([_message(one) for one in contents], skipped),
        output_messages=tuple(Message(role="assistant", parts=tuple(one.parts)) for one in candidates),
        tool_definitions=tuple(tools(p.arr(asked.get("tools")))),
        finish_reasons=tuple(FINISH.get(reason, reason.lower()) for reason in reasons),
        usage=usage(counted[-1]) if counted else Usage(),
        response_id=_first(replies, "responseId"),
        streamed=exchange.is_stream or bool(found and found[2]),
        time_to_first_chunk_s=exchange.first_chunk_s,
        error_type=_error(replies),
        complete=exchange.whole and (not exchange.is_stream or bool(reasons)),
    )


def _replies(exchange: Exchange) -> list[Mapping[str, Json]]:
    documents: Sequence[Json] = exchange.documents
    if not exchange.is_stream:
        answered = exchange.answered
        documents = p.arr(answered) or (answered,)
    return [p.obj(document) for document in documents]


def _first(replies: Sequence[Mapping[str, Json]], key: str) -> str | None:
    return next((found for reply in replies if (found := p.text(reply.get(key)))), None)


def _either(body: Mapping[str, Json], *names: str) -> Json:
    """The API takes both spellings of a name."""
    return next((body[name] for name in names if name in body), None)


def _error(replies: Sequence[Mapping[str, Json]]) -> str | None:
    for reply in replies:
        body = p.obj(reply.get("error"))
        if body:
            return p.text(body.get("status")) or error_type(reply)
        blocked = p.text(p.obj(reply.get("promptFeedback")).get("blockReason"))
        if blocked:
            return blocked
    return None


def _parameters(settings: Mapping[str, Json]) -> dict[str, Attribute]:
    told = {camel(key): value for key, value in settings.items()}
    found = p.parameters(told, PARAMETERS)
    if told.get("candidateCount") == 1:
        found.pop(sc.REQUEST_CHOICE_COUNT)
    if told.get("responseMimeType") == "application/json":
        found[sc.OUTPUT_TYPE] = "json"
    return found


def camel(name: str) -> str:
    """A name as the API's JSON spells it."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _message(value: Json) -> Message:
    body = p.obj(value)
    parts = content(body.get("parts"))
    role = p.text(body.get("role")) or "user"
    if parts and all(part.get("type") == "tool_call_response" for part in parts):
        role = "tool"
    return Message(role="assistant" if role == "model" else role, parts=tuple(parts))


def content(value: Json) -> list[Part]:
    """The parts of a content."""
    items, skipped = p.capped(p.arr(value))
    parts = [_part(p.obj(item)) for item in items]
    return [*parts, p.skipped_part(skipped)] if skipped else parts


def _part(part: Mapping[str, Json]) -> Part:
    said = part.get("text")
    if isinstance(said, str):
        return p.reasoning_part(said) if part.get("thought") is True else p.text_part(said)
    call = p.obj(_either(part, "functionCall", "function_call"))
    if call:
        return p.tool_call_part(call.get("id"), call.get("name"), call.get("args"))
    answer = p.obj(_either(part, "functionResponse", "function_response"))
    if answer:
        response = p.tool_response_part(answer.get("id"), answer.get("response"))
        return {**response, "name": p.text(answer.get("name")) or ""}
    data = p.obj(_either(part, "inlineData", "inline_data"))
    if data:
        mime_type = p.text(_either(data, "mimeType", "mime_type"))
        return p.blob_part(_modality(mime_type), p.text(data.get("data")) or "", mime_type)
    file = p.obj(_either(part, "fileData", "file_data"))
    if file:
        mime_type = p.text(_either(file, "mimeType", "mime_type"))
        url = p.text(_either(file, "fileUri", "file_uri")) or ""
        return p.media_part(_modality(mime_type), url, mime_type)
    for name in ("executableCode", "codeExecutionResult"):
        if name in part:
            kind = "server_tool_call" if name == "executableCode" else "server_tool_call_response"
            return {"type": kind, "name": name, kind: part[name]}
    return p.generic_part(part, drop=("thoughtSignature", "thought_signature"))


def _modality(mime_type: str | None) -> str:
    head = (mime_type or "").partition("/")[0]
    return head if head in {"image", "audio", "video"} else "file"


def tools(offered: Sequence[Json]) -> list[Json]:
    """The definitions in a list of tools."""
    found: list[Json] = []
    for item in offered[: p.MAX_ITEMS]:
        tool = p.obj(item)
        declared = p.arr(_either(tool, "functionDeclarations", "function_declarations"))
        for one in declared[: p.MAX_ITEMS]:
            body = p.obj(one)
            schema = _either(body, "parameters", "parametersJsonSchema", "parameters_json_schema")
            found.append(p.function_tool(body.get("name"), body.get("description"), schema))
        if not declared:
            found += [{"type": name} for name in tool]
    return found


def usage(value: Mapping[str, Json]) -> Usage:
    """Token counts. Gemini counts thoughts beside the candidates, the conventions in the output."""
    thoughts = p.count(value.get("thoughtsTokenCount"))
    spoken = p.count(value.get("candidatesTokenCount"))
    asked = p.count(value.get("promptTokenCount"))
    used = p.count(value.get("toolUsePromptTokenCount"))
    return Usage(
        input_tokens=None if asked is None else p.total(asked, used),
        output_tokens=p.total(spoken, thoughts),
        cache_read_tokens=p.count(value.get("cachedContentTokenCount")),
        reasoning_tokens=thoughts,
    )


class _Candidate:
    """One candidate, growing chunk by chunk."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.reason: str | None = None

    def add(self, value: Mapping[str, Json]) -> None:
        self.reason = p.text(value.get("finishReason")) or self.reason
        for part in content(p.obj(value.get("content")).get("parts")):
            last = self.parts[-1] if self.parts else {}
            kind = part.get("type")
            if kind in {"text", "reasoning"} and last.get("type") == kind:
                joined = str(last.get("content")) + str(part.get("content"))
                self.parts[-1] = p.text_part(joined) if kind == "text" else p.reasoning_part(joined)
            elif len(self.parts) < p.MAX_ITEMS:
                self.parts.append(part)


def _candidates(replies: Sequence[Mapping[str, Json]]) -> list[_Candidate]:
    found: dict[int, _Candidate] = {}
    for reply in replies:
        for item in p.arr(reply.get("candidates"))[: p.MAX_ITEMS]:
            body = p.obj(item)
            found.setdefault(p.count(body.get("index")) or 0, _Candidate()).add(body)
    return [found[index] for index in sorted(found)]
