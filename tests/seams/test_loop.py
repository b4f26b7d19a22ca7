"""The loop that jumps: what is free, what is waited for, and what stays an ordinary loop."""

from __future__ import annotations

import asyncio
import sys
import time

import anyio
import httpx2
import openai
import pytest
import stamina
import tenacity
import trio

from agentops_eval.seams import _clock
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._loop import VirtualLoop, new_virtual_loop, shuffling
from tests.seams._played import entered
from tests.seams._time_rig import elapsed, new_scope, record, replay, run_virtual


def test_an_hour_is_free():
    """asyncio.run inside a replay gets a loop that jumps."""
    with replay() as scope:
        asyncio.run(asyncio.sleep(3600))
    assert elapsed(scope) == 3600


def test_many_sleeps_are_free():
    """Thousands of short sleeps add up exactly."""

    async def main():
        for _ in range(2000):
            await asyncio.sleep(3.6)

    assert run_virtual(main)[1] == 7200


def test_timeouts_fire_at_their_time():
    """asyncio.timeout, wait_for and anyio.fail_after give up at their limit, not at the sleep's end."""

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.sleep(3600)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(3600), 30)
        with pytest.raises(TimeoutError), anyio.fail_after(30):
            await anyio.sleep(3600)

    assert run_virtual(main)[1] == 90


def test_loop_time_and_time_are_one_clock():
    """Sleeping in either moves both."""

    async def main():
        loop = asyncio.get_running_loop()
        start = time.monotonic(), loop.time()
        time.sleep(100)  # noqa: ASYNC251 -- an agent may well block its loop
        await asyncio.sleep(100)
        return round(time.monotonic() - start[0], 6), round(loop.time() - start[1], 6)

    assert run_virtual(main) == ((200, 200), 200)


def test_concurrent_sleeps_overlap():
    """Tasks that sleep at once take as long as the longest, and wake in order of their deadlines."""
    woken = []

    async def nap(name, seconds):
        await asyncio.sleep(seconds)
        woken.append(name)

    async def main():
        await asyncio.gather(nap("c", 3), nap("a", 1), nap("b", 2), nap("a2", 1))

    assert run_virtual(main)[1] == 3
    assert woken == ["a", "a2", "b", "c"]


def test_equal_deadlines_fire_in_order_of_making():
    """Timers for the same moment do not depend on the heap, even when others were cancelled."""
    fired = []

    async def main():
        loop = asyncio.get_running_loop()
        handles = [loop.call_later(5, fired.append, number) for number in range(200)]
        for handle in handles[::3]:
            handle.cancel()
        await asyncio.sleep(6)

    run_virtual(main)
    assert fired == [number for number in range(200) if number % 3]


def test_the_openai_sdk_waits_an_hour():
    """60 rate limits of a minute each cost the asynchronous client nothing."""
    replies = [httpx2.Response(429, headers={"retry-after": "60"}) for _ in range(60)]
    replies.append(httpx2.Response(200, json={"object": "list", "data": []}))

    async def main():
        transport = httpx2.MockTransport(lambda request: replies.pop(0))
        async with (
            httpx2.AsyncClient(transport=transport) as http,
            openai.AsyncOpenAI(
                api_key="k", base_url="http://llm.test", http_client=http, max_retries=60
            ) as client,
        ):
            return (await client.models.list()).data

    assert run_virtual(main) == ([], 3600)


def test_retry_libraries_wait_an_hour():
    """tenacity and stamina back off in virtual time; tenacity's limit of an hour is kept."""
    calls = []

    async def main():
        retrying = tenacity.AsyncRetrying(
            wait=tenacity.wait_fixed(60),
            stop=tenacity.stop_after_delay(3600),
            retry=tenacity.retry_if_result(bool),
        )

        async def always():
            calls.append(1)
            return True

        with pytest.raises(tenacity.RetryError):
            await retrying(always)

        @stamina.retry(on=OSError, attempts=61, timeout=None, wait_initial=60, wait_max=60, wait_jitter=0)
        async def flaky():
            calls.append(1)
            if len(calls) < 61 + 61:
                raise OSError

        await flaky()

    assert run_virtual(main)[1] == 7200
    assert len(calls) == 122


# -- adoption -------------------------------------------------------------------------------------


def test_an_ordinary_loop_outside_a_replay():
    """Without a replay, and while recording, the loop's time is the machine's."""
    loop = new_virtual_loop()
    try:
        before = _clock.real_monotonic()
        loop.run_until_complete(asyncio.sleep(0.005))
        assert _clock.real_monotonic() - before >= 0.005
        with record():
            loop.run_until_complete(asyncio.sleep(0.005))
        assert loop.time() == pytest.approx(_clock.real_monotonic(), abs=60)
        assert loop.blockers() == ()
    finally:
        loop.close()


