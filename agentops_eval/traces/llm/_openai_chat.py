"""OpenAI Chat Completions, and the many servers that speak it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage
from agentops_eval.traces.llm._wire import Exchange

PARAMETERS = {
    "max_tokens": sc.REQUEST_MAX_TOKENS,
    "max_completion_tokens": sc.REQUEST_MAX_TOKENS,
    "temperature": sc.REQUEST_TEMPERATURE,
    "top_p": sc.REQUEST_TOP_P,
    "top_k": sc.REQUEST_TOP_K,
    "n": sc.REQUEST_CHOICE_COUNT,
    "stop": sc.REQUEST_STOP_SEQUENCES,
    "seed": sc.REQUEST_SEED,
    "frequency_penalty": sc.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": sc.REQUEST_PRESENCE_PENALTY,
    "reasoning_effort": sc.AGENTOPS_REQUEST + "reasoning_effort",
    "parallel_tool_calls": sc.AGENTOPS_REQUEST + "parallel_tool_calls",
    "tool_choice": sc.AGENTOPS_REQUEST + "tool_choice",
    "service_tier": "openai.request.service_tier",
}
FINISH = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_call",
    "function_call": "tool_call",
    "content_filter": "content_filter",
    "error": "error",
}
_HOSTS = (
    ("openai.azure.com", "azure.ai.openai"),
    ("groq.com", "groq"),
    ("x.ai", "x_ai"),
    ("deepseek.com", "deepseek"),
    ("mistral.ai", "mistral_ai"),
    ("perplexity.ai", "perplexity"),
    ("moonshot.ai", "moonshot_ai"),
)


def by_path(exchange: Exchange) -> bool:
    """Whether the address says Chat Completions."""
    asked = exchange.asked
    return exchange.path.endswith("/chat/completions") and (asked is None or "messages" in p.obj(asked))


def by_shape(exchange: Exchange) -> bool:
    """Whether request and reply have the shape, whatever the address."""
    if not p.arr(p.obj(exchange.asked).get("messages")):
        return False
    documents = (exchange.answered, *exchange.documents[:2])
    return any(p.arr(p.obj(document).get("choices")) for document in documents)


def parse(exchange: Exchange) -> LlmCall:
    """Read the call."""
    asked = p.obj(exchange.asked)
    reply = _joined(exchange.documents) if exchange.is_stream else p.obj(exchange.answered)
    choices = p.arr(reply.get("choices"))[: p.MAX_ITEMS]
    messages, skipped = p.capped(p.arr(asked.get("messages")))
    parameters = p.parameters(asked, PARAMETERS)
    if asked.get("n") == 1:
        parameters.pop(sc.REQUEST_CHOICE_COUNT)
    chosen = p.obj(asked.get("tool_choice"))
    if chosen:
        name = p.obj(chosen.get("function")).get("name") or chosen.get("type")
        parameters[sc.AGENTOPS_REQUEST + "tool_choice"] = p.text(name)
    output_type = _output_type(asked.get("response_format"))
    if output_type:
        parameters[sc.OUTPUT_TYPE] = output_type
    return LlmCall(
        provider=provider(exchange.host),
        request_model=p.text(asked.get("model")),
        response_model=p.text(reply.get("model")),
        parameters=parameters,
        input_messages=p.with_skipped([message(one) for one in messages], skipped),
        output_messages=tuple(message(p.obj(one).get("message"), role="assistant") for one in choices),
        tool_definitions=tuple(tool(one) for one in _tools(asked)),
        finish_reasons=_finish_reasons(choices),
        usage=usage(p.obj(reply.get("usage"))),
        response_id=p.text(reply.get("id")),
        streamed=exchange.is_stream or asked.get("stream") is True,
        time_to_first_chunk_s=exchange.first_chunk_s,
        error_type=error_type(reply),
        complete=exchange.whole,
    )


def provider(host: str) -> str:
    """The provider by its host; a gateway or a local server counts as the dialect's own."""
    return next((name for end, name in _HOSTS if host == end or host.endswith("." + end)), "openai")


def error_type(reply: Mapping[str, Json]) -> str | None:
    """The provider's word for what went wrong."""
    error = reply.get("error")
    if not error:
        return None
    body = p.obj(error)
    return p.text(body.get("code")) or p.text(body.get("type")) or "error"


def message(value: Json, *, role: str = "user") -> Message:
    """One message of the conversation."""
    said = p.obj(value)
    role = p.text(said.get("role")) or role
    parts: list[Part] = []
    thought = p.text(said.get("reasoning_content")) or p.text(said.get("reasoning"))
    if thought:
        parts.append(p.reasoning_part(thought))
    if role in {"tool", "function"}:
        parts.append(p.tool_response_part(said.get("tool_call_id"), said.get("content")))
    else:
        parts += content(said.get("content"))
    refusal = p.text(said.get("refusal"))
    if refusal:
        parts.append({"type": "refusal", "content": refusal})
    parts += [_tool_call(call) for call in p.arr(said.get("tool_calls"))[: p.MAX_ITEMS]]
    legacy = p.obj(said.get("function_call"))
    if legacy:
        parts.append(p.tool_call_part(None, legacy.get("name"), legacy.get("arguments")))
    return Message(role=role, parts=tuple(parts), name=p.text(said.get("name")))


def content(value: Json) -> list[Part]:
    """The parts of a message's content: a string, or a list of typed parts."""
    return p.parts_of(value, _content_part)


