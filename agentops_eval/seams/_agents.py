"""The agent seam: ``handoff``, a message from one agent to another."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from agentops_eval.domain import Call, Failure, HandoffRequest, Label, Outcome, Patience, Seam, ValueReply
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._errors import keep_error, revive_error
from agentops_eval.seams._faulted import read_answer, read_message
from agentops_eval.seams._handler import drive, drive_async
from agentops_eval.seams._scope import Scope, current_scope, inside, refuse_stray
from agentops_eval.seams._values import keep

_BLOCKED = Patience(blocked=True)
M = TypeVar("M")
R = TypeVar("R")


@overload
def handoff(
    recipient: str, message: M, run: Callable[[M], Awaitable[R]], *, sender: str = ...
) -> Awaitable[R]: ...
@overload
def handoff(recipient: str, message: M, run: Callable[[M], R], *, sender: str = ...) -> R: ...
def handoff(recipient: str, message: Any, run: Callable[[Any], Any], *, sender: str = "") -> Any:
    """Hand ``message`` to another agent: give the result of ``run(message)`` under its own span.

    Awaitable when ``run`` is a coroutine function. The recipient runs in a replay too (its own llm
    and tool calls are what is replayed); the message is compared with the recorded one.
    """
    scope = current_scope()
    if inspect.iscoroutinefunction(run):
        return _handoff_async(scope, recipient, message, run, sender)
    if scope is None:
        refuse_stray(f"hand-off to {recipient}")
        return run(message)

    def world(call: Call) -> Outcome:
        with inside(span=scope.child_span(recipient), parent=call.index):
            try:
                return _reply(run(_received(call, request, message, run)))
            except Exception as error:
                return keep_error(error)

    request = _request(recipient, message, sender)
    call = scope.call(Seam.AGENT, recipient, request, patience=_BLOCKED)
    return _result(drive(scope.handlers, call, world, scope.clock.sleep), run)


async def _handoff_async(
    scope: Scope | None, recipient: str, message: Any, run: Callable[[Any], Awaitable[Any]], sender: str
) -> Any:
    if scope is None:
        refuse_stray(f"hand-off to {recipient}")
        return await run(message)

    async def world(call: Call) -> Outcome:
        with inside(span=scope.child_span(recipient), parent=call.index):
            try:
                return _reply(await run(_received(call, request, message, run)))
            except Exception as error:
                return keep_error(error)

    request = _request(recipient, message, sender)
    call = scope.call(Seam.AGENT, recipient, request)
    return _result(await drive_async(scope.handlers, call, world, async_sleep), run)


def _request(recipient: str, message: Any, sender: str) -> HandoffRequest:
    return HandoffRequest(sender=sender, recipient=recipient, message=keep(message))


def _received(call: Call, sent: HandoffRequest, message: Any, run: Callable[..., Any]) -> Any:
    """The message as the recipient gets it: the object itself, unless a handler made another of it."""
    request = call.request
    if request is sent or not isinstance(request, HandoffRequest):
        return message
    return read_message(run, request.message)


def _reply(result: Any) -> ValueReply:
    return ValueReply(value=keep(result), native=(result,))


def _result(outcome: Outcome, run: Callable[..., Any]) -> Any:
    if isinstance(outcome, Failure):
        raise outcome.native or revive_error(outcome, run)
    assert isinstance(outcome, ValueReply)
    if isinstance(outcome.native, tuple):
        return outcome.native[0]
    return read_answer(run, outcome.value) if outcome.label is Label.SCRIPTED else outcome.value