def test_time_never_jumps_when_a_replay_comes_and_goes():
    """Timers made before a run, or left by it, keep their distance."""
    fired = []

    async def main():
        loop = asyncio.get_running_loop()
        loop.call_later(1000, fired.append, "before")
        before = loop.time()
        with replay() as scope:
            inside = loop.time()
            await asyncio.sleep(900)
            loop.call_later(500, fired.append, "left")
        after = loop.time()
        assert inside - before < 60
        assert 900 <= after - inside < 960
        with replay():
            await asyncio.sleep(99)
            assert fired == []
            await asyncio.sleep(2)
            assert fired == ["before"]
            await asyncio.sleep(400)
        assert fired == ["before", "left"]
        return elapsed(scope)

    with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        assert runner.run(main()) == 900


def test_two_replays_share_a_loop():
    """Each keeps its own count from its own start, and they pass together."""

    async def one(name, seconds):
        with replay(name=name) as scope:
            for _ in range(3):
                await asyncio.sleep(seconds)
            return elapsed(scope), round(time.time() - 1_700_000_000, 6)

    async def main():
        return await asyncio.gather(one("a", 10), one("b", 7))

    with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        assert runner.run(main()) == [(30, 30), (21, 21)]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="policies are deprecated from Python 3.14 on")
@pytest.mark.filterwarnings("ignore:'asyncio:DeprecationWarning")  # since Python 3.14, until 3.16
def test_a_policy_of_the_user_stays():
    """A loop policy that is not asyncio's own decides about the loop, inside a replay too."""

    class Own(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self):
            return asyncio.SelectorEventLoop()

    async def kind():
        return type(asyncio.get_running_loop())

    asyncio.set_event_loop_policy(Own())
    try:
        with replay():
            assert asyncio.run(kind()) is asyncio.SelectorEventLoop
    finally:
        asyncio.set_event_loop_policy(None)


def test_runners_get_a_virtual_loop_inside_a_replay():
    """asyncio.run, Runner, new_event_loop and anyio.run do; outside, they get what they always got."""

    async def kind():
        return type(asyncio.get_running_loop())

    with replay():
        assert asyncio.run(kind()) is VirtualLoop
        assert anyio.run(kind) is VirtualLoop
        with asyncio.Runner() as runner:
            assert runner.run(kind()) is VirtualLoop
        loop = asyncio.new_event_loop()
        loop.close()
        assert type(loop) is VirtualLoop
    assert asyncio.run(kind()) is not VirtualLoop
    with record():
        assert asyncio.run(kind()) is not VirtualLoop


def test_async_sleep_on_loops_that_cannot_jump():
    """On trio and on a plain asyncio loop a pause of the run moves the clock and nobody waits."""
    with replay() as scope:
        trio.run(async_sleep, 600)
    assert 600 <= scope.clock.elapsed_s() < 610
    with replay() as scope, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(async_sleep(600))
    assert 600 <= scope.clock.elapsed_s() < 610


def test_real_time_counts_on_a_foreign_loop():
    """Where the loop sleeps for real, monotonic moves on with it."""

    async def main():
        start = time.monotonic()
        await asyncio.sleep(0.02)
        return time.monotonic() - start

    with replay(), asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        assert runner.run(main()) >= 0.02


def test_shuffling_permutes_tasks_only():
    """With a seed, ready tasks run in another order, the same each time; callbacks keep theirs."""

    def order(seed):
        ran = []

        async def task(number):
            for _ in range(3):
                await asyncio.sleep(0)
            ran.append(number)

        async def main():
            loop = asyncio.get_running_loop()
            for number in range(100, 110):
                loop.call_soon(ran.append, number)
            await asyncio.gather(*(task(number) for number in range(10)))

        run_virtual(main, shuffle_seed=seed)
        return ran

    plain, first, second = order(None), order(1), order(1)
    with shuffling(1):
        assert order(None) == first
    assert plain == [*range(100, 110), *range(10)]
    assert first == second != plain
    assert [n for n in first if n >= 100] == list(range(100, 110))
    assert sorted(first) == sorted(plain)


def test_a_loop_leaves_the_clock_of_a_closed_run():
    """A session's loop serves one replay after another."""

    async def nap(scope):
        with entered(scope):
            await asyncio.sleep(60)

    scopes = [new_scope(), new_scope()]
    with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        for scope in scopes:
            runner.run(nap(scope))
    assert [elapsed(scope) for scope in scopes] == [60, 60]
