"""Virtual time shared by the threads and event loops of a run: who sleeps, who acts, what is due.

Time stands still while anybody acts, and passes to the earliest wake-up when nobody can: a discrete
event simulation whose actors are real threads. So two threads that sleep 60 s at once take 60 s,
and a timeout of 5 s beats a thread that sleeps 10 s, but not one that computes.
"""

from __future__ import annotations

import itertools
import math
import sys
import threading
import time as _time
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from weakref import WeakSet

# Bound before anything is patched: the real clock stays reachable whatever a run does.
real_monotonic = _time.monotonic

SLICE_S = 0.005  # a thread's end or its falling asleep in a lock wakes nobody: look again this often
STUCK_S = 0.05  # a sleeping thread counts one that has not moved for so long as waiting for a lock
STUCK_LOOKS = 8  # ... at so many looks: a busy machine may not have let it move
DAEMON_PATIENCE_S = 1.0  # real time granted to a daemon thread before it is left out for good
PATIENCE_S = 10.0  # the same for other threads and for executor jobs

Position = tuple[int, int]

# Threads that have done their work: who joins one is about to act, though the thread is not gone yet.
OVER: WeakSet[threading.Thread] = WeakSet()


def round_up(seconds: float) -> float:
    """The next 64th of a second: whole seconds added to it stay exact, so that limits are met exactly."""
    return math.ceil(seconds * 64) / 64


class VirtualTimeWarning(UserWarning):
    """Virtual time waited in vain for a thread that runs on, and waits for it no more."""


@dataclass(eq=False, slots=True, kw_only=True)
class Pool:
    """How busy an executor is: a job queued behind a full pool cannot act."""

    size: int
    running: int = 0


@dataclass(eq=False, slots=True, kw_only=True)
class Member:
    """One thread or executor job of a run; ``ident`` is None until it is on a thread."""

    name: str
    patience_s: float = PATIENCE_S
    ident: int | None = None
    pool: Pool | None = None
    ignored: bool = False


@dataclass(eq=False, slots=True, kw_only=True)
class Waiter:
    """A thread asleep until ``due_s``, or an event loop with nothing to do before it.

    ``outside`` names what may wake a loop from beyond the run (sockets, child processes); ``woken``
    says that a thread has handed it something since.
    """

    due_s: float
    order: int
    ident: int
    since_s: float
    stuck_s: float = math.inf
    wake: Callable[[], None] | None = None
    woken: Callable[[], bool] | None = None
    outside: tuple[str, ...] = ()
    seen: dict[int, tuple[Position, float, int]] = field(default_factory=dict)

    @property
    def rests(self) -> bool:
        """Whether only virtual time can make it act."""
        return not self.outside and not (self.woken is not None and self.woken())

    @property
    def turn(self) -> tuple[float, int]:
        """Earliest first; first come first among equals."""
        return (self.due_s, self.order)


