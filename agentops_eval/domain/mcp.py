"""Answers of MCP servers: results, errors, and what a server said while it worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain._calls import Failure, Label
from agentops_eval.domain._json import Json

MCP_SAID = "agentops-eval/said"
"""The key in the ``_meta`` of a recorded result under which the server's own messages stand."""

LIST_TOOLS = "tools/list"
"""The method by which a session asks for a server's tools."""

CONNECTION_CLOSED = -32000
REQUEST_TIMEOUT = -32001
"""Codes of the errors with which a session tells that nobody answered."""

SESSION_ENDED = -32600
INTERNAL_ERROR = -32603


def mcp_error(code: int, message: str, data: Json = None) -> Failure:
    """The error that a session raises for an error of JSON-RPC, as a script makes it."""
    return Failure(
        kind="MCPError",
        module="mcp.shared.exceptions",
        message=message,
        arguments=(code, message, data),
        label=Label.SCRIPTED,
    )


def tool_result(text: str, *, error: bool = False) -> Json:
    """What a tool of a server answers that gives a text; with ``error``, how it tells that it failed."""
    return {"content": [{"type": "text", "text": text}], "isError": error, "resultType": "complete"}


def without_said(result: Json) -> Json:
    """The result as the server sent it."""
    return _split(result)[0]


def said_before(result: Json) -> Sequence[Mapping[str, Json]]:
    """The server's messages before this result, in their order; what has no such form is left out."""
    return [one for one in _split(result)[1] if isinstance(one, Mapping)]


def with_said(result: Json, said: Sequence[Mapping[str, Json]]) -> Json:
    """The result with the server's messages in it; unchanged where there are none."""
    if not said or not isinstance(result, Mapping):
        return result
    meta = result.get("_meta")
    return {**result, "_meta": {**(meta if isinstance(meta, Mapping) else {}), MCP_SAID: list(said)}}


def _split(result: Json) -> tuple[Json, Sequence[Json]]:
    meta = result.get("_meta") if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or not isinstance(meta, Mapping) or MCP_SAID not in meta:
        return result, ()
    said = meta[MCP_SAID]
    kept = {name: value for name, value in meta.items() if name != MCP_SAID}
    rest = {name: value for name, value in result.items() if name != "_meta"}
    listed = said if isinstance(said, Sequence) and not isinstance(said, str) else ()
    return ({**rest, "_meta": kept} if kept else rest), listed
