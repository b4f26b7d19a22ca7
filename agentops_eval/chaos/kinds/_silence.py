"""Silence, whoever is asked: no answer, or none that arrives, against the patience of the caller."""

from __future__ import annotations

from collections.abc import Generator

from agentops_eval.chaos._kind import Hit
from agentops_eval.domain import Call, Failure, Label, Outcome
from agentops_eval.seams import Next, Pause, Step, Steps
from agentops_eval.seams.http import Wire, wire_failure


def unanswered(hit: Hit, call: Call, end: Failure) -> Steps:
    """No answer comes for as long as the run may last, and then the failure ``end``."""
    hit.told = f"{call.boundary} never answered"
    gave_up = yield from passed(hit.never_s, call.patience.read_s)
    return gave_up or end


def done_in_silence(hit: Hit, call: Call, next: Next, end: Failure) -> Steps:
    """The work is done, and ``after_s`` later the failure ``end`` comes in the place of the answer."""
    yield next(call)
    hit.told = f"{call.boundary} was done, its answer lost"
    gave_up = yield from passed(float(hit.parameters["after_s"]), call.patience.read_s)
    return gave_up or end


def passed(
    seconds: float, limit_s: float | None, what: Wire = Wire.READ_TIMEOUT
) -> Generator[Step, Outcome | None, Failure | None]:
    """Let time pass; the client's own timeout where its limit comes first."""
    if limit_s is not None and limit_s < seconds:
        yield Pause(limit_s)
        return wire_failure(what)
    yield Pause(seconds)
    return None


def failure(name: str, text: str) -> Failure:
    """An exception of Python's own, as a fault raises it."""
    return Failure(kind=name, module="builtins", message=text, arguments=(text,), label=Label.SCRIPTED)


def never(call: Call) -> Failure:
    """The timeout of who waited for ever."""
    return failure("TimeoutError", f"{call.boundary} never answered")


def too_late(call: Call, hit: Hit) -> Failure:
    """The timeout of who waited for ``after_s``."""
    return failure("TimeoutError", f"{call.boundary} did not answer within {hit.parameters['after_s']:g} s")
