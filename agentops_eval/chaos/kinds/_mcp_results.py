"""What an MCP server answers, read and changed: the text of a tool's result, the tools of a listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Call, Json, McpRequest, Seam, ToolRequest
from agentops_eval.domain.mcp import LIST_TOOLS


def is_listing(call: Call) -> bool:
    """Whether a server is asked for its tools."""
    return isinstance(call.request, McpRequest) and call.request.method == LIST_TOOLS


def is_server_tool(call: Call) -> bool:
    """Whether a tool of a server is called."""
    return call.seam is Seam.MCP and isinstance(call.request, ToolRequest)


def text_of(result: Json) -> str:
    """The texts of a tool's result, one below the other; empty where it is no such result."""
    return "\n".join(str(part.get("text", "")) for part in _parts(result) if part.get("type") == "text")


def with_text(result: Json, text: str) -> Json:
    """The result with this text in place of its texts. Structured content, which tells the same, goes."""
    if not isinstance(result, Mapping):
        return result
    rest = [part for part in _parts(result) if part.get("type") != "text"]
    kept = {name: value for name, value in result.items() if name != "structuredContent"}
    return {**kept, "content": [{"type": "text", "text": text}, *rest]}


def tools_in(listing: Json) -> list[Mapping[str, Json]]:
    """The tools of a listing; empty where it is none."""
    found = listing.get("tools") if isinstance(listing, Mapping) else None
    many = found if isinstance(found, Sequence) and not isinstance(found, str) else ()
    return [one for one in many if isinstance(one, Mapping)]


def _parts(result: Json) -> list[Mapping[str, Json]]:
    content = result.get("content") if isinstance(result, Mapping) else None
    many = content if isinstance(content, Sequence) and not isinstance(content, str) else ()
    return [part for part in many if isinstance(part, Mapping)]
