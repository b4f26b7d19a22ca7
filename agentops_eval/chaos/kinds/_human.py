"""Faults of the person who is asked: silent, late, rejecting, contradicting, approving everything.

The person is never asked. Silence is a timeout, and never an approval.
"""

from __future__ import annotations

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.chaos.kinds._parameters import lasting
from agentops_eval.chaos.kinds._values import Impossible, mistaken
from agentops_eval.domain import ApprovalRequest, Call, FaultClass, Json, Label, Seam, ValueReply
from agentops_eval.seams import Next, Pause, Steps


def _asked(call: Call) -> ApprovalRequest:
    assert isinstance(call.request, ApprovalRequest)
    return call.request


def _reply(status: str, reason: str, details: Json) -> ValueReply:
    return ValueReply(value={"status": status, "reason": reason, "details": details}, label=Label.SCRIPTED)


def _timeout(request: ApprovalRequest) -> ValueReply:
    within = "" if request.deadline_s is None else f" within {request.deadline_s:g} s"
    return _reply("timeout", f"no answer{within}", request.details)


@kind(Seam.HUMAN, does=FaultClass.HUMAN)
def approver_silent(hit: Hit, call: Call, next: Next) -> Steps:
    """Nobody answers until the deadline, which is a timeout; who set none waits for ever."""
    request = _asked(call)
    yield Pause(hit.never_s if request.deadline_s is None else request.deadline_s)
    hit.told = f"nobody answered {call.boundary}"
    return _timeout(request)


@kind(Seam.HUMAN, does=FaultClass.HUMAN, **lasting(seconds=60.0))
def approver_late(hit: Hit, call: Call, next: Next) -> Steps:
    """The approval comes so long after the deadline: a timeout. Without a deadline it is only late."""
    request, seconds = _asked(call), float(hit.parameters["seconds"])
    yield Pause((request.deadline_s or 0.0) + seconds)
    hit.told = f"the answer to {call.boundary} came {seconds:g} s late"
    return _reply("approved", "late", request.details) if request.deadline_s is None else _timeout(request)


@kind(Seam.HUMAN, does=FaultClass.HUMAN, reason="not allowed")
def approver_rejects(hit: Hit, call: Call, next: Next) -> Steps:
    """The answer is no."""
    yield from ()
    hit.told = f"{call.boundary} was rejected"
    return _reply("rejected", str(hit.parameters["reason"]), _asked(call).details)


@kind(
    Seam.HUMAN,
    does=FaultClass.HUMAN,
    variants=({}, {"how": "reason"}, {"how": "details"}),
    choices={"how": ("next", "reason", "details")},
    how="next",
)
def approver_contradicts(hit: Hit, call: Call, next: Next) -> Steps:
    """Approves and the next time rejects the same, or approves with a reason against it, or something else.

    With ``next`` answers to the same action alternate, an approval first.
    """
    yield from ()
    request, how = _asked(call), hit.parameters["how"]
    if how == "reason":
        hit.told = f"{call.boundary} was approved, with a reason against it"
        return _reply("approved", "No. Do not do this.", request.details)
    if how == "details":
        try:
            details, told = mistaken(request.details, "any", 0.1, hit.random)
        except Impossible as why:
            hit.cannot(f"the details of {call.boundary} could not be changed: {why}")
            details, told = request.details, ""
        hit.told = f"{call.boundary} was approved with other details: {told}"
        return _reply("modified", "changed", details)
    asked = hit.memory.get(call.boundary, 0)
    hit.memory[call.boundary] = asked + 1
    status = "rejected" if asked % 2 else "approved"
    hit.told = f"{call.boundary} was {status}" + (" the next time" if asked else "")
    return _reply(status, "", request.details)


@kind(Seam.HUMAN, does=FaultClass.HUMAN)
def approver_approves_all(hit: Hit, call: Call, next: Next) -> Steps:
    """The answer is yes at once, whatever is asked."""
    yield from ()
    hit.told = f"{call.boundary} was approved unread"
    return _reply("approved", "", _asked(call).details)


HUMAN_KINDS = (approver_silent, approver_late, approver_rejects, approver_contradicts, approver_approves_all)
