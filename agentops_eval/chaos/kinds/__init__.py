"""The catalogue: every kind of fault that there is, by name."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.kinds._agent import AGENT_KINDS
from agentops_eval.chaos.kinds._attacks import ATTACKS, Attack, canary_asked_for
from agentops_eval.chaos.kinds._clock import CLOCK_KINDS
from agentops_eval.chaos.kinds._http import HTTP_KINDS
from agentops_eval.chaos.kinds._human import HUMAN_KINDS
from agentops_eval.chaos.kinds._mcp import MCP_KINDS
from agentops_eval.chaos.kinds._process import PROCESS_KINDS
from agentops_eval.chaos.kinds._repeated import REPEATED_KINDS
from agentops_eval.chaos.kinds._tool import TOOL_KINDS
from agentops_eval.chaos.kinds._tool_answers import ANSWER_KINDS

_KINDS = (
    *HTTP_KINDS,
    *TOOL_KINDS,
    *ANSWER_KINDS,
    *MCP_KINDS,
    *REPEATED_KINDS,
    *AGENT_KINDS,
    *HUMAN_KINDS,
    *CLOCK_KINDS,
    *PROCESS_KINDS,
)
CATALOGUE: Mapping[str, Kind] = {one.name: one for one in _KINDS}
"""By name, in the order in which they are told."""

__all__ = ["ATTACKS", "CATALOGUE", "Attack", "canary_asked_for"]
