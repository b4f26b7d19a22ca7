"""Runs in threads and executors: who belongs to which run, and how their time passes."""

from __future__ import annotations

import asyncio
import contextvars
import multiprocessing.pool
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.seams import _clock
from agentops_eval.seams._loop import new_virtual_loop
from agentops_eval.seams._scope import PASSING, SCOPE, current_scope, inside, suspended
from tests.examples import examples
from tests.seams._played import entered, events_of
from tests.seams._time_rig import drawn, elapsed, new_scope, record, replay


def where():
    """The name of the run that the caller belongs to."""
    scope = current_scope()
    return None if scope is None else scope.name


def in_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(where()))
    thread.start()
    thread.join()
    return seen[0]


def in_subclass():
    class Worker(threading.Thread):
        def run(self):
            self.seen = where()

    worker = Worker()
    worker.start()
    worker.join()
    assert "run" not in vars(worker)
    return worker.seen


def in_timer():
    seen = []
    timer = threading.Timer(0, lambda: seen.append(where()))
    timer.start()
    timer.join()
    return seen[0]


def in_submit():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(where).result()


def in_map():
    with ThreadPoolExecutor(1) as pool:
        return next(iter(pool.map(lambda _: where(), [0])))


def in_nested_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(in_thread()))
    thread.start()
    thread.join()
    return seen[0]


def in_thread_pool():
    with multiprocessing.pool.ThreadPool(1) as pool:
        return pool.apply(where)


def in_to_thread():
    return asyncio.run(asyncio.to_thread(where))


def in_run_in_executor():
    async def main():
        return await asyncio.get_running_loop().run_in_executor(None, where)

    return asyncio.run(main())


PLACES = [
    in_thread, in_subclass, in_timer, in_submit, in_map, in_nested_thread, in_thread_pool, in_to_thread,
    in_run_in_executor,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_run_reaches_its_threads(place):
    """Code in a thread or executor belongs to the run that started it, and to none outside a run."""
    with record("mine"):
        assert place() == "mine"
    with replay(name="again"):
        assert place() == "again"
    assert place() is None


def test_a_pool_used_by_two_runs_mixes_nothing():
    """Workers made in one run serve another, and the world outside, without the first one's context."""
    with ThreadPoolExecutor(1) as pool:
        with record("a"):
            assert pool.submit(where).result() == "a"
            with ExitStack() as outside:
                outside.callback(SCOPE.reset, SCOPE.set(None))
                assert pool.submit(where).result() is None
        with record("b"):
            assert pool.submit(where).result() == "b"
        assert pool.submit(where).result() is None


def test_span_parent_and_pass_travel():
    """A job given inside a tool knows the tool and its own lane; a transport's is let through."""
    scope = new_scope(record=True)
    with entered(scope), inside(span="/billing#0", parent=3):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(time.time).result()
            with suspended():
                assert pool.submit(where).result() is None
    (event,) = events_of(scope)
    assert (event.span, event.parent) == ("/billing#0~0", 3)


def test_other_context_does_not_travel():
    """Only our own variables are carried: what production loses in a thread is lost in a test."""
    own = contextvars.ContextVar("own", default="lost")
    own.set("kept")
    with record(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(own.get).result() == "lost"


def test_initializers_keep_their_worker():
    """What a pool's initializer puts into a worker's context is there for its jobs."""
    own = contextvars.ContextVar("own", default=0)
    with ThreadPoolExecutor(1, initializer=own.set, initargs=(7,)) as pool:
        assert pool.submit(own.get).result() == 7
        with record():
            assert pool.submit(own.get).result() == 7


def test_a_thread_that_fails_to_start_is_forgotten():
    """Starting a thread twice raises as usual, and virtual time does not wait for it."""
    with replay() as scope:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError):
            thread.start()
        time.sleep(60)
    assert elapsed(scope) == 60


# -- virtual time on several threads --------------------------------------------------------------


def test_threads_sleep_at_once():
    """Eight jobs that sleep a minute take a minute, and in a pool of two, four minutes."""
    for workers, minutes in ((8, 1), (2, 4)):
        with replay() as scope, ThreadPoolExecutor(workers) as pool:
            list(pool.map(time.sleep, [60] * 8))
        assert elapsed(scope) == 60 * minutes


def test_threads_wake_in_order():
    """Sleeping threads act in the order of their deadlines, whichever started first."""
    woken = []

    def nap(seconds):
        time.sleep(seconds)
        woken.append((seconds, round(_virtual(), 6)))

    with replay(), ThreadPoolExecutor(4) as pool:
        list(pool.map(nap, [4, 1, 3, 2]))
    assert woken == [(1, 1), (2, 2), (3, 3), (4, 4)]


def _virtual():
    scope = current_scope()
    assert scope is not None
    return scope.clock.elapsed_s()


def test_a_poll_waits_for_real_work():
    """Polling with sleeps does not run out before a thread that computes is done."""
    done = []

    def work():
        total = 0
        while total < 300_000:
            total += 1
        done.append(1)

    with replay():
        thread = threading.Thread(target=work)
        thread.start()
        deadline = time.monotonic() + 5
        while not done and time.monotonic() < deadline:
            time.sleep(0.1)
        assert done
        thread.join()


def test_a_consumer_acts_before_time_passes():
    """What a thread was handed before the giver fell asleep is handled at that moment."""
    import queue

    items, seen = queue.Queue(), []

    def consume():
        while (item := items.get()) is not None:
            seen.append((item, round(_virtual(), 6)))

    with replay() as scope:
        thread = threading.Thread(target=consume)
        thread.start()
        for item in range(5):
            items.put(item)
            time.sleep(10)
        items.put(None)
        thread.join()
    assert seen == [(0, 0), (1, 10), (2, 20), (3, 30), (4, 40)]
    assert elapsed(scope) == 50


def test_sleeping_under_a_lock_is_free():
    """A limiter that sleeps while others wait for its lock costs no real time to speak of."""
    lock = threading.Lock()

    def limited(_):
        with lock:
            time.sleep(60)

    with replay() as scope, ThreadPoolExecutor(3) as pool:
        list(pool.map(limited, range(3)))
    assert elapsed(scope) == 180


def test_sleep_beside_a_daemon_that_dozes():
    """A daemon that sleeps for real, on and on, does not make virtual sleeps real."""
    stop = []

    def doze():
        while not stop:
            _clock.real_sleep(0.001)

    with replay() as scope:
        daemon = threading.Thread(target=doze, daemon=True)
        daemon.start()
        time.sleep(60)
        time.sleep(60)
        stop.append(1)
        daemon.join()
    assert elapsed(scope) == 120


# -- isolation over interleavings -----------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from("ab-"), st.sampled_from(["task", "thread", "job"]), st.integers(1, 3)),
    min_size=1,
    max_size=12,
)


