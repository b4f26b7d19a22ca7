"""What a loop in virtual time waits for, and what it does not wait for."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import sys
import threading
import time
import warnings

import anyio
import pytest

from agentops_eval.seams import _clock
from agentops_eval.seams._timeline import VirtualTimeWarning
from tests.seams._time_rig import elapsed, replay, run_virtual


def really_work(seconds=0.05):
    """Something that takes real time, and that no clock of ours sees."""
    _clock.real_sleep(seconds)
    return "done"


def in_to_thread():
    return asyncio.to_thread(really_work)


def in_executor():
    return asyncio.get_running_loop().run_in_executor(None, really_work)


async def in_submit():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return await asyncio.wrap_future(pool.submit(really_work))


async def in_plain_thread():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(future.set_result, really_work()))
    thread.start()
    try:
        return await future
    finally:
        thread.join()


async def in_child_process():
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", "print('done')", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    return out.decode().strip()


async def in_anyio_thread():
    return await anyio.to_thread.run_sync(really_work)


WORK = [in_to_thread, in_executor, in_submit, in_plain_thread, in_child_process, in_anyio_thread]


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_a_timeout_does_not_overtake_real_work(work):
    """Work outside the loop ends before a timeout of five virtual seconds, however long it takes."""

    async def main():
        async with asyncio.timeout(5):
            result = await work()
        await asyncio.sleep(3600)
        return result

    result, virtual_s = run_virtual(main)
    assert result == "done"
    assert 3600 <= virtual_s < 3605


def test_all_kinds_of_work_in_one_loop():
    """Threads, jobs and a child process side by side are all waited for."""

    async def main():
        async with asyncio.timeout(5):
            return await asyncio.gather(*(work() for work in WORK))

    assert run_virtual(main)[0] == ["done"] * len(WORK)


def test_a_timeout_beats_a_sleeping_thread():
    """A thread asleep in virtual time is no work: five seconds pass before its ten."""

    async def main():
        loop = asyncio.get_running_loop()
        start = loop.time()
        job = asyncio.ensure_future(asyncio.to_thread(time.sleep, 10))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(job), 5)
        beaten = loop.time() - start
        await job
        return round(beaten, 6), round(loop.time() - start, 6)

    assert run_virtual(main)[0] == (5, 10)


def test_a_thread_may_wait_for_the_loop():
    """A thread that waits for a coroutine's sleep does not hold up that sleep."""

    async def main():
        loop = asyncio.get_running_loop()

        def ask():
            return asyncio.run_coroutine_threadsafe(asyncio.sleep(60, "slept"), loop).result()

        return await asyncio.to_thread(ask)

    assert run_virtual(main) == ("slept", 60)


def test_a_live_stream_is_waited_for():
    """Data that comes from outside in real time is read before a virtual timeout."""
    ours, theirs = socket.socketpair()

    def send():
        for _ in range(5):
            _clock.real_sleep(0.01)
            theirs.send(b"x")
        theirs.close()

    sender = threading.Thread(target=send)  # outside the run: only its socket is seen
    sender.start()

    async def main():
        reader, writer = await asyncio.open_connection(sock=ours)
        got = b""
        async with asyncio.timeout(10):
            while byte := await reader.read(1):
                got += byte
        writer.close()
        await writer.wait_closed()
        return got

    got, virtual_s = run_virtual(main)
    sender.join()
    assert got == b"xxxxx"
    assert virtual_s < 10


def test_an_idle_worker_holds_up_nothing():
    """Pool threads without a job, and threads that wait for work, do not make a sleep real."""
    stop = threading.Event()

    async def main():
        waiting = threading.Thread(target=stop.wait)
        waiting.start()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            await asyncio.wrap_future(pool.submit(int))
            await asyncio.sleep(3600)
        stop.set()
        waiting.join()

    assert run_virtual(main)[1] == 3600


def test_a_daemon_that_never_rests_is_left_out():
    """It costs one second once; the warning names it, and so does ``blockers``."""
    stop = []

    def export():
        while not stop:
            _clock.real_sleep(0.001)

    async def main():
        daemon = threading.Thread(target=export, name="exporter", daemon=True)
        daemon.start()
        with pytest.warns(VirtualTimeWarning, match="'exporter'"):
            await asyncio.sleep(3600)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await asyncio.sleep(3600)
        stop.append(1)
        daemon.join()
        return asyncio.get_running_loop().blockers()

    assert run_virtual(main) == (("thread 'exporter'",), 7200)


def test_a_listening_socket_is_named():
    """Virtual time stays as slow as real time beside a foreign descriptor, and says why."""

    async def main():
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        await asyncio.sleep(0.02)
        server.close()
        await server.wait_closed()
        return asyncio.get_running_loop().blockers()

    (blocker,), virtual_s = run_virtual(main)
    assert "socket ('127.0.0.1'" in blocker
    assert virtual_s == pytest.approx(0.02)


def test_loops_in_several_threads_share_time():
    """Two threads of a run that each run a loop sleep at once, and wake in order."""
    woken = []
    both = threading.Barrier(2)  # else one may have slept its fill before the other is there

    async def nap(seconds):
        both.wait(10)
        for _ in range(3):
            await asyncio.sleep(seconds)
        woken.append((seconds, elapsed(scope)))

    with replay() as scope:
        threads = [threading.Thread(target=lambda s=s: asyncio.run(nap(s))) for s in (10, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert woken == [(5, 15), (10, 30)]


def test_what_a_thread_hands_over_is_handled_before_time_passes():
    """A result posted to the loop by a thread that then falls asleep arrives before it wakes."""

    async def main():
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def work():
            loop.call_soon_threadsafe(future.set_result, 1)
            time.sleep(10)

        job = loop.run_in_executor(None, work)
        await future
        arrived = loop.time()
        await job
        return round(loop.time() - arrived, 6)

    assert run_virtual(main) == (10, 10)
