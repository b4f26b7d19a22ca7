"""Whether a call is what a fault or a contract names: a tool, an agent, an action, a host, an llm."""

from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from agentops_eval.domain import Call, Event, HttpRequest, McpRequest, Seam, ToolRequest
from agentops_eval.traces.llm import dialect_of

LLM = "llm"
"""The target that means every HTTP call that asks an llm, whatever its host."""


def is_llm_call(call: Call | Event) -> bool:
    """Whether an HTTP call asks an llm, by its address and body."""
    request = call.request
    return isinstance(request, HttpRequest) and dialect_of(request) != ""


def call_of(event: Event) -> Call:
    """The call of an event, as whoever stands at the seam saw it."""
    return Call(
        seam=event.seam,
        boundary=event.boundary,
        request=event.request,
        span=event.span,
        lane=event.lane,
        index=event.index,
        site=event.site,
    )


def is_target(target: str, call: Call | Event) -> bool:
    """Whether a glob over what is called means this call."""
    if target in ("*", call.boundary):
        return True
    request = call.request
    if isinstance(request, (McpRequest, ToolRequest)) and request.server:
        named = (call.boundary, request.server, f"{request.server}/{call.boundary}")
        return any(fnmatchcase(name, target) for name in named)
    if call.seam is not Seam.HTTP:
        return fnmatchcase(call.boundary, target)
    if target == LLM:
        return is_llm_call(call)
    address = call.boundary.partition(" ")[2]
    names = (call.boundary, address, urlsplit(address).netloc, urlsplit(address).hostname or "")
    return any(fnmatchcase(name, target) for name in names)
