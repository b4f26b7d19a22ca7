"""Runs for the tests of time, entropy and threads: recorded for real, or replayed in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from agentops_eval.domain import Event, ValueReply
from agentops_eval.seams._carry import install_carry
from agentops_eval.seams._clock import RealClock, VirtualClock, install_clock
from agentops_eval.seams._entropy import Entropy, install_entropy
from agentops_eval.seams._guard import install_guard
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._loop import install_loop, new_virtual_loop
from agentops_eval.seams._scope import Scope
from tests.seams._played import Playback, entered, events_of

WALL_S = 1_700_000_000.0

install_carry()
install_clock()
install_entropy()
install_loop()
install_guard()


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
    player = Playback(events or (), key=lambda at: (at.span, at.request), fall_through=True)
    handlers = (EventLog(clock),) if record else (EventLog(clock), player)
    return Scope(
        handlers=handlers,
        clock=clock,
        entropy=Entropy(learn=learn) if record else Entropy(seed=seed, learn=learn),
        name=name,
        replaying=not record,
        allowed_hosts=frozenset(allowed),
    )


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
