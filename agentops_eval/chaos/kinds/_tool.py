"""Faults of tools and MCP servers: that they do not answer, too late, twice, or somebody else's answer."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.chaos._kind import Answered, Hit, kind
from agentops_eval.chaos.kinds._parameters import DAY_S, between, lasting
from agentops_eval.chaos.kinds._silence import done_in_silence, failure, never, too_late, unanswered
from agentops_eval.domain import Call, FaultClass, Json, Label, Seam, ToolRequest, ValueReply
from agentops_eval.seams import Next, Pause, Steps

TOOL_SEAMS = (Seam.TOOL, Seam.MCP)


def is_tool_call(call: Call) -> bool:
    """Whether a tool is called: an MCP session also asks for lists, and says hello."""
    return isinstance(call.request, ToolRequest)


@kind(
    *TOOL_SEAMS,
    fits=is_tool_call,
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
    return failure(name, str(hit.parameters["text"]))


@kind(
    *TOOL_SEAMS,
    fits=is_tool_call,
    does=FaultClass.UNAVAILABLE,
    **lasting(after_s=30.0),
)
def tool_timeout(hit: Hit, call: Call, next: Next) -> Steps:
    """It does nothing, and raises a timeout after some time."""
    after_s = float(hit.parameters["after_s"])
    yield Pause(after_s)
    hit.told = f"{call.boundary} timed out after {after_s:g} s"
    return too_late(call, hit)


@kind(*TOOL_SEAMS, fits=is_tool_call, does=FaultClass.UNAVAILABLE)
def tool_stall(hit: Hit, call: Call, next: Next) -> Steps:
    """It never answers, and nothing is done: who has no time limit of his own hangs."""
    return (yield from unanswered(hit, call, never(call)))


@kind(*TOOL_SEAMS, fits=is_tool_call, does=FaultClass.LOST, **lasting(after_s=10.0))
def tool_reply_lost(hit: Hit, call: Call, next: Next) -> Steps:
    """It does its work, and the answer never comes: the caller sees a timeout."""
    return (yield from done_in_silence(hit, call, next, too_late(call, hit)))


@kind(*TOOL_SEAMS, fits=is_tool_call, does=FaultClass.REPEATED, again=True)
def tool_duplicated(hit: Hit, call: Call, next: Next) -> Steps:
    """The call is delivered twice: the work is done twice, and the first answer is given."""
    first = yield next(call)
    yield next(call)
    hit.told = f"{call.boundary} was done twice"
    assert first is not None
    return first


@kind(
    *TOOL_SEAMS,
    fits=is_tool_call,
    does=FaultClass.WRONG,
    remember=True,
    check=between(0, window_s=DAY_S),
    window_s=1.0,
)
def tool_reordered(hit: Hit, call: Call, next: Next) -> Steps:
    """Answers of the same tool come in another order: each call gets that of another one.

    A call gets the answer to the one before it; where there was none, it waits for one made meanwhile.
    """
    mine = yield next(call)
    assert mine is not None
    own = mine.value if isinstance(mine, ValueReply) else None
    other = _other(hit.earlier(call), call, own)
    waited_s, limit_s = 0.0, float(hit.parameters["window_s"])
    while other is None and waited_s < limit_s:
        yield Pause(limit_s / 10)
        waited_s += limit_s / 10
        other = _other(hit.earlier(call), call, own)
    if other is None:
        hit.cannot(f"no other call of {call.boundary} had another answer")
        return mine
    hit.told = f"{call.boundary} got the answer to another call"
    return ValueReply(value=other.value, label=Label.SCRIPTED)


def _other(answers: Sequence[Answered], call: Call, own: Json) -> Answered | None:
    """The answer to the nearest call that had another one: the latest before it, else the first after."""
    differing = [one for one in answers if one.value != own]
    before = [one for one in differing if one.call.index < call.index]
    after = [one for one in differing if one.call.index > call.index]
    return max(before, key=_index) if before else min(after, key=_index, default=None)


def _index(answered: Answered) -> int:
    return answered.call.index


TOOL_KINDS = (
    tool_error,
    tool_timeout,
    tool_stall,
    tool_reply_lost,
    tool_duplicated,
    tool_reordered,
)
