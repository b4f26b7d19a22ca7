"""From what was gathered of a span to its reading: unified, and only what its kind of span holds."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import Attribute, Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._draft import json_attribute
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import sort_of
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import Message, Part, _anthropic, _gemini, _openai_chat
from agentops_eval.traces.llm import _parts as p

FINISH = {
    **{key.lower(): value for key, value in _gemini.FINISH.items()},
    **_anthropic.FINISH,
    **_openai_chat.FINISH,
    "tooluse": "tool_call",
    "completed": "stop",
    "end": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "complete": "stop",
    "incomplete": "length",
    "max_output_tokens": "length",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
    "failed": "error",
}
"""Finish reasons of providers and frameworks, in lower case, in the conventions' words."""

USAGE = (
    sc.USAGE_INPUT_TOKENS,
    sc.USAGE_OUTPUT_TOKENS,
    sc.USAGE_CACHE_READ,
    sc.USAGE_CACHE_CREATION,
    sc.USAGE_REASONING,
)
_ASKED = (sc.REQUEST_MODEL, sc.OUTPUT_TYPE, sc.TOOL_DEFINITIONS)
_ABOUT_LLM = ("gen_ai.usage.", "gen_ai.response.", "gen_ai.request.", "openai.", sc.AGENTOPS_REQUEST)
_ABOUT_TOOL = ("gen_ai.tool.", "agentops.tool.")
_PROVIDERS = {spelt: name for name, others in sc.PROVIDERS.items() for spelt in (name, *others)}


def finished(reader: Reader, operation: str, *, step: str = "") -> Reading:
    """The span's reading. ``step`` says what a span without an operation is (``chain``, ``cycle``)."""
    _unify_messages(reader)
    _unify_names(reader.found)
    _unify_finish(reader)
    _unify_usage(reader)
    if not operation and sc.HTTP_REQUEST_METHOD not in reader.found:
        reader.put(sc.AGENTOPS_STEP, reader.source.span.name or "step")
        reader.put(sc.AGENTOPS_STEP_TYPE, step)
    if operation and operation != sc.HITL_CHECKPOINT:
        reader.found[sc.OPERATION_NAME] = operation
    else:
        reader.found.pop(sc.OPERATION_NAME, None)
    calls = [one for message in reader.answered for one in message.parts if one.get("type") == "tool_call"]
    return Reading(
        operation=operation,
        attributes=held(reader.found, operation),
        used=frozenset(reader.used),
        calls=tuple(calls),
    )


def held(found: dict[str, Attribute], operation: str) -> dict[str, Attribute]:
    """What a span of this operation holds: totals on agents, and messages on steps, repeat others."""
    sort = sort_of(operation)
    if sort in {"llm", "embeddings", "other"}:
        kept = {key for key in found if not key.startswith(_ABOUT_TOOL) or key == sc.TOOL_DEFINITIONS}
        kept -= {*USAGE, sc.AGENTOPS_COST_AMOUNT} if sort == "other" else _transport(found)
    elif sort == "agent":
        dropped = {key for key in found if key.startswith((*_ABOUT_LLM, *_ABOUT_TOOL))}
        kept = set(found) - dropped - {sc.AGENTOPS_COST_AMOUNT} | {key for key in _ASKED if key in found}
    else:
        kept = {key for key in found if not key.startswith(_ABOUT_LLM)}
        kept -= {*sc.MESSAGE_KEYS, sc.TOOL_DEFINITIONS, sc.OUTPUT_TYPE}
        kept -= set() if sort == "tool" else {key for key in kept if key.startswith(_ABOUT_TOOL)}
    if operation:
        kept -= {sc.AGENTOPS_STEP}
    return {key: found[key] for key in found if key in kept}


def _transport(found: dict[str, Attribute]) -> set[str]:
    """What a client tells of the request that carried a call, unless it failed by it."""
    status = found.get(sc.HTTP_RESPONSE_STATUS_CODE)
    failed = isinstance(status, int) and status >= 400
    told = {sc.HTTP_REQUEST_METHOD, sc.URL_PATH, sc.URL_QUERY, sc.AGENTOPS_HTTP_REQUEST_BODY}
    return told if failed else {*told, sc.HTTP_RESPONSE_STATUS_CODE}


# -- messages ---------------------------------------------------------------------------------


def _unify_messages(reader: Reader) -> None:
    """Instructions stand apart, whether they came as messages or not."""
    count = next(
        (n for n, one in enumerate(reader.asked) if one.role != "system" or not one.parts), len(reader.asked)
    )
    first = tuple(one for message in reader.asked[:count] for one in message.parts)
    if first and reader.system in ((), first):
        reader.system, reader.asked = first, reader.asked[count:]
    for key, messages in ((sc.INPUT_MESSAGES, reader.asked), (sc.OUTPUT_MESSAGES, reader.answered)):
        if messages:
            reader.found[key] = json_attribute([_shown(one) for one in messages])
    if reader.system:
        reader.found[sc.SYSTEM_INSTRUCTIONS] = json_attribute([_readable(one) for one in reader.system])


def _shown(message: Message) -> Json:
    parts = tuple(_readable(one) for one in message.parts)
    return replace(message, parts=parts, name=None if message.role == "tool" else message.name).to_json()


def _readable(part: Part) -> Part:
    """Arguments of a call are an object: none at all is an empty one."""
    if part.get("type") == "tool_call" and part.get("arguments") in (None, ""):
        return {**part, "arguments": {}}
    return part


# -- names and numbers ------------------------------------------------------------------------


def provider(name: str) -> str | None:
    """A provider in the conventions' spelling; None for a framework, which answers nothing itself."""
    low = name.strip().lower()
    return None if low in sc.FRAMEWORKS or not low else _PROVIDERS.get(low, low)


def _unify_names(found: dict[str, Attribute]) -> None:
    named = found.pop(sc.PROVIDER_NAME, None)
    known = provider(named) if isinstance(named, str) else None
    if known is not None:
        found[sc.PROVIDER_NAME] = known
    for key, default in ((sc.REQUEST_CHOICE_COUNT, 1), (sc.REQUEST_STREAM, False)):
        if found.get(key) == default:
            del found[key]


def finish_reason(name: str) -> str:
    """A finish reason in the conventions' words, as it is where they have none."""
    low = name.rpartition(".")[2].lower().replace("-", "_")
    return FINISH.get(low, low)


def _unify_finish(reader: Reader) -> None:
    """A reply that asks for tools has not stopped, whatever its status says."""
    reasons = reader.found.get(sc.RESPONSE_FINISH_REASONS)
    if not isinstance(reasons, tuple):
        return
    named = [finish_reason(one) for one in reasons if isinstance(one, str)]
    if len(named) == len(reader.answered) or len(named) == 1:
        for index, message in enumerate(reader.answered[: len(named)]):
            if named[index] == "stop" and any(one.get("type") == "tool_call" for one in message.parts):
                named[index] = "tool_call"
    reader.found[sc.RESPONSE_FINISH_REASONS] = tuple(named)


def _unify_usage(reader: Reader) -> None:
    """Input includes what was cached; no input and no output at all means that nobody counted."""
    found = reader.found
    plain, answered, read, written = (v.count(found.get(key)) for key in USAGE[:4])
    if plain == 0 and not answered:
        for key in USAGE:
            found.pop(key, None)
        return
    cached = p.total(read, written) or 0
    if plain is None or not cached:
        return
    beside = reader.total is not None and answered is not None and reader.total == plain + answered + cached
    if plain < cached or beside:
        found[sc.USAGE_INPUT_TOKENS] = plain + cached