def draw_as(name, count):
    """Draw for one run: what was drawn is told by its events and by its owner's own notes."""
    notes = []
    for _ in range(count):
        notes.append(random.random())
        time.sleep(0.001)
        notes.append(time.time())
    return name, notes


@given(steps=STEPS)
@examples(60)
def test_no_draw_reaches_the_wrong_run(steps):
    """Two runs interleaved in tasks, threads and one shared pool each keep exactly their own draws."""
    scopes = {name: new_scope(name=name, seed=ord(name)) for name in "ab"}
    noted = {"a": [], "b": [], "-": []}

    async def step(name, kind, count, pool):
        loop = asyncio.get_running_loop()
        if kind == "task":
            await asyncio.sleep(0)
            result = draw_as(name, count)
        elif kind == "job":
            result = await loop.run_in_executor(pool, draw_as, name, count)
        else:
            future = loop.create_future()
            thread = threading.Thread(
                target=lambda: loop.call_soon_threadsafe(future.set_result, draw_as(name, count))
            )
            thread.start()
            result = await future
            thread.join()
        noted[result[0]] += result[1]

    async def run_of(name, mine, pool):
        with ExitStack() as stack:
            if name != "-":
                stack.enter_context(entered(scopes[name]))
            await asyncio.gather(*(step(name, kind, count, pool) for kind, count in mine))

    async def main():
        with ThreadPoolExecutor(2) as pool:
            mine = {name: [(kind, count) for who, kind, count in steps if who == name] for name in "ab-"}
            await asyncio.gather(*(run_of(name, mine[name], pool) for name in "ab-"))

    with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        runner.run(main())
    for name, scope in scopes.items():
        assert sorted(value for _, value in drawn(scope)) == sorted(noted[name])


def test_a_thread_of_the_real_transport_may_connect():
    """A client that resolves names in a thread of its own is let through like its caller."""
    seen = []
    with replay(), suspended():
        thread = threading.Thread(target=lambda: seen.append(PASSING.get()))
        thread.start()
        thread.join()
    assert seen == [True]
    assert not PASSING.get()
