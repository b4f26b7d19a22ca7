"""Faults of MCP servers themselves: they die, start anew, have other tools, speak no sense."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.chaos.kinds._mcp_results import is_listing, is_server_tool, tools_in
from agentops_eval.domain import Call, FaultClass, Json, Label, Seam, ValueReply
from agentops_eval.domain.mcp import CONNECTION_CLOSED, INTERNAL_ERROR, SESSION_ENDED, mcp_error, tool_result
from agentops_eval.seams import Next, Steps

HOW_CHANGED = ("renamed", "removed", "schema")
_CODES = {-32700: "Parse error", -32600: "Invalid Request", -32601: "Method not found"}
_MESSAGES = {**_CODES, -32602: "Invalid params", -32603: "Internal error"}


@kind(Seam.MCP, does=FaultClass.UNAVAILABLE, variants=({}, {"landed": True}), again=True, landed=False)
def mcp_crash(hit: Hit, call: Call, next: Next) -> Steps:
    """The server's process dies: this request and all later ones of its session find the connection closed.

    With ``landed`` it did what it was asked before it died.
    """
    if hit.parameters["landed"]:
        yield next(call)
    hit.told = f"the server died {'after' if hit.parameters['landed'] else 'before'} {call.boundary}"
    return mcp_error(CONNECTION_CLOSED, "Connection closed")


@kind(Seam.MCP, does=FaultClass.UNAVAILABLE, again=True)
def mcp_restart(hit: Hit, call: Call, next: Next) -> Steps:
    """The server was started anew and knows the session no more: who goes on needs a new handshake."""
    yield from ()
    hit.told = f"the server had forgotten its session at {call.boundary}"
    return mcp_error(SESSION_ENDED, "Session terminated")


def _is_about_tools(call: Call) -> bool:
    return is_listing(call) or is_server_tool(call)


@kind(
    Seam.MCP,
    does=FaultClass.WRONG,
    fits=_is_about_tools,
    variants=({}, {"how": "removed"}, {"how": "schema"}),
    choices={"how": HOW_CHANGED},
    how="renamed",
    tool="",
)
def mcp_tools_changed(hit: Hit, call: Call, next: Next) -> Steps:
    """The server has other tools now: the listing shows one renamed, gone or with other parameters.

    A call of the tool as it was is refused, as a server refuses it. ``tool`` is the first of the listing,
    or the one that is called, unless it is named.
    """
    how, wanted = str(hit.parameters["how"]), str(hit.parameters["tool"])
    if is_server_tool(call):
        if wanted not in ("", call.boundary):
            hit.cannot(f"{call.boundary} was called, not {wanted}")
            outcome = yield next(call)
            assert outcome is not None
            return outcome
        hit.told = f"{call.boundary} was {_said(how)} when it was called"
        return ValueReply(value=_refused(call.boundary, how), label=Label.SCRIPTED)
    outcome = yield next(call)
    assert outcome is not None
    value = outcome.value if isinstance(outcome, ValueReply) else None
    names = [str(one.get("name")) for one in tools_in(value)]
    name = wanted or next_name(names)
    if not isinstance(value, Mapping) or name not in names:
        hit.cannot(f"the listing holds no tool {wanted}".rstrip())
        return outcome
    hit.told = f"{name} was {_said(how)} in the listing"
    changed = [made for one in tools_in(value) if (made := _changed(one, name, how)) is not None]
    return ValueReply(value={**value, "tools": changed}, label=Label.SCRIPTED)


def next_name(names: list[str]) -> str:
    """The first name of a listing; empty where it holds none."""
    return names[0] if names else ""


def _said(how: str) -> str:
    return "given other parameters" if how == "schema" else how


def _refused(name: str, how: str) -> Json:
    if how == "schema":
        text = f"Error executing tool {name}: 1 validation error: required_now: Field required"
        return tool_result(text, error=True)
    return tool_result(f"Unknown tool: {name}", error=True)


def _changed(tool: Mapping[str, Json], name: str, how: str) -> Mapping[str, Json] | None:
    if tool.get("name") != name:
        return tool
    if how == "removed":
        return None
    if how == "renamed":
        return {**tool, "name": f"{name}_v2"}
    schema = tool.get("inputSchema")
    known: Mapping[str, Json] = schema if isinstance(schema, Mapping) else {"type": "object"}
    properties, required = known.get("properties"), known.get("required")
    return {
        **tool,
        "inputSchema": {
            **known,
            "properties": {
                **(properties if isinstance(properties, Mapping) else {}),
                "required_now": {"type": "string"},
            },
            "required": [*(required if isinstance(required, list) else []), "required_now"],
        },
    }


@kind(
    Seam.MCP,
    does=FaultClass.REFUSED,
    variants=({}, {"code": -32601}, {"code": -32602}),
    code=INTERNAL_ERROR,
    text="",
)
def mcp_protocol_error(hit: Hit, call: Call, next: Next) -> Steps:
    """The server answers with an error of JSON-RPC, and does nothing."""
    yield from ()
    code = int(hit.parameters["code"])
    text = str(hit.parameters["text"]) or _MESSAGES.get(code, "Server error")
    hit.told = f"{call.boundary} was answered with error {code}"
    return mcp_error(code, text)


@kind(Seam.MCP, does=FaultClass.BROKEN)
def mcp_invalid_result(hit: Hit, call: Call, next: Next) -> Steps:
    """The server does its work, and answers with a result that is not of the protocol's form."""
    yield next(call)
    hit.told = f"the result of {call.boundary} had no valid form"
    broken: Json = {"content": "no list", "tools": "no list", "contents": "no list", "messages": "no list"}
    return ValueReply(value=broken, label=Label.SCRIPTED)


MCP_KINDS = (mcp_crash, mcp_restart, mcp_tools_changed, mcp_protocol_error, mcp_invalid_result)
