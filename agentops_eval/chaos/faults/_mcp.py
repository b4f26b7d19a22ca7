"""Faults of MCP servers.

The target is a tool, a method such as ``initialize`` or ``tools/list``, a server's name, or ``server/tool``.
"""

from __future__ import annotations

from typing import Unpack

from agentops_eval.chaos.faults._hits import Hits, fault
from agentops_eval.domain import Fault


def mcp_crash(target: str = "*", *, landed: bool = False, **hits: Unpack[Hits]) -> Fault:
    """The server dies: its session finds the connection closed. ``landed``: it did this call first."""
    return fault("mcp_crash", target, hits=hits, landed=landed)


def mcp_restart(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The server was started anew and has forgotten the session: only a new handshake helps."""
    return fault("mcp_restart", target, hits=hits)


def mcp_tools_changed(
    target: str = "*", *, how: str = "renamed", tool: str = "", **hits: Unpack[Hits]
) -> Fault:
    """The server has other tools: in its listing one is ``renamed``, ``removed`` or has another ``schema``.

    A call that is hit finds its tool so. ``tool`` names the one that changes; else it is the first.
    """
    return fault("mcp_tools_changed", target, hits=hits, how=how, tool=tool)


def mcp_protocol_error(
    target: str = "*", *, code: int = -32603, text: str = "", **hits: Unpack[Hits]
) -> Fault:
    """The server answers with an error of JSON-RPC, and does nothing."""
    return fault("mcp_protocol_error", target, hits=hits, code=code, text=text)


def mcp_invalid_result(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The server does its work and answers what the protocol does not allow."""
    return fault("mcp_invalid_result", target, hits=hits)
