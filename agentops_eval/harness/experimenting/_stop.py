"""Ending early: whoever has a reason says it here, and everything that waits is woken."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from agentops_eval.domain import JournalStatus

_TICK_S = 0.05


class Stop:
    """The first reason counts. Safe under threads and in signal handlers: it holds no lock, and is polled.

    What stops its ``parent`` stops it too: a day ends its experiments, and not the other way round.
    """

    def __init__(self, parent: Stop | None = None) -> None:
        self._own: tuple[JournalStatus, str] | None = None
        self._parent = parent

    def now(self, status: JournalStatus, reason: str) -> None:
        """End early. ``status`` is what the journal will say."""
        if self._own is None:
            self._own = (status, reason)

    @property
    def _said(self) -> tuple[JournalStatus, str] | None:
        if self._own is not None or self._parent is None:
            return self._own
        return self._parent._said  # noqa: SLF001  # of its own kind

    @property
    def is_set(self) -> bool:
        """Whether it has to end."""
        return self._said is not None

    @property
    def reason(self) -> str:
        """Why, empty where it has not."""
        return "" if self._said is None else self._said[1]

    @property
    def status(self) -> JournalStatus | None:
        """What the journal will say."""
        return None if self._said is None else self._said[0]

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it has to end; tells whether it has."""
        until = time.monotonic() + seconds
        while not self.is_set and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _TICK_S))
        return self.is_set


_WORDS = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "its terminal was closed"}


@contextmanager
def signals(stop: Stop) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and the end of the terminal stop it, and interrupt nothing: rollbacks run whole.

    Outside of the main thread nothing changes: only there may handlers be set.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        stop.now(JournalStatus.INTERRUPTED, f"interrupted: {_WORDS.get(name, name)}")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _numbers()}
    try:
        for number in before:
            signal.signal(number, handle)
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former if former is not None else signal.SIG_DFL)


def _numbers() -> tuple[signal.Signals, ...]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))
