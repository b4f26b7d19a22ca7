"""Time as a run sees it: real while recording, virtual while replaying.

``install_clock`` puts dispatching functions into the ``time`` module once per process. Outside a
run they call the originals. Inside one, durations and sleeps follow the run's clock, and what the
agent's own code reads of the wall clock crosses the clock seam. ``datetime.now()`` reads the
machine's clock in C and is left alone: an agent that must replay its dates calls ``now()``.
Waiting in ``threading`` and ``queue`` with a timeout stays real.
"""

from __future__ import annotations

import asyncio
import sys
import time as _time
from datetime import datetime, tzinfo
from types import FrameType
from typing import Any, Protocol

from agentops_eval.domain import Call, DrawRequest, Seam, ValueReply
from agentops_eval.seams._callers import Role, caller_of, site_of
from agentops_eval.seams._draws import draw
from agentops_eval.seams._reads import TIME, current_reads
from agentops_eval.seams._scope import SCOPE, Scope, current_scope
from agentops_eval.seams._sweep import once, register
from agentops_eval.seams._timeline import Timeline, VirtualTimeWarning, round_up

# Bound before anything is patched: the real clock stays reachable whatever a run does.
real_monotonic = _time.monotonic
real_monotonic_ns = _time.monotonic_ns
real_perf_counter = _time.perf_counter
real_perf_counter_ns = _time.perf_counter_ns
real_time = _time.time
real_time_ns = _time.time_ns
real_sleep = _time.sleep
_real_localtime = _time.localtime
_real_gmtime = _time.gmtime
_real_strftime = _time.strftime
_real_ctime = _time.ctime
_real_asctime = _time.asctime

SKEWED = object()
"""The ``native`` of a reading that a fault set off: the agent is told it, and no time passes by it."""

_STEP_S = 86_400.0  # a recorded wall clock that leaps further was set, or its start is unknown


class Clock(Protocol):
    """The clock of one run."""

    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        ...

    def wall_s(self) -> float:
        """Seconds since the epoch, as the agent should see them."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass for the calling thread."""
        ...

    @property
    def virtual(self) -> bool:
        """Whether sleeping costs no real time."""
        ...


class RealClock:
    """The machine's clock, counted from the start of the run."""

    virtual = False

    def __init__(self) -> None:
        self._start = real_monotonic()

    def elapsed_s(self) -> float:
        """Seconds since the clock was made."""
        return real_monotonic() - self._start

    def wall_s(self) -> float:
        """The machine's time."""
        return real_time()

    def sleep(self, seconds: float) -> None:
        """Really sleep."""
        real_sleep(seconds)


class VirtualClock:
    """A clock that moves only when told to, starting at ``wall_start_s`` (the recording's start).

    Threads and event loops of one run share it. ``advance_to`` never moves it backwards. A clock
    that ``follow``s another keeps its own count and wall time, and passes together with the other.
    """

    virtual = True

    def __init__(self, wall_start_s: float) -> None:
        self._line = Timeline()
        self._origin_s = 0.0
        self._wall_start_s = wall_start_s
        self.monotonic_base_s = round_up(real_monotonic())
        self.perf_counter_base_s = round_up(real_perf_counter())

    @property
    def line(self) -> Timeline:
        """The stretch of time that this clock reads, perhaps together with others."""
        return self._line

    def elapsed_s(self) -> float:
        """Virtual seconds since the run began."""
        return self._line.now_s() - self._origin_s

    def wall_s(self) -> float:
        """The recording's start plus what passed since."""
        return self._wall_start_s + self.elapsed_s()

    def sleep(self, seconds: float) -> None:
        """Return when virtual time has passed for every thread and loop of the run."""
        self._line.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move forward by ``seconds``, at once."""
        self._line.advance(seconds)

    def advance_to(self, elapsed_s: float) -> None:
        """Move forward to ``elapsed_s`` seconds after the start, if that lies ahead."""
        self._line.advance_to(self._origin_s + elapsed_s)

    def observe(self, wall_s: float) -> None:
        """Take a recorded wall time as now, unless it lies behind.

        A leap of more than a day moves the wall clock alone: no timeout may fire because of it.
        """
        ahead_s = wall_s - self.wall_s()
        if ahead_s > _STEP_S:
            self._wall_start_s += ahead_s
        else:
            self.advance(ahead_s)

    def follow(self, line: Timeline) -> None:
        """Live on ``line`` from now on; nothing jumps in this clock's own count."""
        if line is self._line:
            return
        elapsed_s, left = self.elapsed_s(), self._line
        line.absorb(left)
        self._line, self._origin_s = line, line.now_s() - elapsed_s


