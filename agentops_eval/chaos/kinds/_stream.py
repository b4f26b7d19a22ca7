"""Faults of streams: broken off at any byte, events twice, out of order, or none at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from agentops_eval.chaos._kind import Hit, Parameters, kind
from agentops_eval.chaos.kinds import _http_errors as errors
from agentops_eval.chaos.kinds._body_edit import framed, is_event_stream
from agentops_eval.chaos.kinds._http_kit import dialect, fewer, is_llm, is_streamed, reply, staged
from agentops_eval.chaos.kinds._stream_edit import (
    CutAt,
    CutInside,
    EndAfter,
    Swapped,
    Twice,
    broken_off,
    events_changed,
)
from agentops_eval.domain import Call, FaultClass, HttpReply, Label, Outcome, Seam, header
from agentops_eval.seams import Next, Steps

HOWS = ("close", "reset", "clean", "stall")
INSIDES = ("between", "event", "json", "utf8")


def _cut_problem(parameters: Parameters) -> str:
    at, event = parameters["after_bytes"], parameters["event"]
    if at is not None and (not isinstance(at, int) or isinstance(at, bool) or at < 0):
        return "after_bytes is a number of bytes"
    if not event:
        return "event is a number from 1, or from -1 when counted from the end"
    return ""


def _sooner(parameters: Parameters) -> Iterable[Parameters]:
    at, event = parameters["after_bytes"], parameters["event"]
    if isinstance(at, int):
        for bytes_ in fewer(at):
            yield {**parameters, "after_bytes": bytes_}
    elif isinstance(event, int) and event > 1:
        for number in fewer(event, least=1):
            yield {**parameters, "event": number}


@kind(
    Seam.HTTP,
    does=FaultClass.BROKEN,
    fits=is_streamed,
    variants=(
        {"inside": "json"},
        {"inside": "utf8"},
        {"inside": "event"},
        {"inside": "between", "event": -1},
        {"inside": "between", "event": 2, "how": "clean"},
        {"how": "stall"},
    ),
    smaller=_sooner,
    check=_cut_problem,
    choices={"inside": INSIDES, "how": HOWS},
    after_bytes=None,
    inside="json",
    event=1,
    how="close",
)
def stream_cut(hit: Hit, call: Call, next: Next) -> Steps:
    """The stream breaks off: behind so many bytes, or within one of its events that carry words."""
    outcome = yield next(call)
    at, how = hit.parameters["after_bytes"], str(hit.parameters["how"])
    inside, event = str(hit.parameters["inside"]), int(hit.parameters["event"])
    if at is None:
        hit.told = f"{call.boundary} broke off ({how}) at event {event} ({inside})"
        stage = CutInside(hit, inside, event, broken_off(hit, call))
        return events_changed(outcome, hit, stage, framing=_unframed(outcome, how))
    assert outcome is not None
    hit.told = f"{call.boundary} broke off ({how}) behind {at} bytes"
    if not isinstance(outcome, HttpReply) or not is_event_stream(outcome):
        return events_changed(outcome, hit, CutAt(hit, at, broken_off(hit, call)))  # which says why not
    found = staged(outcome, CutAt(hit, at, broken_off(hit, call)), label=Label.SCRIPTED)
    return _reframed(found) if _unframed(outcome, how) else found


def _unframed(outcome: Outcome | None, how: str) -> bool:
    """Whether a client could not tell this end from a true one, or tells it from one that is clean."""
    if not isinstance(outcome, HttpReply):
        return False
    return how == "clean" or not header(outcome.headers, "content-length")


def _reframed(found: HttpReply) -> HttpReply:
    coding = header(found.headers, "content-encoding")
    headers = framed(found.headers)
    return replace(found, headers=(*headers, ("content-encoding", coding)) if coding else headers)


def _from_one(name: str) -> Callable[[Parameters], str]:
    def check(parameters: Parameters) -> str:
        number = parameters[name]
        return "" if isinstance(number, int) and number > 0 else f"{name} is a number from 1"

    return check


def _earlier(name: str) -> Callable[[Parameters], Iterable[Parameters]]:
    def smaller(parameters: Parameters) -> Iterable[Parameters]:
        return [{**parameters, name: less} for less in fewer(int(str(parameters[name])), least=1)]

    return smaller


_EVENT: Any = {"smaller": _earlier("event"), "check": _from_one("event"), "event": 1}


@kind(Seam.HTTP, does=FaultClass.REPEATED, fits=is_streamed, **_EVENT)
def stream_duplicated(hit: Hit, call: Call, next: Next) -> Steps:
    """One event of the stream that carries words comes twice."""
    outcome = yield next(call)
    hit.told = f"{call.boundary} gave event {hit.parameters['event']} twice"
    return events_changed(outcome, hit, Twice(hit, int(hit.parameters["event"])), framing=True)


@kind(Seam.HTTP, does=FaultClass.WRONG, fits=is_streamed, **_EVENT)
def stream_reordered(hit: Hit, call: Call, next: Next) -> Steps:
    """One event of the stream that carries words comes behind the next one."""
    outcome = yield next(call)
    hit.told = f"{call.boundary} gave event {hit.parameters['event']} too late"
    return events_changed(outcome, hit, Swapped(hit, int(hit.parameters["event"])))


@kind(Seam.HTTP, does=FaultClass.BROKEN, fits=is_streamed)
def stream_empty(hit: Hit, call: Call, next: Next) -> Steps:
    """The stream begins well and holds nothing."""
    yield from ()
    hit.told = f"{call.boundary} gave an empty stream"
    return reply(200, b"", kind="text/event-stream; charset=utf-8")


@kind(
    Seam.HTTP,
    does=FaultClass.UNAVAILABLE,
    fits=lambda call: is_streamed(call) and is_llm(call),
    smaller=_earlier("after_events"),
    check=_from_one("after_events"),
    after_events=2,
)
def stream_error(hit: Hit, call: Call, next: Next) -> Steps:
    """The llm gives up within its answer: behind some events the stream tells of an overload, and ends."""
    asked, events = dialect(call), int(hit.parameters["after_events"])
    outcome = yield next(call)
    hit.told = f"{call.boundary} told of an overload behind {events} events"
    last = errors.error_event(errors.overload(asked), asked, events)
    return events_changed(outcome, hit, EndAfter(hit, events, last), framing=True)


STREAM_KINDS = (stream_cut, stream_error, stream_duplicated, stream_reordered, stream_empty)
