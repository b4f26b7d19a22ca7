"""What crosses an MCP session as a span in the making: tools by the GenAI names, the rest by MCP's."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import (
    Attribute,
    Failure,
    Json,
    McpRequest,
    Outcome,
    ToolRequest,
    ValueReply,
    canonical_json,
)
from agentops_eval.domain.mcp import named_in, without_said
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._text import well_formed

TOOL_ERROR = "tool_error"


def tool_attributes(request: ToolRequest) -> dict[str, Attribute]:
    """What an ``execute_tool`` span says more where the tool is a server's."""
    return {sc.MCP_METHOD_NAME: "tools/call", sc.AGENTOPS_MCP_SERVER: well_formed(request.server)}


def request_attributes(request: McpRequest, outcome: Outcome | None) -> dict[str, Attribute]:
    """Of any other request: method, server, what was asked and what came back."""
    attributes: dict[str, Attribute] = {
        sc.MCP_METHOD_NAME: well_formed(request.method),
        sc.AGENTOPS_MCP_SERVER: well_formed(request.server),
    }
    target = named_in(request.method, request.params)
    if target:
        key = sc.MCP_RESOURCE_URI if request.method == "resources/read" else sc.GEN_AI_PROMPT_NAME
        attributes[key] = well_formed(target)
    if request.params:
        attributes[sc.AGENTOPS_MCP_PARAMS] = well_formed(canonical_json(request.params))
    if isinstance(outcome, ValueReply):
        attributes[sc.AGENTOPS_MCP_RESULT] = well_formed(canonical_json(without_said(outcome.value)))
    return attributes


def error_of(outcome: Outcome | None) -> str | None:
    """The error that an answer tells: the code of JSON-RPC, or that the tool itself failed."""
    if isinstance(outcome, Failure):
        code = outcome.arguments[0] if outcome.kind == "MCPError" and outcome.arguments else None
        return str(code) if isinstance(code, int) else None
    value: Json = outcome.value if isinstance(outcome, ValueReply) else None
    return TOOL_ERROR if isinstance(value, Mapping) and value.get("isError") is True else None
