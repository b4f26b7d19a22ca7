"""Faults of tools and MCP servers: what they answer, or that they do not."""

from __future__ import annotations

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.domain import Call, Failure, FaultClass, Label, Seam
from agentops_eval.seams import Next, Pause, Steps

_SEAMS = (Seam.TOOL, Seam.MCP)


def _failure(name: str, text: str) -> Failure:
    return Failure(kind=name, module="builtins", message=text, arguments=(text,), label=Label.SCRIPTED)


@kind(
    *_SEAMS,
    does=FaultClass.UNAVAILABLE,
    variants=({}, {"permanent": True}),
    permanent=False,
    text="the service is not available",
)
def tool_error(hit: Hit, call: Call, next: Next) -> Steps:
    """It raises, before it did anything."""
    yield from ()
    hit.told = f"{call.boundary} raised"
    name = "PermissionError" if hit.parameters["permanent"] else "ConnectionError"
    return _failure(name, str(hit.parameters["text"]))


@kind(*_SEAMS, does=FaultClass.LOST, after_s=10.0)
def tool_reply_lost(hit: Hit, call: Call, next: Next) -> Steps:
    """It does its work, and the answer never comes: the caller sees a timeout."""
    yield next(call)
    yield Pause(float(hit.parameters["after_s"]))
    hit.told = f"{call.boundary} was done, its answer lost"
    return _failure("TimeoutError", f"no answer within {hit.parameters['after_s']:g} s")


TOOL_KINDS = (tool_error, tool_reply_lost)
