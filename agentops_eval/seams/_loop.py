"""An asyncio event loop that can jump: an ordinary loop in real time until a replay lives on it.

The loop adopts the clock of the run whose context schedules timers on it or asks it for the time,
and from then on waits for timers by moving that clock, whenever nothing is pending: no foreign file
descriptor, no child process, no thread or executor job of the run that could act. Whatever is
pending is waited for in real time, in slices, because a thread's end wakes no selector.

uvloop is no selector loop and trio no asyncio loop: both stay in real time.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import os
import random
import selectors
import socket
import warnings
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

from agentops_eval.seams._clock import VirtualClock
from agentops_eval.seams._scope import SCOPE, Scope, current_scope
from agentops_eval.seams._sweep import once, register
from agentops_eval.seams._timeline import (
    PATIENCE_S,
    SLICE_S,
    Timeline,
    VirtualTimeWarning,
    Waiter,
    real_monotonic,
    round_up,
)

_DESCRIPTOR = "file descriptor "


class Shuffler(Protocol):
    """What puts steps that are ready at one moment in order; a random.Random is one."""

    def shuffle(self, x: list[Any], /) -> None:
        """Change the order of ``x`` in place."""
        ...


class _Timer(asyncio.TimerHandle):
    """A timer that fires after those made before it for the same moment."""

    __slots__ = ("_order",)

    def __init__(self, order: int, *args: Any) -> None:
        super().__init__(*args)
        self._order = order

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, _Timer):
            return NotImplemented
        return (self.when(), self._order) < (other.when(), other._order)

    def __gt__(self, other: object) -> bool:
        return NotImplemented if not isinstance(other, _Timer) else other < self

    __hash__ = asyncio.TimerHandle.__hash__
    __eq__ = object.__eq__


class _Gate(selectors.BaseSelector):
    """The loop's selector, whose waits go through the loop."""

    def __init__(self) -> None:
        self.inner = selectors.DefaultSelector()
        self.wait: Callable[[float | None], list[tuple[selectors.SelectorKey, int]]] = self.inner.select

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self.inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.inner.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return self.wait(timeout)

    def close(self) -> None:
        self.wait = self.inner.select
        self.inner.close()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self.inner.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self.inner.get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A selector event loop whose timers cost nothing while a replay's clock rules it.

    ``time()`` does not jump when the loop adopts or releases a clock, so timers keep their meaning.
    Two replays on one loop share its time. ``shuffle_seed`` permutes tasks that are ready at the
    same moment, which an agent must survive; it serves the determinism audit only.
    """

    jumps = True  # asked by async_sleep and by the time functions

    def __init__(self, *, shuffle_seed: int | None = None) -> None:
        self._gate = _Gate()
        self._line: Timeline | None = None
        self._base_s = 0.0  # loop time at which the line reads 0
        self._shift_s = 0.0  # loop time minus real time, while no clock is adopted
        self._scopes: list[Scope] = []
        self._timers = 0
        self._foreign_jobs: set[asyncio.Future[Any]] = set()
        self._children: set[asyncio.SubprocessTransport] = set()
        self._closing = False
        self._held: dict[str, str] = {}  # what was waited for, and its full name
        self._due_since: tuple[float, float] = (math.nan, 0.0)
        self._warned_outside = False
        self._shuffle = None if shuffle_seed is None else random.Random(shuffle_seed)
        super().__init__(self._gate)
        self._own_fds = frozenset(self._gate.get_map())
        self._gate.wait = self._select
        scope = current_scope()
        if scope is not None and isinstance(scope.clock, VirtualClock):
            self._adopt(scope, scope.clock)
            self._base_s = scope.clock.monotonic_base_s - scope.clock.line.now_s() + scope.clock.elapsed_s()

    # -- time ---------------------------------------------------------------------------------

    def time(self) -> float:
        """Seconds on the loop's clock: the run's while one rules the loop, else the machine's."""
        scope = SCOPE.get()
        if scope is not None and scope not in self._scopes and not scope.closed:
            if isinstance(scope.clock, VirtualClock):
                self._adopt(scope, scope.clock)
        elif self._line is not None:
            self._release_closed()
        return self._time_s()

    def _time_s(self) -> float:
        if self._line is None:
            return real_monotonic() + self._shift_s
        return self._base_s + self._line.now_s()

    def _adopt(self, scope: Scope, clock: VirtualClock) -> None:
        self._release_closed()
        if self._line is None:
            now_s = self._time_s()
            self._line = clock.line
            self._base_s = round_up(now_s - clock.line.now_s())
        else:
            clock.follow(self._line)
        self._scopes.append(scope)

    def _release_closed(self) -> None:
        """Go back to real time when the last run on this loop is over."""
        if self._line is None or not all(scope.closed for scope in self._scopes):
            return
        now_s = self._time_s()
        self._line = None
        self._scopes.clear()
        self._shift_s = now_s - real_monotonic()

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """Like any loop's, but timers for the same moment fire in the order in which they were made."""
        if when is None:
            raise TypeError("when cannot be None")
        self._check_closed()  # type: ignore[attr-defined]
        self.time()  # adopts the caller's clock
        self._timers += 1
        timer = _Timer(self._timers, when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    # -- waiting ------------------------------------------------------------------------------

    def _select(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        shuffle = self._shuffle or _shuffle
        if shuffle is not None:
            self._permute(shuffle)
        if self._line is not None:
            self._release_closed()
        if self._line is None or (timeout is not None and timeout <= 0):
            return self._gate.inner.select(timeout)
        return self._gate.inner.select(0) or self._wait(self._line, timeout)

    def _wait(self, line: Timeline, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Jump to the next timer, or wait for real until something happens or nothing is pending."""
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        due_s = math.inf if timeout is None else round(timers[0].when() - self._base_s, 9)
        if due_s < math.inf and not self._outside() and line.pass_alone(due_s, woken=self._is_woken):
            return []
        if self._due_since[0] != due_s:
            self._due_since = (due_s, real_monotonic())
        since_s = self._due_since[1]
        waiting = line.waiting(
            due_s,
            since_s=since_s,
            wake=self._write_to_self,  # type: ignore[attr-defined]
            woken=self._is_woken,
        )
        with waiting as me:
            while True:
                me.outside = self._outside()
                if due_s < math.inf and line.pass_to(me):
                    return []
                pause_s = None if due_s == math.inf else SLICE_S
                before_s = real_monotonic()
                ready = self._gate.inner.select(pause_s)
                if (
                    me.outside and not self._closing
                ):  # the world is at work: its time passes for the run as well
                    line.advance_to(min(due_s, line.now_s() + real_monotonic() - before_s))
                if ready:
                    return ready
                self._hold_up(line, me)

    def _is_woken(self) -> bool:
        """Whether a thread has handed the loop something that it has not run yet."""
        return bool(self._ready)  # type: ignore[attr-defined]

    def _hold_up(self, line: Timeline, me: Waiter) -> None:
        """Keep the names of what is waited for; warn where that has no end."""
        for name in (*me.outside, *line.busy(me)):
            if name not in self._held:
                self._held[name] = _full_name(name)
        line.lose_patience(me)
        if me.outside and not self._warned_outside and real_monotonic() - me.since_s > PATIENCE_S:
            self._warned_outside = True
            names = ", ".join(self._held[name] for name in me.outside)
            warnings.warn(
                f"virtual time passes as slowly as real time, because of {names}",
                VirtualTimeWarning,
                stacklevel=2,
            )

    def blockers(self) -> tuple[str, ...]:
        """What made a jump wait for real so far: descriptors, child processes, threads, jobs."""
        return tuple(self._held.values())

    def _outside(self) -> tuple[str, ...]:
        """What may still wake this loop from beyond the run."""
        names = [f"{_DESCRIPTOR}{fd}" for fd in self._gate.get_map() if fd not in self._own_fds]
        names += [f"child process {child.get_pid()}" for child in self._running_children()]
        names += ["a job in a foreign executor"] * len(self._foreign_jobs)
        if self._closing:
            names.append("the end of the default executor")
        return tuple(names)

    # -- work outside the loop ----------------------------------------------------------------

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Like any loop's; a job in a process pool is waited for, one in a thread pool is watched."""
        future = super().run_in_executor(executor, func, *args)
        if executor is not None and not isinstance(executor, ThreadPoolExecutor):
            self._foreign_jobs.add(future)
            future.add_done_callback(self._foreign_jobs.discard)
        return future

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        """Like any loop's; its time limit (Python 3.12) must not pass while idle workers end."""
        self._closing = True
        try:
            await super().shutdown_default_executor(*args, **kwargs)
        finally:
            self._closing = False

    async def _make_subprocess_transport(self, *args: Any, **kwargs: Any) -> Any:
        child = await super()._make_subprocess_transport(*args, **kwargs)  # type: ignore[misc]
        self._children.add(child)
        return child

    def _running_children(self) -> list[asyncio.SubprocessTransport]:
        self._children = {child for child in self._children if child.get_returncode() is None}
        return list(self._children)

    # -- order --------------------------------------------------------------------------------

    def _permute(self, source: Shuffler) -> None:
        """Shuffle the ready steps of tasks among their places; other callbacks keep theirs."""
        ready = self._ready  # type: ignore[attr-defined]
        places = [place for place, handle in enumerate(ready) if _is_step(handle)]
        steps = [ready[place] for place in places]
        source.shuffle(steps)
        for place, step in zip(places, steps, strict=True):
            ready[place] = step


def _is_step(handle: Any) -> bool:
    callback = handle._callback
    return isinstance(getattr(callback, "__self__", None), asyncio.Task) or (
        type(callback).__name__ in {"TaskStepMethWrapper", "TaskWakeupMethWrapper"}
    )


def _full_name(name: str) -> str:
    """Add a socket's address to its descriptor."""
    if not name.startswith(_DESCRIPTOR):
        return name
    copy = os.dup(int(name.removeprefix(_DESCRIPTOR)))
    try:
        with socket.socket(fileno=copy) as opened:
            return f"{name} (socket {opened.getsockname()})"
    except OSError:  # a pipe, a terminal
        os.close(copy)
        return name


def new_virtual_loop(*, shuffle_seed: int | None = None) -> VirtualLoop:
    """A loop for ``asyncio.Runner(loop_factory=...)`` and the plugins of pytest: real until a replay."""
    return VirtualLoop(shuffle_seed=shuffle_seed)


_shuffle: Shuffler | None = None


@contextmanager
def shuffling(order: int | Shuffler) -> Generator[None]:
    """Permute ready tasks on every virtual loop of the process, the same way for the same seed.

    Instead of a seed, ``order`` may be whatever puts a list of ready steps in another order.
    """
    global _shuffle
    before, _shuffle = _shuffle, random.Random(order) if isinstance(order, int) else order
    try:
        yield
    finally:
        _shuffle = before


_original_new_event_loop = asyncio.events.new_event_loop


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """What ``asyncio.run`` and ``Runner`` get: a virtual loop inside a replay, else the policy's.

    A policy that is not asyncio's own (uvloop's) is the user's choice and stays.
    """
    scope = current_scope()
    if scope is None or not isinstance(scope.clock, VirtualClock):
        return _original_new_event_loop()
    policy = getattr(asyncio.events, "_event_loop_policy", None)
    if policy is not None and type(policy).__module__.partition(".")[0] != "asyncio":
        return _original_new_event_loop()
    return VirtualLoop()


@once
def install_loop() -> None:
    """Have ``asyncio.run``, ``Runner`` and ``anyio.run`` use a virtual loop inside a replay.

    No policy is touched. Loops that exist already, uvloop and trio stay as they are.
    """
    register(_original_new_event_loop, _new_event_loop)
    asyncio.events.new_event_loop = asyncio.new_event_loop = _new_event_loop


__all__ = ["VirtualLoop", "install_loop", "new_virtual_loop", "shuffling"]
