"""PydanticAI, formats 1 to 6: messages as events, then as the conventions', totals apart since 5."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._common import done, executed
from agentops_eval.traces.dialects._legacy import told_by_events
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "pydantic-ai"

_MARKS = (
    "model_request_parameters",
    "pydantic_ai.all_messages",
    "all_messages_events",
    "gen_ai.agent.call.id",
)


def recognises(source: SourceSpan) -> bool:
    """The scope, or an attribute that nobody else writes."""
    given = source.span.attributes
    return source.origin.scope == "pydantic-ai" or any(mark in given for mark in _MARKS)


def read(source: SourceSpan) -> Reading:
    """Read the span; the first formats name operations in the span's name only."""
    reader = Reader(source)
    reader.ignore(*_MARKS, "final_result", "logfire.msg", "logfire.json_schema", "logfire.msg_template")
    reader.ignore(prefixes=("gen_ai.aggregated_usage.", "pydantic_ai.cache.", "logfire."))
    told_by_events(reader, reader.json("events"))
    if sc.TOOL_DEFINITIONS not in reader.given:
        reader.define(reader.obj("model_request_parameters").get("function_tools"))
    operation = _operation(reader)
    if operation == sc.INVOKE_AGENT:
        reader.put(sc.REQUEST_MODEL, reader.text("model_name"))
        _history(reader)
    elif operation == sc.EXECUTE_TOOL:
        given = reader.json(sc.TOOL_CALL_ARGUMENTS, "tool_arguments")
        executed(reader, given=given, answered=reader.raw(sc.TOOL_CALL_RESULT, "tool_response"))
    return done(reader, operation, step="tools" if operation == STEP else "")


def _operation(reader: Reader) -> str | None:
    name = reader.source.span.name
    if sc.OPERATION_NAME in reader.given:
        return None if reader.given[sc.OPERATION_NAME] not in _KNOWN else str(reader.given[sc.OPERATION_NAME])
    if name == "agent run" or name.endswith(" run") or "all_messages_events" in reader.given:
        return sc.INVOKE_AGENT
    if name.startswith("running tool") and sc.TOOL_NAME in reader.given:
        return sc.EXECUTE_TOOL
    return STEP if name.startswith("running") else None


_KNOWN = (sc.INVOKE_AGENT, sc.EXECUTE_TOOL)


def _history(reader: Reader) -> None:
    """An agent's messages: all of them, of which the last is its answer."""
    told_by_events(reader, reader.json("all_messages_events"))
    reader.ask(reader.json("pydantic_ai.all_messages"))
    if reader.asked and not reader.answered and reader.asked[-1].role == "assistant":
        reader.answered, reader.asked = reader.asked[-1:], reader.asked[:-1]
