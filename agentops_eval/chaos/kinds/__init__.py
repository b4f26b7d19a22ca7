"""The catalogue: every kind of fault that there is, by name."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.kinds._http import HTTP_KINDS
from agentops_eval.chaos.kinds._mcp import MCP_KINDS
from agentops_eval.chaos.kinds._tool import TOOL_KINDS

CATALOGUE: Mapping[str, Kind] = {one.name: one for one in (*HTTP_KINDS, *TOOL_KINDS, *MCP_KINDS)}
"""By name, in the order in which they are told."""

__all__ = ["CATALOGUE"]
