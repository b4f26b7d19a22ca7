"""What an agent did with its tools, call by call.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals.tools._forbidden import ForbiddenCall, tools_forbidden
    from agentops_eval.evals.tools._loops import no_loops
    from agentops_eval.evals.tools._match import match_tool_calls
    from agentops_eval.evals.tools._ordered import Before, tools_ordered
    from agentops_eval.evals.tools._selection import tool_parameters, tool_selection
    from agentops_eval.evals.tools._table import EVALUATORS
    from agentops_eval.evals.tools._tools import ExpectedCall, ToolOptions, tools

_HOMES = {
    "_forbidden": "ForbiddenCall tools_forbidden",
    "_loops": "no_loops",
    "_match": "match_tool_calls",
    "_ordered": "Before tools_ordered",
    "_selection": "tool_parameters tool_selection",
    "_table": "EVALUATORS",
    "_tools": "ExpectedCall ToolOptions tools",
}
"""Where each public name lives, by module."""

__all__ = [
    "EVALUATORS",
    "Before",
    "ExpectedCall",
    "ForbiddenCall",
    "ToolOptions",
    "match_tool_calls",
    "no_loops",
    "tool_parameters",
    "tool_selection",
    "tools",
    "tools_forbidden",
    "tools_ordered",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