async def async_sleep(seconds: float) -> None:
    """Sleep on the running loop, which is virtual where the run's clock is.

    On a loop that cannot jump (uvloop, trio) a virtual clock moves at once and nobody waits.
    """
    scope = current_scope()
    trio = _running_trio()
    if trio is None and _loop_jumps():
        await asyncio.sleep(seconds)
        return
    if scope is not None and isinstance(scope.clock, VirtualClock):
        scope.clock.advance(seconds)
        seconds = 0.0
    await (asyncio.sleep(seconds) if trio is None else trio.sleep(seconds))


def _loop_jumps() -> bool:
    return getattr(asyncio._get_running_loop(), "jumps", False) is True


def _running_trio() -> Any:
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_run() else None


def now(tz: tzinfo | None = None) -> datetime:
    """The current date and time as the run sees it: recorded once, the same in every replay.

    Like ``datetime.now(tz)``, which a recording cannot reach.
    """
    scope = current_scope()
    seconds = real_time() if scope is None else _wall_s(scope, sys._getframe(1))
    return datetime.fromtimestamp(seconds, tz)


def _wall_s(scope: Scope, frame: FrameType) -> float:
    """The wall clock for a caller: real for machinery, the run's for libraries, else recorded."""
    role, at = caller_of(frame)
    if role is Role.MACHINERY:
        return real_time()
    if role is Role.PASSIVE:
        return scope.clock.wall_s() + scope.skew_s
    value = _read(scope, "time.time", at)
    return float(value)


def _read(scope: Scope, source: str, frame: FrameType | None) -> float:
    clock = scope.clock

    def world(call: Call) -> ValueReply:
        wall_s = clock.wall_s()
        if source == "time.time_ns":
            return ValueReply(value=int(wall_s * 1e9) if clock.virtual else real_time_ns())
        return ValueReply(value=wall_s)

    reply = draw(scope, Seam.CLOCK, DrawRequest(source=source), world, frame)
    value = reply.value
    if not isinstance(value, (int, float)):
        raise TypeError(f"{source} was answered with {type(value).__name__}, not a number")
    if isinstance(clock, VirtualClock) and reply.native is not SKEWED:
        clock.observe(value / 1e9 if source == "time.time_ns" else value)
    return value


def _virtual_clock(frame: FrameType) -> VirtualClock | None:
    """The clock that rules a caller's durations; None where that is the machine's."""
    scope = SCOPE.get()
    if scope is None or scope.closed:
        return None
    clock = scope.clock
    log = current_reads()
    if log is None and not isinstance(clock, VirtualClock):
        return None
    role, at = caller_of(frame)
    if role is Role.MACHINERY:
        return None
    if log is not None and role is Role.AGENT:
        log.note(TIME, site_of(at), detail="time.monotonic")
    if not isinstance(clock, VirtualClock):
        return None
    loop = asyncio._get_running_loop()
    if (loop is not None and not getattr(loop, "jumps", False)) or _running_trio() is not None:
        clock.line.tick()
    return clock


