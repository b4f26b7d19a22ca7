"""The scripted approver: answers ``approve()`` by rules, stays silent, or answers too late."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from agentops_eval.domain import ApprovalRequest, Json

if TYPE_CHECKING:
    from agentops_eval.seams import Answer

Status: TypeAlias = Literal["approved", "rejected", "modified", "timeout"]


def _any(_: ApprovalRequest) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """When a request is like this, answer that.

    ``answer`` None is silence. So is an answer that takes longer than the request's deadline:
    ``after_s`` is compared with it, and no time is spent waiting. ``details`` is what the person
    changed, for the answer ``modified``.
    """

    answer: Status | None
    when: Callable[[ApprovalRequest], bool] = _any
    reason: str = ""
    after_s: float = 0.0
    details: Json = None


@dataclass(slots=True)
class ScriptedApprover:
    """Answers approval requests: the first rule that fits does, and none means silence.

    Give it to a run as its approver. ``asked`` holds what was asked so far. Safe under threads.
    """

    rules: tuple[ApprovalRule, ...] = ()
    _asked: list[ApprovalRequest] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def approving(cls, reason: str = "") -> ScriptedApprover:
        """Give an approver that approves everything."""
        return cls((ApprovalRule(answer="approved", reason=reason),))

    @classmethod
    def rejecting(cls, reason: str = "") -> ScriptedApprover:
        """Give an approver that rejects everything."""
        return cls((ApprovalRule(answer="rejected", reason=reason),))

    @classmethod
    def silent(cls) -> ScriptedApprover:
        """Give an approver that never answers, so that every deadline passes."""
        return cls()

    @property
    def asked(self) -> tuple[ApprovalRequest, ...]:
        """Every request so far, oldest first."""
        with self._lock:
            return tuple(self._asked)

    def __call__(self, request: ApprovalRequest) -> Answer:
        """Answer one request; None is silence."""
        with self._lock:
            self._asked.append(request)
        rule = next((rule for rule in self.rules if rule.when(request)), None)
        if rule is None or rule.answer is None or _late(rule, request):
            return None
        if rule.details is None:
            return (rule.answer, rule.reason)
        from agentops_eval.seams import Approval

        return Approval(status=rule.answer, reason=rule.reason, details=rule.details)


def _late(rule: ApprovalRule, request: ApprovalRequest) -> bool:
    return request.deadline_s is not None and rule.after_s > request.deadline_s
