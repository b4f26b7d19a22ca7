"""Runs for the tests of time, entropy and threads: recorded for real, or replayed in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from agentops_eval.domain import Call, Event, Label, Outcome, ValueReply
from agentops_eval.seams._carry import install_carry
from agentops_eval.seams._clock import RealClock, VirtualClock, install_clock
from agentops_eval.seams._entropy import Entropy, install_entropy
from agentops_eval.seams._guard import install_guard
from agentops_eval.seams._handler import Next, Steps
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._loop import install_loop, new_virtual_loop
from agentops_eval.seams._scope import Scope, enter, leave

WALL_S = 1_700_000_000.0

install_carry()
install_clock()
install_entropy()
install_loop()
install_guard()


class Playback:
    """Serves recorded events with the same span and request, first come first served."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = list(events)

    def handle(self, call: Call, next: Next) -> Steps:
        """Fall through to the world where nothing was recorded."""
        for position, event in enumerate(self._events):
            if (event.span, event.request) == (call.span, call.request) and event.outcome is not None:
                del self._events[position]
                return replace(event.outcome, label=Label.REPLAYED)
        outcome = yield next(call)
        assert outcome is not None
        return outcome


def new_scope(
    events: Sequence[Event] | None = None,
    *,
    name: str = "agent",
    allowed: Sequence[str] = (),
    seed: int = 1,
    learn: Callable[[str, str], None] | None = None,
    record: bool = False,
) -> Scope:
    """A scope that records, or replays ``events``."""
    clock = RealClock() if record else VirtualClock(WALL_S)
    handlers = (EventLog(clock),) if record else (EventLog(clock), Playback(kept(events or ())))
    return Scope(
        handlers=handlers,
        clock=clock,
        entropy=Entropy(learn=learn) if record else Entropy(seed=seed, learn=learn),
        name=name,
        replaying=not record,
        allowed_hosts=frozenset(allowed),
    )


@contextmanager
def entered(scope: Scope) -> Generator[Scope]:
    """Make it the current one."""
    entry = enter(scope)
    try:
        yield scope
    finally:
        leave(entry)


@contextmanager
def record(name: str = "agent", learn: Callable[[str, str], None] | None = None) -> Generator[Scope]:
    """A recording run."""
    with entered(new_scope(record=True, name=name, learn=learn)) as scope:
        yield scope


@contextmanager
def replay(
    events: Sequence[Event] = (),
    *,
    name: str = "agent",
    allowed: Sequence[str] = (),
    seed: int = 1,
    learn: Callable[[str, str], None] | None = None,
) -> Generator[Scope]:
    """A replaying run in virtual time."""
    with entered(new_scope(events, name=name, allowed=allowed, seed=seed, learn=learn)) as scope:
        yield scope


def kept(events: Sequence[Event]) -> tuple[Event, ...]:
    """Events as a file would give them back: without objects of the process that recorded them."""
    return tuple(replace(event, outcome=_kept(event.outcome)) for event in events)


def _kept(outcome: Outcome | None) -> Outcome | None:
    return replace(outcome, native=None) if isinstance(outcome, ValueReply) else outcome


def events_of(scope: Scope) -> tuple[Event, ...]:
    """What the scope's event log holds."""
    log = scope.handlers[0]
    assert isinstance(log, EventLog)
    return log.events


def drawn(scope: Scope) -> list[tuple[str, object]]:
    """Source and value of every draw, in order."""
    return [
        (event.boundary, event.outcome.value)
        for event in events_of(scope)
        if isinstance(event.outcome, ValueReply)
    ]


def elapsed(scope: Scope) -> float:
    """Virtual seconds since the run began, without the dust of floating point."""
    return round(scope.clock.elapsed_s(), 6)


def run_virtual(main, *, shuffle_seed=None):
    """Run a coroutine function in a replay; gives its result and the virtual seconds it took."""
    with replay() as scope:
        with asyncio.Runner(loop_factory=lambda: new_virtual_loop(shuffle_seed=shuffle_seed)) as runner:
            result = runner.run(main())
        return result, elapsed(scope)
