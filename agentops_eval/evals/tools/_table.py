"""The evaluators of tool calls, by their names in a file."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals.tools._forbidden import tools_forbidden
from agentops_eval.evals.tools._loops import no_loops
from agentops_eval.evals.tools._ordered import tools_ordered
from agentops_eval.evals.tools._selection import tool_parameters, tool_selection
from agentops_eval.evals.tools._tools import tools

EVALUATORS: Mapping[str, Factory] = {
    "no_loops": no_loops,
    "tool_parameters": tool_parameters,
    "tool_selection": tool_selection,
    "tools": tools,
    "tools_forbidden": tools_forbidden,
    "tools_ordered": tools_ordered,
}
