"""The human seam: ``approve``, a question that a person answers, or does not."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_any
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from agentops_eval.domain import (
    ApprovalRequest,
    ApproverMissing,
    Call,
    Failure,
    Json,
    Label,
    Outcome,
    RunMisuse,
    Seam,
    ValueReply,
)
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._errors import keep_error, revive_error
from agentops_eval.seams._handler import drive, drive_async
from agentops_eval.seams._scope import LANE, Scope, current_scope, inside, refuse_stray
from agentops_eval.seams._values import keep

STATUSES = ("approved", "rejected", "modified", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's answer. ``status`` is approved, rejected, modified or timeout.

    Silence is ``timeout`` and never counts as approval. ``details`` holds what the person changed
    when the status is modified, else what was asked.
    """

    status: str
    reason: str = ""
    details: Json = None

    @property
    def approved(self) -> bool:
        """Whether the action may go ahead."""
        return self.status in ("approved", "modified")


Answer: TypeAlias = "Approval | tuple[str, str] | bool | None"
Ask: TypeAlias = Callable[[ApprovalRequest], "Answer | Awaitable[Answer]"]
# Whom a run asks instead. It answers at once: a script knows what it will say.
Approver: TypeAlias = Callable[[ApprovalRequest], Answer]
A = TypeVar("A")


def approve(
    action: str, *, details: Json = None, deadline_s: float | None = None, ask: Approver | None = None
) -> Approval:
    """Ask a person whether ``action`` may go ahead, and wait until ``deadline_s`` at the most.

    ``ask`` is how production reaches the person: it takes the request and gives an ``Approval``, a
    pair (status, reason), a bool, or None for silence. In a run the scripted approver answers
    instead; in a replay the recorded answer does. Raises ApproverMissing when nobody can answer.
    """
    request = ApprovalRequest(action=action, details=keep(details), deadline_s=deadline_s)
    scope = current_scope()
    if scope is None:
        refuse_stray(f"approval of {action}")
        return _ask_now(request, _someone(ask, request))

    def world(call: Call) -> Outcome:
        with inside(parent=call.index, apart=True):
            try:
                return _reply(_answer(scope, request, ask), scope)
            except Exception as error:
                return keep_error(error)

    call = scope.call(Seam.HUMAN, action, request)
    return _result(drive(scope.handlers, call, world, scope.clock.sleep), approve)


async def approve_async(
    action: str, *, details: Json = None, deadline_s: float | None = None, ask: Ask | None = None
) -> Approval:
    """The same for asyncio; ``ask`` may also give an awaitable."""
    request = ApprovalRequest(action=action, details=keep(details), deadline_s=deadline_s)
    scope = current_scope()
    if scope is None:
        refuse_stray(f"approval of {action}")
        return await _ask_now_async(request, _someone(ask, request))

    async def world(call: Call) -> Outcome:
        with inside(parent=call.index, apart=True):
            try:
                return _reply(await _answer_async(scope, request, ask), scope)
            except Exception as error:
                return keep_error(error)

    call = scope.call(Seam.HUMAN, action, request)
    return _result(await drive_async(scope.handlers, call, world, async_sleep), approve_async)


def _answer(scope: Scope, request: ApprovalRequest, ask: Approver | None) -> Approval:
    """The scripted approver's answer, where there is one; its silence lasts on the run's clock."""
    if scope.approver is None and ask is not None:
        return _ask_now(request, ask)
    answer = _read(_someone(scope.approver, request)(request), request)
    if answer is None:
        scope.clock.sleep(_silence_s(request))
    return answer or _timeout(request)


async def _answer_async(scope: Scope, request: ApprovalRequest, ask: Ask | None) -> Approval:
    if scope.approver is None and ask is not None:
        return await _ask_now_async(request, ask)
    answer = _read(_someone(scope.approver, request)(request), request)
    if answer is None:
        await async_sleep(_silence_s(request))
    return answer or _timeout(request)