def _content_part(part: Mapping[str, Json]) -> Part:
    kind = part.get("type")
    if kind == "text":
        return p.text_part(p.text(part.get("text")) or "")
    if kind == "refusal":
        return {"type": "refusal", "content": p.text(part.get("refusal")) or ""}
    if kind == "image_url":
        image = part.get("image_url")
        return p.media_part("image", p.text(p.obj(image).get("url")) or p.text(image) or "")
    if kind == "input_audio":
        audio = p.obj(part.get("input_audio"))
        return p.blob_part("audio", p.text(audio.get("data")) or "", p.text(audio.get("format")))
    if kind == "file":
        file = p.obj(part.get("file"))
        data = p.text(file.get("file_data"))
        identity = p.text(file.get("file_id"))
        return p.media_part("file", data) if data else {"type": "file", "file_id": identity}
    return p.generic_part(part)


def _tool_call(value: Json) -> Part:
    call = p.obj(value)
    custom = p.obj(call.get("custom"))
    if custom:
        return p.tool_call_part(call.get("id"), custom.get("name"), custom.get("input"))
    function = p.obj(call.get("function"))
    return p.tool_call_part(call.get("id"), function.get("name"), function.get("arguments"))


def _tools(asked: Mapping[str, Json]) -> Sequence[Json]:
    tools = p.arr(asked.get("tools"))
    return (tools or p.arr(asked.get("functions")))[: p.MAX_ITEMS]


def tool(value: Json) -> Json:
    """One tool definition."""
    body = p.obj(value)
    function = p.obj(body.get("function")) or body
    if body.get("type", "function") != "function" or not function.get("name"):
        return p.generic_part(value, drop=())
    return p.function_tool(function.get("name"), function.get("description"), function.get("parameters"))


def _finish_reasons(choices: Sequence[Json]) -> tuple[str, ...]:
    reasons = (p.text(p.obj(choice).get("finish_reason")) for choice in choices)
    return tuple(FINISH.get(reason, reason) for reason in reasons if reason is not None)


def _output_type(value: Json) -> str | None:
    kind = p.obj(value).get("type")
    return "json" if kind in {"json_object", "json_schema"} else "text" if kind == "text" else None


def usage(value: Mapping[str, Json]) -> Usage:
    """Token counts."""
    asked = p.obj(value.get("prompt_tokens_details"))
    answered = p.obj(value.get("completion_tokens_details"))
    return Usage(
        input_tokens=p.count(value.get("prompt_tokens")),
        output_tokens=p.count(value.get("completion_tokens")),
        cache_read_tokens=p.count(asked.get("cached_tokens")),
        reasoning_tokens=p.count(answered.get("reasoning_tokens")),
    )


def _joined(documents: Sequence[Json]) -> Mapping[str, Json]:
    """The reply that a stream's chunks make up."""
    whole: dict[str, Json] = {}
    choices: dict[int, _Choice] = {}
    for document in documents:
        chunk = p.obj(document)
        for key in ("id", "model", "usage", "error"):
            if chunk.get(key):
                whole.setdefault(key, chunk[key]) if key != "usage" else whole.update(usage=chunk[key])
        for item in p.arr(chunk.get("choices")):
            index = p.count(p.obj(item).get("index")) or 0
            if index in choices or len(choices) < p.MAX_ITEMS:
                choices.setdefault(index, _Choice()).add(p.obj(item))
    whole["choices"] = [choices[index].joined() for index in sorted(choices)]
    return whole


class _Choice:
    """One choice, growing delta by delta."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._role: Json = None
        self._reason: Json = None
        self._calls: dict[int, dict[str, str]] = {}
        self._arguments: dict[int, list[str]] = {}

    def add(self, item: Mapping[str, Json]) -> None:
        delta = p.obj(item.get("delta")) or p.obj(item.get("message"))
        self._role = delta.get("role") or self._role
        self._reason = item.get("finish_reason") or self._reason
        for key in ("content", "refusal", "reasoning_content", "reasoning"):
            piece = delta.get(key)
            if isinstance(piece, str):
                self._texts.setdefault(key, []).append(piece)
        for position, call in enumerate(p.arr(delta.get("tool_calls"))):
            self._add_call(p.obj(call), position)
        legacy = p.obj(delta.get("function_call"))
        if legacy:
            self._add_call({"index": 0, "function": legacy}, 0)

    def _add_call(self, call: Mapping[str, Json], position: int) -> None:
        index = p.count(call.get("index"))
        index = position if index is None else index
        if index not in self._calls and len(self._calls) >= p.MAX_ITEMS:
            return
        known = self._calls.setdefault(index, {})
        function = p.obj(call.get("function")) or p.obj(call.get("custom"))
        for key, value in (("id", call.get("id")), ("name", function.get("name"))):
            if isinstance(value, str) and value:
                known.setdefault(key, value)
        piece = function.get("arguments", function.get("input"))
        if isinstance(piece, str):
            self._arguments.setdefault(index, []).append(piece)

    def joined(self) -> Json:
        message: dict[str, Json] = {key: "".join(pieces) for key, pieces in self._texts.items()}
        message["role"] = self._role or "assistant"
        calls: list[Json] = []
        for index in sorted(self._calls):
            arguments = "".join(self._arguments.get(index, []))
            known = self._calls[index]
            function = {"name": known.get("name", ""), "arguments": arguments}
            calls.append({"id": known.get("id", ""), "function": function})
        if calls:
            message["tool_calls"] = calls
        return {"message": message, "finish_reason": self._reason}