class Timeline:
    """One stretch of virtual time, in seconds from 0, for everyone who lives on it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now_s = 0.0
        self._real_since_s: float | None = None
        self._order = itertools.count()
        self._members: list[Member] = []
        self._waiters: list[Waiter] = []

    def now_s(self) -> float:
        """Virtual seconds since the timeline began."""
        since = self._real_since_s
        return self._now_s if since is None else self._now_s + real_monotonic() - since

    def tick(self) -> None:
        """Let real time count as well: a foreign event loop cannot be made to jump."""
        if self._real_since_s is None:
            self._real_since_s = real_monotonic()

    def advance(self, seconds: float) -> None:
        """Move forward by ``seconds``, whoever is asleep."""
        with self._changed:
            self._now_s += max(0.0, seconds)
            self._tell()

    def advance_to(self, now_s: float) -> None:
        """Move forward to ``now_s`` if that lies ahead."""
        with self._changed:
            self._now_s += max(0.0, now_s - self.now_s())
            self._tell()

    def join(self, member: Member) -> None:
        """A thread or job of the run begins; the calling thread is of the run too."""
        with self._changed:
            self._meet()
            self._members.append(member)

    def leave(self, member: Member) -> None:
        """It is over."""
        with self._changed:
            if member in self._members:
                self._members.remove(member)
            self._tell()

    def absorb(self, other: Timeline) -> None:
        """Take over the members of a timeline that ends."""
        with other._changed:
            members, other._members = other._members, []
        with self._changed:
            self._members += members

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass for the calling thread; returns when they have for everybody."""
        due_s = self.now_s() + seconds
        if self.pass_alone(due_s):
            return
        with self.waiting(due_s, stuck_s=STUCK_S) as me:
            while True:
                with self._changed:
                    if self.pass_to(me):
                        return
                    self._changed.wait(SLICE_S)
                self.lose_patience(me)

    def pass_alone(self, due_s: float, *, woken: Callable[[], bool] | None = None) -> bool:
        """Move to ``due_s`` if the calling thread is all there is: nothing can happen before."""
        with self._changed:
            self._meet()
            if len(self._members) > 1 or self._waiters or (woken is not None and woken()):
                return False
            self._now_s += max(0.0, due_s - self.now_s())
            return True

    @contextmanager
    def waiting(
        self,
        due_s: float,
        *,
        stuck_s: float = math.inf,
        since_s: float | None = None,
        wake: Callable[[], None] | None = None,
        woken: Callable[[], bool] | None = None,
    ) -> Generator[Waiter]:
        """Say that the calling thread can do nothing before ``due_s``."""
        with self._changed:
            self._meet()
            me = Waiter(
                due_s=due_s,
                order=next(self._order),
                ident=threading.get_ident(),
                since_s=real_monotonic() if since_s is None else since_s,
                stuck_s=stuck_s,
                wake=wake,
                woken=woken,
            )
            self._waiters.append(me)
            self._tell(but=me)
        try:
            yield me
        finally:
            with self._changed:
                self._waiters.remove(me)
                self._tell()

    def pass_to(self, me: Waiter) -> bool:
        """Move to ``me.due_s`` if it is the earliest and nobody can act; whether it is reached."""
        with self._changed:
            now_s = self.now_s()
            if now_s >= me.due_s:
                return True
            if any(w.turn < me.turn for w in self._waiters) or self._busy(me) or not me.rests:
                return False
            self._now_s += me.due_s - now_s
            self._tell(but=me)
            return True

    def busy(self, me: Waiter) -> tuple[str, ...]:
        """Names of the threads and jobs that could act, and for which ``me`` therefore waits."""
        with self._changed:
            return tuple(member.name for member in self._busy(me))

    def lose_patience(self, me: Waiter) -> None:
        """Leave out whoever acted for too long in real time, and warn, naming the thread."""
        waited_s = real_monotonic() - me.since_s
        if waited_s < DAEMON_PATIENCE_S:
            return
        with self._changed:
            late = [member for member in self._busy(me) if member.patience_s <= waited_s]
            for member in late:
                member.ignored = True
        for member in late:
            warnings.warn(
                f"virtual time waited {waited_s:.0f} s for {member.name}, which runs on; from now on it is "
                "not waited for, and timeouts may pass before it acts",
                VirtualTimeWarning,
                stacklevel=2,
            )

    def _meet(self) -> None:
        """Know the calling thread: it may act between its sleeps."""
        ident = threading.get_ident()
        if all(member.ident != ident for member in self._members):
            name = f"thread {threading.current_thread().name!r}"
            self._members.append(Member(name=name, ident=ident))

    def _tell(self, *, but: Waiter | None = None) -> None:
        """Something changed: those whose turn it may be look again."""
        self._changed.notify_all()
        if not self._waiters:
            return
        now_s = self.now_s()
        first = min(self._waiters, key=lambda waiter: waiter.turn)
        for waiter in self._waiters:
            if waiter.wake is not None and waiter is not but and (waiter is first or waiter.due_s <= now_s):
                waiter.wake()

    def _busy(self, me: Waiter) -> list[Member]:
        asleep = {waiter.ident for waiter in self._waiters if waiter.rests} | {me.ident}
        awake = {waiter.ident for waiter in self._waiters} - asleep
        # Idents are read once, before the frames: a thread that begins in between is not yet there, not gone.
        candidates = [(m, m.ident) for m in self._members if not m.ignored]
        candidates = [(m, ident) for m, ident in candidates if ident not in asleep]
        if not candidates:
            return []
        frames = sys._current_frames()
        busy = [m for m, ident in candidates if ident in awake or self._acts(m, ident, me, frames)]
        del frames  # it holds this very frame, and a cycle would keep everybody's variables alive
        return busy

    def _acts(self, member: Member, ident: int | None, me: Waiter, frames: dict[int, FrameType]) -> bool:
        if ident is None:
            return member.pool is None or member.pool.running < member.pool.size
        frame = frames.get(ident)
        if frame is None:  # the thread is gone
            self._members.remove(member)
            return False
        if parked(frame):
            return False
        position = (id(frame), frame.f_lasti)
        before, since_s, looks = me.seen.get(ident, (None, 0.0, 0))
        if before != position:
            since_s, looks = real_monotonic(), 0
        me.seen[ident] = (position, since_s, looks + 1)
        return looks < STUCK_LOOKS or real_monotonic() - since_s < me.stuck_s


def parked(frame: FrameType) -> bool:
    """Whether a thread waits for another one to do something, rather than for the machine.

    A wait with a timeout may be a sleep in disguise, which stays real: it counts as acting, unless
    it stands inside a queue or a future, which wait for work. So does a wait that was just answered.
    """
    module, name = frame.f_globals.get("__name__"), frame.f_code.co_name
    if module == "selectors":
        if name != "select":  # a loop that is being made registers what it will wait for
            return False
        if frame.f_locals.get("timeout") == 0:  # only asks what is ready
            return False
        behind = frame.f_back.f_globals.get("__name__", "") if frame.f_back else ""
        return behind.startswith(("asyncio", "agentops_eval.seams._loop"))
    if module != "threading" or name not in {"wait", "join", "_wait_for_tstate_lock"}:
        return False
    values = frame.f_locals
    owner = values.get("self")
    if name == "join":
        handle = getattr(owner, "_handle", None)  # since Python 3.13
        return handle is not None and not handle.is_done() and owner not in OVER
    lock = values.get("waiter" if name == "wait" else "lock")
    if lock is None or not lock.locked():
        return False
    if name != "wait":
        return owner not in OVER
    # The lock of a wait that was answered is locked again, by the waiter, who only has not come to act yet.
    answered = lock not in getattr(owner, "_waiters", ())
    return not answered and (values.get("timeout") is None or _for_work(frame))


def _for_work(frame: FrameType) -> bool:
    """Whether a wait stands inside a queue or a future."""
    at: FrameType | None = frame
    while at is not None and at.f_globals.get("__name__") == "threading":
        at = at.f_back
    return at is not None and at.f_globals.get("__name__") in {"queue", "concurrent.futures._base"}