class _Time:
    """The dispatching functions. Bound methods, so that they do not bind again as class attributes."""

    @classmethod
    def time(cls) -> float:
        scope = SCOPE.get()
        if scope is None or scope.closed:
            return real_time()
        return _wall_s(scope, sys._getframe(1))

    @classmethod
    def time_ns(cls) -> int:
        scope = SCOPE.get()
        if scope is None or scope.closed:
            return real_time_ns()
        role, at = caller_of(sys._getframe(1))
        if role is Role.MACHINERY:
            return real_time_ns()
        if role is Role.PASSIVE:
            now_ns = int(scope.clock.wall_s() * 1e9) if scope.clock.virtual else real_time_ns()
            return now_ns + round(scope.skew_s * 1e9)
        return int(_read(scope, "time.time_ns", at))

    @classmethod
    def monotonic(cls) -> float:
        if SCOPE.get() is None:
            return real_monotonic()
        clock = _virtual_clock(sys._getframe(1))
        return real_monotonic() if clock is None else clock.monotonic_base_s + clock.elapsed_s()

    @classmethod
    def monotonic_ns(cls) -> int:
        if SCOPE.get() is None:
            return real_monotonic_ns()
        clock = _virtual_clock(sys._getframe(1))
        return real_monotonic_ns() if clock is None else _ns(clock.monotonic_base_s, clock)

    @classmethod
    def perf_counter(cls) -> float:
        if SCOPE.get() is None:
            return real_perf_counter()
        clock = _virtual_clock(sys._getframe(1))
        return real_perf_counter() if clock is None else clock.perf_counter_base_s + clock.elapsed_s()

    @classmethod
    def perf_counter_ns(cls) -> int:
        if SCOPE.get() is None:
            return real_perf_counter_ns()
        clock = _virtual_clock(sys._getframe(1))
        return real_perf_counter_ns() if clock is None else _ns(clock.perf_counter_base_s, clock)

    @classmethod
    def sleep(cls, seconds: float, /) -> None:
        scope = SCOPE.get()
        if scope is None or scope.closed or not scope.clock.virtual or seconds <= 0:
            real_sleep(seconds)  # which also refuses what is no duration, and yields for 0
        elif caller_of(sys._getframe(1))[0] is Role.MACHINERY:
            real_sleep(seconds)
        else:
            scope.clock.sleep(float(seconds))

    @classmethod
    def localtime(cls, seconds: float | None = None, /) -> _time.struct_time:
        return _real_localtime(_given(seconds, sys._getframe(1)))

    @classmethod
    def gmtime(cls, seconds: float | None = None, /) -> _time.struct_time:
        return _real_gmtime(_given(seconds, sys._getframe(1)))

    @classmethod
    def ctime(cls, seconds: float | None = None, /) -> str:
        return _real_ctime(_given(seconds, sys._getframe(1)))

    @classmethod
    def asctime(cls, *when: Any) -> str:
        return _real_asctime(*(when or (_real_localtime(_given(None, sys._getframe(1))),)))

    @classmethod
    def strftime(cls, form: str, *when: Any) -> str:
        return _real_strftime(form, *(when or (_real_localtime(_given(None, sys._getframe(1))),)))


def _given(seconds: float | None, frame: FrameType) -> float:
    """The seconds given, or now as the caller may see it."""
    if seconds is not None:
        return seconds
    scope = SCOPE.get()
    return real_time() if scope is None or scope.closed else _wall_s(scope, frame)


def _ns(base_s: float, clock: VirtualClock) -> int:
    return round((base_s + clock.elapsed_s()) * 1e9)


_NAMES = (
    "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns sleep "
    "localtime gmtime ctime asctime strftime"
).split()


@once
def install_clock() -> None:
    """Put the dispatching functions into the ``time`` module. Once per process; they stay."""
    for name in _NAMES:
        original, wrapper = getattr(_time, name), getattr(_Time, name)
        register(original, wrapper)
        setattr(_time, name, wrapper)


__all__ = [
    "SKEWED",
    "Clock",
    "RealClock",
    "VirtualClock",
    "VirtualTimeWarning",
    "async_sleep",
    "install_clock",
    "now",
    "real_monotonic",
    "real_perf_counter",
    "real_sleep",
    "real_time",
]
