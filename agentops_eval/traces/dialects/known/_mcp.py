"""The Model Context Protocol: spans of the mcp SDK, and of whoever follows its conventions."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "mcp"
_CALL = "tools/call"


def recognises(source: SourceSpan) -> bool:
    """The SDK's scope, or a method of the protocol on a span that is no framework's tool span."""
    return source.origin.scope == "mcp-python-sdk" or (
        sc.MCP_METHOD_NAME in source.span.attributes and sc.TOOL_CALL_ID not in source.span.attributes
    )


def read(source: SourceSpan) -> Reading:
    """Read the span: a call of a tool on either side is an execution, anything else a step."""
    reader = Reader(source)
    method = reader.text(sc.MCP_METHOD_NAME)
    if method != _CALL:
        return done(reader, STEP, step="mcp")
    _, _, tool = source.span.name.partition(f"{_CALL} ")
    reader.put(sc.TOOL_NAME, reader.text(sc.TOOL_NAME) or tool)
    return done(reader, sc.EXECUTE_TOOL)
