"""Runs made by hand: each helper is one call, and ``run`` numbers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import (
    ApprovalRequest,
    Effect,
    EndedBy,
    Event,
    Failure,
    FaultedRun,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Injection,
    Json,
    KeptBody,
    Label,
    Outcome,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.domain import Chunk as Bytes

DOWN = Failure(
    kind="ConnectionError", module="builtins", message="the service is not available", label=Label.SCRIPTED
)
LATE = Failure(kind="TimeoutError", module="builtins", message="no answer within 10 s", label=Label.SCRIPTED)
OWN = Failure(kind="ValueError", module="builtins", message="no such order")


def read(name: str, result: Json = None, *, failure: Failure | None = None, **arguments: Json) -> Event:
    """A tool call that only reads."""
    return _tool(name, arguments, Effect.READ, _outcome(result, failure))


def write(
    name: str,
    result: Json = "done",
    *,
    failure: Failure | None = None,
    key: str | None = None,
    **arguments: Json,
) -> Event:
    """A tool call that changes the world."""
    return _tool(name, arguments, Effect.WRITE, _outcome(result, failure), key=key)


def _outcome(result: Json, failure: Failure | None) -> Outcome:
    return ValueReply(value=result) if failure is None else failure


def _tool(
    name: str, arguments: Mapping[str, Json], effect: Effect, outcome: Outcome, *, key: str | None = None
) -> Event:
    request = ToolRequest(name=name, arguments=arguments, effect=effect, idempotency_key=key)
    return Event(index=-1, seam=Seam.TOOL, boundary=name, request=request, outcome=outcome)


def handed(recipient: str, message: Json, result: Json = None) -> Event:
    """A message to another agent."""
    request = HandoffRequest(sender="agent", recipient=recipient, message=message)
    return Event(
        index=-1, seam=Seam.AGENT, boundary=recipient, request=request, outcome=ValueReply(value=result)
    )


def asked(action: str, status: str, details: Json = None) -> Event:
    """A question to a person, with the answer."""
    answer: Json = {"status": status, "reason": "", "details": details}
    return Event(
        index=-1,
        seam=Seam.HUMAN,
        boundary=action,
        request=ApprovalRequest(action=action, details=details),
        outcome=ValueReply(value=answer),
    )


def http(
    url: str,
    body: bytes = b"",
    *,
    status: int = 200,
    reply: bytes = b"{}",
    headers: tuple[tuple[str, str], ...] = (),
    at_s: float = 0.0,
) -> Event:
    """An HTTP exchange that takes no time."""
    return Event(
        index=-1,
        seam=Seam.HTTP,
        boundary=f"POST {url}",
        request=HttpRequest(method="POST", url=url, body=body),
        outcome=HttpReply(status=status, headers=headers, body=KeptBody(chunks=(Bytes(reply),))),
        started_s=at_s,
        ended_s=at_s,
    )


def run(
    *events: Event,
    output: Json = "all is done",
    hit: Mapping[int, int] | None = None,
    kind: str = "tool_error",
    canaries: Sequence[str] = (),
    **more: object,
) -> FaultedRun:
    """A run of these calls that answered. ``hit`` says of each faulted call how often it landed."""
    numbered = tuple(replace(event, index=at) for at, event in enumerate(events))
    injections = tuple(
        Injection(number=0, kind=kind, index=at, site="", landed=landed, canaries=tuple(canaries))
        for at, landed in (hit or {}).items()
    )
    made = FaultedRun(events=numbered, injections=injections, output=output, answered=True)
    return replace(made, **more)  # type: ignore[arg-type]  # fields by their names


def failed(*events: Event, hit: Mapping[int, int] | None = None, **more: object) -> FaultedRun:
    """A run of these calls whose agent raised."""
    return run(*events, hit=hit, output=None, answered=False, ended=EndedBy.ERROR, **more)  # type: ignore[arg-type]
