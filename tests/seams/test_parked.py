"""Which waiting threads virtual time passes by: those that wait for other threads, and no others."""

from __future__ import annotations

import asyncio
import selectors
import sys
import threading
import time

import pytest

from agentops_eval.seams._timeline import parked
from tests.seams._time_rig import elapsed, replay


def frame_of(thread, *names):
    """The frame of a thread, once it stands in a function of one of these names."""
    while (frame := sys._current_frames().get(thread.ident)) is None or frame.f_code.co_name not in names:
        time.sleep(0.001)
    return frame


class Witness:
    """The lock of a condition, which looks at who waits when the wait was answered but is not over."""

    def __init__(self):
        self._lock = threading.Lock()
        self.acquire, self.release = self._lock.acquire, self._lock.release
        self.__enter__, self.__exit__ = self._lock.__enter__, self._lock.__exit__
        self.saw = None

    def _is_owned(self):
        return True

    def _release_save(self):
        self._lock.release()

    def _acquire_restore(self, state):
        self.saw = parked(sys._getframe(1))
        self._lock.acquire()

    def __enter__(self):
        self._lock.acquire()

    def __exit__(self, *_):
        self._lock.release()


def test_a_wait_that_was_answered_is_no_wait():
    """Whoever was notified is about to act, even where it has not come to do so."""
    lock = Witness()
    condition = threading.Condition(lock)

    def wait():
        with condition:
            condition.wait()

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert parked(frame_of(waiter, "wait"))
    with condition:
        condition.notify()
    waiter.join()
    assert lock.saw is False


def test_a_join_of_a_thread_that_did_its_work_is_no_wait():
    """Between the end of a thread's work and the end of the thread, who joins it is about to act."""
    worked, end = threading.Event(), threading.Event()

    class Slow(threading.Thread):
        def _delete(self):  # what the interpreter does last
            worked.set()
            end.wait()
            super()._delete()

    go = threading.Event()
    with replay():
        worker = Slow(target=go.wait)
        worker.start()
        joiner = threading.Thread(target=worker.join)
        joiner.start()
        assert parked(frame_of(joiner, "join", "_wait_for_tstate_lock"))
        go.set()
        worked.wait()
        assert not parked(frame_of(joiner, "join", "_wait_for_tstate_lock"))
        end.set()
        joiner.join()


def test_a_loop_that_is_being_made_is_no_wait():
    """Only the wait of a selector is one: registering a descriptor is work."""
    seen = []

    class Pipe:
        def fileno(self):
            frame = sys._getframe(1)
            while frame.f_globals["__name__"] == "selectors":
                seen.append(parked(frame))
                frame = frame.f_back
            raise ValueError("looked at, and refused")

    making = {"__name__": "asyncio.selector_events", "selector": selectors.DefaultSelector(), "pipe": Pipe()}
    with pytest.raises(ValueError, match="Invalid file object"):
        exec("selector.register(pipe, 1)", making)
    making["selector"].close()
    assert seen
    assert not any(seen)


def test_threads_that_begin_at_once_share_time_from_the_first_moment():
    """However the interpreter switches between them, no loop's first sleep passes before all have begun."""
    woken = []

    async def nap(seconds):
        await asyncio.sleep(seconds)
        woken.append((seconds, elapsed(scope)))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(20):
            woken.clear()
            with replay() as scope:
                threads = [threading.Thread(target=lambda s=s: asyncio.run(nap(s))) for s in (10, 5)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            assert woken == [(5, 5), (10, 10)]
    finally:
        sys.setswitchinterval(interval)
