"""pytest for agents that act: record a run once, replay it exactly, compare it with its golden.

Everything is imported on first use, so that an agent that only declares its tools pays nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from agentops_eval.chaos import faults
    from agentops_eval.domain import AgentopsError, ApprovalRequest, Effect, ReplayMiss
    from agentops_eval.harness import ActiveRun, GoldenFile, Settings, prompt, recording, replaying
    from agentops_eval.seams import Approval, approve, approve_async, handoff, now, tool, wrap_tools

_HOMES = {
    "ActiveRun": "harness",
    "AgentopsError": "domain",
    "Approval": "seams",
    "ApprovalRequest": "domain",
    "Effect": "domain",
    "GoldenFile": "harness",
    "ReplayMiss": "domain",
    "Settings": "harness",
    "approve": "seams",
    "approve_async": "seams",
    "faults": "chaos",
    "handoff": "seams",
    "now": "seams",
    "prompt": "harness",
    "recording": "harness",
    "replaying": "harness",
    "tool": "seams",
    "wrap_tools": "seams",
}

__all__ = [
    "ActiveRun",
    "AgentopsError",
    "Approval",
    "ApprovalRequest",
    "Effect",
    "GoldenFile",
    "ReplayMiss",
    "Settings",
    "__version__",
    "approve",
    "approve_async",
    "faults",
    "handoff",
    "now",
    "prompt",
    "recording",
    "replaying",
    "tool",
    "wrap_tools",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
