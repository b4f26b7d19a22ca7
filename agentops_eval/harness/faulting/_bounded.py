"""The real time of a run, its exits, and the words of what it raised: none may hang or end who runs it."""

from __future__ import annotations

import _weakrefset
import gc
import os
import signal
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from agentops_eval.chaos import RunHung
from agentops_eval.domain import Harm

REAL_S = 60.0
"""How long one run may take in real time; virtual time passes at once."""
_SWALLOWED, _OFTEN_S = 3, 0.003
_SHOWN = 500
_WEAK = frozenset((weakref.__file__, _weakrefset.__file__))


def error_text(error: BaseException | None) -> str:
    """What an agent's error says. Never raises, whatever its ``__str__`` does."""
    try:
        return str(error)[:_SHOWN]
    except Exception as broken:
        return f"its text could not be had: {type(broken).__name__}"


def asked(call: Callable[[], object]) -> object:
    """What the agent gives. Its frames are those above this one."""
    return call()


@contextmanager
def staying() -> Generator[None]:
    """Let ``os._exit`` end the agent, as an exit does, and not who runs it: status 0 would be a pass.

    A process that the agent forked ends as ever.
    """
    leave, here = os._exit, os.getpid()

    def stay(status: int) -> NoReturn:
        if os.getpid() != here:
            leave(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = stay
    try:
        yield
    finally:
        os._exit = leave


def _inside(frame: FrameType | None) -> bool:
    """Whether an agent is running; not a finaliser or a collector, where what is raised is lost."""
    collecting = {getattr(call, "__code__", None) for call in gc.callbacks}
    while frame is not None and (code := frame.f_code) is not asked.__code__:
        if code in collecting or code.co_filename in _WEAK or code.co_name == "__del__":
            return False
        frame = frame.f_back
    return frame is not None


@contextmanager
def bounded(real_s: float = REAL_S) -> Generator[None]:
    """End a run that computes, or waits for the machine, for too long: the watchdog sees only calls.

    Needs the main thread of a POSIX process whose alarm nobody else has set; elsewhere nothing is bounded.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return
    bites = 0

    def bite(_: int, frame: FrameType | None) -> None:
        nonlocal bites
        if not _inside(frame):
            return  # it has not begun, or its end was met and is being told: the alarm comes again
        bites += 1
        if bites == _SWALLOWED:  # it goes on whatever is raised: it is met between two of its ``try`` blocks
            signal.setitimer(signal.ITIMER_REAL, _OFTEN_S, _OFTEN_S)
        raise RunHung(Harm.PAST_DEADLINE, f"more than {real_s:g} s of real time without an answer")

    before = signal.signal(signal.SIGALRM, bite)
    signal.setitimer(signal.ITIMER_REAL, real_s, 1.0)  # and again, where the agent swallows it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
