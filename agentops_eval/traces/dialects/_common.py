"""The rules that hold in every dialect: names, their aliases, messages wherever they stand, errors."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Attribute, Json, SpanEvent, StatusCode
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _tools as tools
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._finish import finished
from agentops_eval.traces.dialects._legacy import chunks, heard
from agentops_eval.traces.dialects._messages import conversation
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP, operation_of
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import _parts as p

_DETAILS = "gen_ai.client.inference.operation.details"
_TOTALS = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total")
_SECRET = ("LANGSMITH_", "LANGCHAIN_")
_NOISE = ("gen_ai.usage.details.", "gen_ai.event.", "telemetry.", "code.", "thread.")
_TOOLS = ("llm.request.functions.", "gen_ai.request.tools.", "gen_ai.tool.definitions.")


def common(reader: Reader) -> None:
    """Read whatever has a name of the table or an alias of one; a dialect's own rules come before."""
    reader.used.update(_names(reader, reader.given))
    _messages(reader)
    for event in reader.source.span.events:
        if event.name == _DETAILS:
            _details(reader, event)
    heard(reader)
    chunks(reader)
    if sc.TOOL_DEFINITIONS in reader.found:
        reader.found[sc.TOOL_DEFINITIONS] = tools.definitions_text(reader.found[sc.TOOL_DEFINITIONS])
    _error(reader)
    reader.total = v.count(reader.raw(*_TOTALS))
    leaked = [key for key in reader.given if key.rpartition(".")[2].startswith(_SECRET)]
    reader.ignore(*leaked, prefixes=_NOISE)


def done(reader: Reader, operation: str | None = None, *, step: str = "") -> Reading:
    """The reading after the common rules; the operation is looked for where none is given."""
    common(reader)
    named = reader.found.get(sc.OPERATION_NAME)
    if operation is None:
        operation = operation_of(named) if isinstance(named, str) else guessed(reader)
        step = step or (named if isinstance(named, str) else "")
    if operation == sc.INVOKE_AGENT:
        _, _, rest = reader.source.span.name.partition(f"{sc.INVOKE_AGENT} ")
        reader.put(sc.AGENT_NAME, rest or reader.found.get(sc.AGENT_ID))
    elif operation == sc.EXECUTE_TOOL:
        _execution(reader)
        _, _, rest = reader.source.span.name.partition(f"{sc.EXECUTE_TOOL} ")
        reader.put(sc.TOOL_NAME, rest)
    return finished(reader, operation, step=step if operation == STEP else "")


def executed(reader: Reader, *, given: Json, answered: Attribute) -> None:
    """Read what a tool was given and what it answered, with the call's id and failure if those tell it."""
    reader.put(sc.TOOL_CALL_ARGUMENTS, tools.arguments(given))
    reader.put(sc.TOOL_CALL_ID, reader.text(sc.TOOL_CALL_ID) or tools.answered_id(answered))
    if answered is not None:
        reader.put(sc.TOOL_CALL_RESULT, v.json_text(tools.result(answered)) or "null")
        reader.failed |= tools.failed(answered)


def guessed(reader: Reader) -> str:
    """What a span without an operation is, by its name or by what it tells."""
    first, _, rest = reader.source.span.name.partition(" ")
    if rest and first in {sc.CHAT, sc.EXECUTE_TOOL, sc.INVOKE_AGENT} and reader.found:
        return first
    told = {sc.USAGE_OUTPUT_TOKENS, sc.OUTPUT_MESSAGES, sc.RESPONSE_MODEL, sc.RESPONSE_ID} & set(reader.found)
    if sc.REQUEST_MODEL in reader.found and (told or reader.asked or reader.answered):
        return sc.CHAT
    return sc.EXECUTE_TOOL if sc.TOOL_CALL_ID in reader.found else STEP


def _names(reader: Reader, given: Mapping[str, Attribute]) -> set[str]:
    """Read names of the table first, aliases after them in their order; give the keys that were read."""
    read: set[str] = set()
    for key, value in given.items():
        known = key in v.KINDS and reader.put(key, value)
        if not known and key.startswith(sc.AGENTOPS_REQUEST) and isinstance(value, (bool, int, float, str)):
            reader.found.setdefault(key, value)
            known = True
        if known:
            read.add(key)
    for key, name in sc.ALIASES.items():
        if key in given and name in v.KINDS and reader.put(name, given[key]):
            read.add(key)
    return read


def _messages(reader: Reader) -> None:
    reader.instruct(reader.json(sc.SYSTEM_INSTRUCTIONS))
    reader.ask(reader.json(sc.INPUT_MESSAGES))
    reader.answer(reader.json(sc.OUTPUT_MESSAGES))
    prompt, completion = reader.tree("gen_ai.prompt."), reader.tree("gen_ai.completion.")
    reader.ask(prompt or reader.json("gen_ai.prompt"))
    reader.answer(completion or reader.json("gen_ai.completion"))
    if completion:
        reasons = [p.text(p.obj(one).get("finish_reason")) for one in p.arr(completion)]
        reader.put(sc.RESPONSE_FINISH_REASONS, tuple(one for one in reasons if one))
    for prefix in _TOOLS:
        reader.define(reader.tree(prefix))


def _details(reader: Reader, event: SpanEvent) -> None:
    """The event that repeats a call's attributes, or holds what was kept off the span."""
    _names(reader, event.attributes)
    for known, take, key in (
        (reader.system, reader.instruct, sc.SYSTEM_INSTRUCTIONS),
        (reader.asked, reader.ask, sc.INPUT_MESSAGES),
        (reader.answered, reader.answer, sc.OUTPUT_MESSAGES),
    ):
        if not known:
            take(v.loose(event.attributes.get(key)))


def _execution(reader: Reader) -> None:
    """Arguments and results in the conventions' shape; some keep them as messages of the execution."""
    for said, kind, key, field in (
        (reader.asked, "tool_call", sc.TOOL_CALL_ARGUMENTS, "arguments"),
        (reader.answered, "tool_call_response", sc.TOOL_CALL_RESULT, "response"),
    ):
        parts = [one for message in said for one in message.parts if one.get("type") == kind]
        if parts:
            reader.put(sc.TOOL_CALL_ID, parts[0].get("id"))
            inner = conversation(parts[0].get(field))
            text = inner[0].parts[0].get("content") if len(inner) == 1 and inner[0].parts else None
            reader.put(key, parts[0].get(field)) or reader.put(key, text)
    if sc.TOOL_CALL_RESULT in reader.found:
        answer: Json = tools.result(_loose(reader, sc.TOOL_CALL_RESULT))
        reader.found[sc.TOOL_CALL_RESULT] = v.json_text(answer) or "null"


def _loose(reader: Reader, key: str) -> Json:
    return v.loose(reader.found[key])


def _error(reader: Reader) -> None:
    """The type of an exception that was noted as an event, where the span failed by it; else any error."""
    if reader.source.span.status is StatusCode.ERROR:
        noted = [one for one in reader.source.span.events if one.name == "exception"]
        for event in noted[-1:]:
            reader.put(sc.ERROR_TYPE, v.text(event.attributes.get("exception.type")))
    if reader.failed:
        reader.put(sc.ERROR_TYPE, "_OTHER")
