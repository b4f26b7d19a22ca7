"""Faults between agents: messages lost, late, twice or corrupted, and colleagues that are down."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.chaos.kinds._parameters import lasting
from agentops_eval.chaos.kinds._payload import changed
from agentops_eval.chaos.kinds._silence import done_in_silence, failure, never, too_late, unanswered
from agentops_eval.chaos.kinds._values import Impossible, cut, drifted, mistaken
from agentops_eval.domain import Call, FaultClass, HandoffRequest, Json, Label, Seam, ValueReply
from agentops_eval.seams import Next, Pause, Steps


@kind(
    Seam.AGENT,
    does=FaultClass.UNAVAILABLE,
    variants=({}, {"silent": True}),
    **lasting(after_s=10.0),
    silent=False,
)
def message_lost(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient never gets the message: the sender sees a timeout or, where ``silent``, null."""
    if hit.parameters["silent"]:
        hit.told = f"{call.boundary} never got the message, and null came back"
        return ValueReply(value=None, label=Label.SCRIPTED)
    yield Pause(float(hit.parameters["after_s"]))
    hit.told = f"{call.boundary} never got the message"
    return too_late(call, hit)


@kind(Seam.AGENT, does=FaultClass.LOST, **lasting(after_s=10.0))
def message_reply_lost(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient does its work, and its answer never comes: the sender sees a timeout."""
    return (yield from done_in_silence(hit, call, next, too_late(call, hit)))


@kind(Seam.AGENT, does=FaultClass.REPEATED, again=True)
def message_duplicated(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient gets the message twice, and runs twice; the first answer is given."""
    first = yield next(call)
    yield next(call)
    hit.told = f"{call.boundary} got the message twice"
    assert first is not None
    return first


@kind(Seam.AGENT, does=FaultClass.SLOW, timed=True, **lasting(seconds=60.0))
def message_delayed(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient gets the message later; others may overtake it."""
    yield Pause(float(hit.parameters["seconds"]))
    hit.told = f"{call.boundary} got the message {hit.parameters['seconds']:g} s later"
    outcome = yield next(call)
    assert outcome is not None
    return outcome


@kind(
    Seam.AGENT,
    does=FaultClass.WRONG,
    variants=({}, {"part": "answer"}, {"how": "cut"}, {"how": "drifted"}),
    choices={"part": ("message", "answer"), "how": ("wrong", "cut", "drifted")},
    part="message",
    how="wrong",
)
def message_corrupted(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient gets another message than was sent, or the sender another answer than was given."""
    request = call.request
    if hit.parameters["part"] == "answer":
        outcome = yield next(call)
        assert outcome is not None
        return changed(hit, call, outcome, lambda value: _corrupted(hit, value), "another answer arrived")
    assert isinstance(request, HandoffRequest)
    try:
        message = _corrupted(hit, request.message)
    except Impossible as why:
        hit.cannot(f"the message to {call.boundary} could not be changed: {why}")
    else:
        hit.told = f"{call.boundary} got another message: {hit.told}"
        call = replace(call, request=replace(request, message=message))
    outcome = yield next(call)
    assert outcome is not None
    return outcome


def _corrupted(hit: Hit, value: Json) -> Json:
    """Wrong in one part, cut off, or of another shape. A text without numbers is cut: it has no such part."""
    how = hit.parameters["how"]
    if how == "drifted":
        other, hit.told = drifted(value, "renamed", hit.random)
        return other
    if how == "wrong":
        try:
            other, hit.told = _misread(hit, value) if isinstance(value, str) else _mistaken(hit, value)
            return other
        except Impossible:
            pass
    hit.told = "its first half alone"
    return cut(value, 0.5)


def _mistaken(hit: Hit, value: Json) -> tuple[Json, str]:
    return mistaken(value, "any", 10.0, hit.random)


def _misread(hit: Hit, text: str) -> tuple[Json, str]:
    """A text with one of its words that hold digits changed: ``order 1042`` becomes ``order 1043``."""
    words = text.split(" ")
    places = [n for n, word in enumerate(words) if any(c in "0123456789" for c in word)]
    if not places:
        raise Impossible("it holds no number")
    place = hit.random.choice(places)
    other, told = mistaken(words[place], "id", 1.0, hit.random)
    words[place] = str(other)
    return " ".join(words), told


@kind(Seam.AGENT, does=FaultClass.UNAVAILABLE)
def agent_down(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient is not there: the hand-off raises at once."""
    yield from ()
    hit.told = f"{call.boundary} is down"
    return failure("ConnectionError", f"the agent {call.boundary} is not available")


@kind(Seam.AGENT, does=FaultClass.UNAVAILABLE)
def agent_stall(hit: Hit, call: Call, next: Next) -> Steps:
    """The recipient never answers, and nothing is done: who has no time limit of his own hangs."""
    return (yield from unanswered(hit, call, never(call)))


AGENT_KINDS = (
    message_lost,
    message_reply_lost,
    message_duplicated,
    message_delayed,
    message_corrupted,
    agent_down,
    agent_stall,
)
