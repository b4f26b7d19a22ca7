"""Which waiting threads virtual time passes by: those that wait for other threads, and no others."""

from __future__ import annotations

import asyncio
import queue
import selectors
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from agentops_eval.seams._timeline import parked
from tests.seams._time_rig import elapsed, replay, run_virtual


def frame_of(thread, *names):
    """The frame of a thread, once it stands in a function of one of these names."""
    while (frame := sys._current_frames().get(thread.ident)) is None or frame.f_code.co_name not in names:
        time.sleep(0.001)
    return frame


def in_event():
    return threading.Event().wait(0.05)


def in_condition():
    with (condition := threading.Condition()):
        return condition.wait(0.05)


def in_semaphore():
    return threading.Semaphore(0).acquire(timeout=0.05)


def in_barrier():
    with pytest.raises(threading.BrokenBarrierError):
        threading.Barrier(2).wait(0.05)
    return False


@pytest.mark.parametrize("nap", [in_event, in_condition, in_semaphore, in_barrier], ids=lambda f: f.__name__)
def test_a_timed_wait_for_nobody_is_not_idle(nap):
    """A wait that its own time limit ends is a sleep in disguise: no virtual timeout overtakes it."""

    async def main():
        async with asyncio.timeout(5):
            return await asyncio.to_thread(nap)

    result, virtual_s = run_virtual(main)
    assert result is False
    assert virtual_s < 5


def in_get(items):
    return items.get(timeout=600)


def in_put(items):
    full: queue.Queue[str] = queue.Queue(1)
    full.put("full")
    threading.Thread(target=lambda: (items.get(), full.get())).start()
    full.put("work", timeout=600)
    return full.get()


def in_result(items):
    done: Future[str] = Future()
    threading.Thread(target=lambda: done.set_result(items.get())).start()
    return done.result(timeout=600)


@pytest.mark.parametrize("wait", [in_get, in_put, in_result], ids=lambda f: f.__name__)
def test_a_timed_wait_for_work_is_idle(wait):
    """A thread that waits for a queue or a future, with a time limit or not, holds up no sleep of a loop."""
    items: queue.Queue[str] = queue.Queue()
    got = []

    async def main():
        # Taken for one that acts, the daemon would cost time its patience: a warning, which is an error here.
        worker = threading.Thread(target=lambda: got.append(wait(items)), daemon=True)
        worker.start()
        await asyncio.sleep(3600)
        items.put("work")
        worker.join()

    assert run_virtual(main)[1] == 3600
    assert got == ["work"]


def test_a_timed_wait_for_a_sleeping_job_lasts_as_long_as_the_job():
    """Who waits for a job with a time limit gets its result, at the moment when the job is done."""

    def job():
        time.sleep(60)
        return "done"

    with replay() as scope, ThreadPoolExecutor(1) as pool:
        assert pool.submit(job).result(timeout=600) == "done"
        assert elapsed(scope) == 60


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
