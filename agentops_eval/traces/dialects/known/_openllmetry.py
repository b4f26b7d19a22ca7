"""OpenLLMetry: ``traceloop.*`` on workflows, tasks, agents and tools, beside two ways to write llm calls.

Release 0.40 writes indexed attributes (``gen_ai.prompt.0.content``) and ``llm.request.type``,
release 0.62 the conventions' own; either may carry the other's names.
"""

from __future__ import annotations

import re

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done, executed
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

OLD = "openllmetry-0.40"
NEW = "openllmetry-0.62"

_INDEXED = re.compile(r"gen_ai\.(?:prompt|completion)\.\d+\.")
_RELEASE = re.compile(r"0\.\d+\.\d+")
_TYPES = {
    "chat": sc.CHAT,
    "completion": sc.TEXT_COMPLETION,
    "embedding": sc.EMBEDDINGS,
    "rerank": sc.RETRIEVAL,
}
_KINDS = {"workflow": sc.INVOKE_WORKFLOW, "agent": sc.INVOKE_AGENT, "tool": sc.EXECUTE_TOOL, "task": STEP}


def recognises_old(source: SourceSpan) -> bool:
    """Indexed messages, or the type of a request."""
    given = source.span.attributes
    old = "llm.request.type" in given or any(_INDEXED.match(key) for key in given)
    return old or ("traceloop.span.kind" in given and sc.OPERATION_NAME not in given)


def recognises_new(source: SourceSpan) -> bool:
    """An attribute of Traceloop's, or an instrumentation with the release numbers of its packages."""
    scope = source.origin.scope
    released = scope.startswith("opentelemetry.instrumentation.") and ".genai." not in scope
    return any(key.startswith("traceloop.") for key in source.span.attributes) or bool(
        released and _RELEASE.fullmatch(source.origin.scope_version)
    )


def read(source: SourceSpan) -> Reading:
    """Read the span; the kind of its entity decides before the kind of its request."""
    reader = Reader(source)
    kind, entity = reader.text("traceloop.span.kind"), reader.text("traceloop.entity.name")
    request = reader.text("llm.request.type")
    associated = reader.tree("traceloop.association.properties.")
    if isinstance(associated, dict):
        for key in ("session_id", "thread_id", "conversation_id"):
            reader.put(sc.CONVERSATION_ID, v.text(associated.get(key)))
    reader.put(sc.WORKFLOW_NAME, reader.text("traceloop.workflow.name"))
    reader.ignore(
        "llm.headers", "gen_ai.openai.api_base", "gen_ai.openai.api_version", prefixes=("traceloop.",)
    )
    if kind in _KINDS:
        return _entity(reader, kind, entity)
    if sc.OPERATION_NAME in reader.given or request not in _TYPES:
        return done(reader)
    return done(reader, _TYPES[request])


def _entity(reader: Reader, kind: str, entity: str | None) -> Reading:
    operation = _KINDS[kind]
    if operation == sc.EXECUTE_TOOL:
        _tool(reader, entity)
    elif operation == sc.INVOKE_AGENT:
        reader.put(sc.AGENT_NAME, entity or reader.source.span.name.removesuffix(".agent"))
    elif operation == sc.INVOKE_WORKFLOW:
        reader.put(sc.WORKFLOW_NAME, entity)
    return done(reader, operation, step=kind)


def _tool(reader: Reader, entity: str | None) -> None:
    name = reader.text(sc.TOOL_NAME) or entity or reader.source.span.name.removesuffix(".tool")
    reader.put(sc.TOOL_NAME, name)
    reader.put(sc.TOOL_CALL_ARGUMENTS, reader.json(sc.TOOL_CALL_ARGUMENTS))
    given, answered = reader.json("traceloop.entity.input"), reader.raw("traceloop.entity.output")
    executed(reader, given=given, answered=reader.raw(sc.TOOL_CALL_RESULT) or answered)
