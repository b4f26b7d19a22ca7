"""Handlers and their two drivers: the one mechanism behind record, replay and chaos.

A handler is written once, without I/O: ``handle(call, next)`` is a generator that yields steps and
returns an outcome. ``yield next(call)`` passes the call inwards and gives its outcome; ``yield
Pause(2.0)`` lets time pass on the run's clock. The drivers below do the waiting, one for
synchronous callers, one for asyncio.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from agentops_eval.domain import Call, Outcome


@dataclass(frozen=True, slots=True)
class Proceed:
    """Pass this call to the next handler inwards, or to the world behind the last one."""

    call: Call


@dataclass(frozen=True, slots=True)
class Pause:
    """Let ``seconds`` pass on the run's clock.

    Its last ``settled_s`` are those of a recorded call whose end is known: a client's own time limit
    that comes due there is not asked, because the recording says whether it was reached.
    """

    seconds: float
    settled_s: float = 0.0


Step: TypeAlias = "Proceed | Pause"
Steps: TypeAlias = "Generator[Step, Outcome | None, Outcome]"
Next: TypeAlias = Callable[[Call], Proceed]


class Handler(Protocol):
    """What stands at a seam."""

    def handle(self, call: Call, next: Next) -> Steps:
        """Yield steps, return the outcome. Exceptions of inner handlers surface at the yield."""
        ...


def drive(
    handlers: tuple[Handler, ...],
    call: Call,
    world: Callable[[Call], Outcome],
    sleep: Callable[[float], None],
) -> Outcome:
    """Pass ``call`` through ``handlers``, outermost first, and into ``world``."""
    return _drive(handlers, 0, call, world, sleep)


def _drive(
    handlers: tuple[Handler, ...],
    at: int,
    call: Call,
    world: Callable[[Call], Outcome],
    sleep: Callable[[float], None],
) -> Outcome:
    """From the handler at this place inwards. Every call comes here once for each handler."""
    if at == len(handlers):
        return world(call)
    steps = handlers[at].handle(call, Proceed)
    try:
        step = next(steps)
        while True:
            answer: Outcome | None = None
            try:
                if isinstance(step, Pause):
                    sleep(step.seconds)
                else:
                    answer = _drive(handlers, at + 1, step.call, world, sleep)
            except BaseException as error:  # the handler decides, even about KeyboardInterrupt
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


async def drive_async(
    handlers: tuple[Handler, ...],
    call: Call,
    world: Callable[[Call], Awaitable[Outcome]],
    sleep: Callable[[float], Awaitable[None]],
    *,
    settle: Callable[[float], Awaitable[None]] | None = None,
) -> Outcome:
    """The same for asyncio callers; ``settle`` sleeps with the client's own time limit suspended."""
    if not handlers:
        return await world(call)
    steps = handlers[0].handle(call, Proceed)
    try:
        step = next(steps)
        while True:
            try:
                answer = await _perform_async(step, handlers[1:], world, sleep, settle)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


async def _perform_async(
    step: Step,
    inner: tuple[Handler, ...],
    world: Callable[[Call], Awaitable[Outcome]],
    sleep: Callable[[float], Awaitable[None]],
    settle: Callable[[float], Awaitable[None]] | None,
) -> Outcome | None:
    if not isinstance(step, Pause):
        return await drive_async(inner, step.call, world, sleep, settle=settle)
    settled_s = 0.0 if settle is None else min(step.settled_s, step.seconds)
    if step.seconds > settled_s or settle is None:
        await sleep(step.seconds - settled_s)
    if settled_s and settle is not None:
        await settle(settled_s)
    return None