def _ask_now(request: ApprovalRequest, ask: Approver) -> Approval:
    if request.deadline_s is None:
        return _read(ask(request), request) or _timeout(request)
    asked = _ask_aside(request, ask)
    done, _ = wait_for_any([asked], timeout=request.deadline_s)
    return (_read(asked.result(), request) if done else None) or _timeout(request)


async def _ask_now_async(request: ApprovalRequest, ask: Ask) -> Approval:
    limit = asyncio.timeout(request.deadline_s)
    try:
        async with limit:
            if inspect.iscoroutinefunction(ask):
                answer = await ask(request)
            else:
                answer = await asyncio.wrap_future(_ask_aside(request, ask))
                answer = await answer if inspect.isawaitable(answer) else answer
    except TimeoutError:
        if not limit.expired():  # what asks has a time limit of its own, and that is a failure
            raise
        return _timeout(request)
    return _read(answer, request) or _timeout(request)


def _ask_aside(request: ApprovalRequest, ask: Ask) -> Future[Any]:
    """Ask in a thread of its own, which a person who never answers may hold for ever.

    A daemon thread, because an executor's would be waited for when the interpreter ends.
    """
    answer: Future[Any] = Future()
    context = copy_context()

    def asking() -> None:
        stdin = sys.stdin  # ``input`` borrows it: its end under a waiting thread would abort the interpreter
        context.run(LANE.set, LANE.get())
        try:
            answered = context.run(ask, request)
        except BaseException as error:
            _settle(answer, error=error)
        else:
            _settle(answer, answered)
        del stdin

    threading.Thread(target=asking, name="agentops-ask", daemon=True).start()
    return answer


def _settle(answer: Future[Any], value: object = None, *, error: BaseException | None = None) -> None:
    """Give the answer, unless nobody waits for it any more."""
    if not answer.set_running_or_notify_cancel():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(value)


def _someone(ask: A | None, request: ApprovalRequest) -> A:
    if ask is None:
        raise ApproverMissing(
            f"approve({request.action!r}) has nobody to ask",
            remedy="pass ask=, or give the run an approver: recording(..., approver=ScriptedApprover(...))",
        )
    return ask


def _read(answer: object, request: ApprovalRequest) -> Approval | None:
    if isinstance(answer, Approval):
        return answer if answer.details is not None else replace(answer, details=request.details)
    if isinstance(answer, bool):
        answer = ("approved" if answer else "rejected", "")
    if answer is None:
        return None
    if inspect.iscoroutine(answer):
        answer.close()
        raise RunMisuse(
            f"approve({request.action!r}) cannot wait for a coroutine",
            remedy="await approve_async(...) instead, which can",
        )
    if isinstance(answer, tuple) and len(answer) == 2 and answer[0] in STATUSES:
        return Approval(status=answer[0], reason=str(answer[1]), details=request.details)
    raise TypeError(f"an approver answers with one of {STATUSES} and a reason, not with {answer!r}")


def _silence_s(request: ApprovalRequest) -> float:
    if request.deadline_s is None:
        raise ApproverMissing(
            f"approve({request.action!r}) would wait for ever: a silent approver and no deadline",
            remedy="give approve() a deadline_s",
        )
    return request.deadline_s


def _timeout(request: ApprovalRequest) -> Approval:
    reason = "no answer" if request.deadline_s is None else f"no answer within {request.deadline_s:g} s"
    return Approval(status="timeout", reason=reason, details=request.details)


def _reply(approval: Approval, scope: Scope) -> ValueReply:
    value: Json = {"status": approval.status, "reason": approval.reason, "details": approval.details}
    return ValueReply(value=value, label=Label.LIVE if scope.approver is None else Label.SCRIPTED)


def _result(outcome: Outcome, function: Callable[..., Any]) -> Approval:
    if isinstance(outcome, Failure):
        raise outcome.native or revive_error(outcome, function)
    assert isinstance(outcome, ValueReply)
    value = outcome.value
    assert isinstance(value, dict)
    return Approval(status=value["status"], reason=value["reason"], details=value["details"])
