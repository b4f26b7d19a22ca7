"""Strands Agents: messages and tools' arguments and results as events, totals repeated on the agent."""

from __future__ import annotations

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _tools as tools
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._legacy import CHOICE
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "strands"

_CYCLE = "execute_event_loop_cycle"


def recognises(source: SourceSpan) -> bool:
    """The scope, or the name that Strands gives as its provider."""
    given = source.span.attributes
    named = (given.get("gen_ai.system"), given.get(sc.PROVIDER_NAME))
    return source.origin.scope.startswith("strands.") or "strands-agents" in named


def read(source: SourceSpan) -> Reading:
    """Read the span; a cycle of the event loop is a step."""
    reader = Reader(source)
    operation = v.text(reader.given.get(sc.OPERATION_NAME))
    waited = v.count(reader.raw("gen_ai.server.time_to_first_token"))
    if waited is not None:  # in milliseconds, whatever the conventions say
        reader.put(sc.RESPONSE_TIME_TO_FIRST_CHUNK, waited / 1000)
    reader.ignore(
        "gen_ai.agent.tools", "gen_ai.tool.json_schema", "gen_ai.tool.status", prefixes=("event_loop.",)
    )
    if _CYCLE in {operation, source.span.name}:
        reader.ignore(sc.OPERATION_NAME)
        return done(reader, STEP, step="cycle")
    if operation == sc.EXECUTE_TOOL:
        _tool(reader)
    return done(reader)


def _tool(reader: Reader) -> None:
    """The event that brings the arguments is named as if it brought the result."""
    reader.failed = reader.text("gen_ai.tool.status") == "error"
    for event in reader.source.span.events:
        if event.name == "gen_ai.tool.message":
            reader.put(sc.TOOL_CALL_ARGUMENTS, v.loose(event.attributes.get("content")))
            reader.put(sc.TOOL_CALL_ID, v.text(event.attributes.get("id")))
        elif event.name == CHOICE:
            answered: Json = tools.result(v.loose(event.attributes.get("message")))
            reader.put(sc.TOOL_CALL_RESULT, v.json_text(answered) or "null")
