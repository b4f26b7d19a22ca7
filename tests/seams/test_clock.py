"""Time inside and outside a run, on one thread."""

from __future__ import annotations

import logging
import pickle
import time
from datetime import UTC, datetime

import httpx2
import openai
import pytest
import stamina
import tenacity

from agentops_eval.domain import DrawRequest, ValueReply
from agentops_eval.seams import _clock
from agentops_eval.seams._clock import VirtualClock, now
from agentops_eval.seams._timeline import Member, Timeline
from tests._events import event
from tests.seams._played import entered, events_of
from tests.seams._time_rig import WALL_S, drawn, elapsed, new_scope, record, replay


def test_outside_a_run_time_is_real():
    """Without a run every function gives what the machine gives."""
    before = _clock.real_time()
    assert before <= time.time() <= _clock.real_time()
    assert time.localtime(0).tm_year in {1969, 1970}
    assert time.gmtime().tm_year >= 2024
    assert abs(time.monotonic() - _clock.real_monotonic()) < 60


def test_sleep_moves_every_clock_of_the_run():
    """A sleep passes on monotonic, perf_counter and the wall alike, and costs nothing."""
    with replay() as scope:
        reads = (time.monotonic, time.perf_counter, time.time)
        before = [read() for read in reads]
        time.sleep(3600)
        assert [read() - start for read, start in zip(reads, before, strict=True)] == pytest.approx(
            [3600] * 3
        )
        assert time.monotonic_ns() / 1e9 == pytest.approx(time.monotonic())
        assert time.perf_counter_ns() / 1e9 == pytest.approx(time.perf_counter())
    assert elapsed(scope) == 3600


def test_a_sleep_that_is_no_duration_fails_as_usual():
    """Negative and non-numeric durations raise what ``time.sleep`` raises."""
    with replay():
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)
        with pytest.raises(TypeError):
            time.sleep("1")
        time.sleep(0)


def test_wall_reads_are_recorded_and_replayed():
    """Whatever way the agent reads the wall clock, a replay shows it the recorded moment."""

    def agent():
        zoned = now(UTC)
        return (
            time.time(), time.time_ns(), time.localtime(), time.gmtime(), time.strftime("%c"), time.ctime(),
            time.asctime(), zoned, now(),
        )  # fmt: skip

    with record() as recording:
        first = agent()
    with replay(events_of(recording)) as again:
        assert agent() == first
    assert [source for source, _ in drawn(recording)] == ["time.time"] + ["time.time"] + ["time.time_ns"] + [
        "time.time"
    ] * 6
    assert drawn(again) == drawn(recording)
    assert isinstance(first[7], datetime)


def test_a_read_names_its_place():
    """The event of a wall read says which line of the agent read it."""
    with record() as scope:
        time.time()
    assert events_of(scope)[0].site.startswith("tests.seams.test_clock:test_a_read_names_its_place:")


def test_an_unrecorded_read_gives_virtual_time():
    """Where the recording holds no reading, the wall is the recording's start plus what passed."""
    with replay():
        time.sleep(5)
        assert time.time() == WALL_S + 5
        assert time.time_ns() == int((WALL_S + 5) * 1e9)


def test_a_replayed_read_takes_the_clock_along():
    """A recorded reading moves virtual time forward to it, never backwards."""
    clock = VirtualClock(100.0)
    clock.observe(107.0)
    clock.observe(103.0)
    assert (clock.wall_s(), clock.elapsed_s()) == (107.0, 7.0)


def test_a_leap_of_the_wall_clock_fires_no_timeout():
    """A recorded wall time more than a day ahead moves the wall alone."""
    clock = VirtualClock(0.0)
    clock.observe(WALL_S)
    assert (clock.wall_s(), clock.elapsed_s()) == (WALL_S, 0.0)


def test_libraries_are_not_recorded():
    """A log record is stamped with the run's time, and makes no event."""
    with replay() as scope:
        time.sleep(50)
        stamp = logging.LogRecord("n", logging.INFO, "p", 1, "m", (), None).created
    assert stamp == WALL_S + 50
    assert not events_of(scope)


def test_machinery_keeps_the_real_clock():
    """Code of asyncio or threading reads the machine's clock inside a run."""
    machinery = {"__name__": "asyncio.base_events", "time": time}
    with replay():
        time.sleep(3600)
        exec("read = time.monotonic()\nwall = time.time()\nstart = time.time_ns()", machinery)
    assert abs(machinery["read"] - _clock.real_monotonic()) < 600
    assert machinery["wall"] > WALL_S + 3600
    assert machinery["start"] > (WALL_S + 3600) * 1e9


def test_machinery_sleeps_for_real():
    """A watchdog of the machinery that naps must not move the run's time."""
    with replay() as scope:
        exec("time.sleep(0.001)", {"__name__": "threading", "time": time})
    assert elapsed(scope) == 0


def test_a_reading_in_nanoseconds_moves_the_wall_by_seconds():
    """Seconds and nanoseconds of a recording move one and the same wall clock."""
    reading = event(0, DrawRequest(source="time.time_ns"), ValueReply(value=int((WALL_S + 7) * 1e9)))
    with replay([reading]) as scope:
        assert time.time_ns() == (WALL_S + 7) * 1e9
    assert scope.clock.wall_s() == WALL_S + 7


def test_the_functions_do_not_bind_as_class_attributes():
    """A clock kept as a class attribute is called without self, as the builtin would be."""

    class Limiter:
        read = time.monotonic
        wait = time.sleep

    with replay() as scope:
        Limiter().wait(2)
        assert Limiter().read() > 0
    assert elapsed(scope) == 2


def test_the_functions_can_be_pickled():
    """A process pool may be handed time.sleep."""
    assert pickle.loads(pickle.dumps(time.sleep)) == time.sleep


def test_a_recording_sleeps_for_real():
    """While recording, a sleep takes as long as it says."""
    with record() as scope:
        start = _clock.real_monotonic()
        time.sleep(0.01)
        assert _clock.real_monotonic() - start >= 0.01
    assert scope.clock.elapsed_s() >= 0.01


def test_a_closed_run_has_no_time():
    """After a run is over its context sees the machine's clock again."""
    scope = new_scope()
    with entered(scope):
        pass
    assert time.time() > WALL_S + 1000


def test_following_keeps_the_own_count():
    """A clock that moves to another timeline neither jumps nor loses time."""
    first, second = Timeline(), VirtualClock(10.0)
    first.advance(100)
    second.advance(3)
    second.follow(first)
    assert (second.elapsed_s(), second.wall_s()) == (3, 13)
    first.advance(4)
    assert second.elapsed_s() == 7


def test_virtual_time_never_goes_back():
    """Moving to a moment that has passed changes nothing, on the clock's own count."""
    clock = VirtualClock(WALL_S)
    clock.advance(5.0)
    clock.advance_to(3.0)
    assert clock.elapsed_s() == 5.0


def test_following_brings_the_threads_of_a_run_along():
    """A thread that time waited for on its own line is waited for on the common one."""
    line, other = Timeline(), VirtualClock(WALL_S)
    other.line.join(Member(name="worker"))
    other.follow(line)
    assert not line.pass_alone(1.0)


class Starting(Member):
    """A thread that begins to run while time looks at who acts: its ident appears between two readings."""

    readings = 0

    @property
    def ident(self):
        self.readings += 1
        return None if self.readings == 1 else -1

    @ident.setter
    def ident(self, value):
        self.readings = 0


def test_a_thread_that_begins_at_this_moment_is_waited_for():
    """It has no frame yet where others are looked at, which does not make it one that is gone."""
    line = Timeline()
    with line.waiting(1.0) as me:
        line.join(Starting(name="worker"))
        assert not line.pass_to(me)


def test_tenacity_waits_an_hour():
    """60 waits of a minute pass at once, and its limit, which reads monotonic, is kept."""
    calls = []
    retrying = tenacity.Retrying(
        wait=tenacity.wait_fixed(60),
        stop=tenacity.stop_after_delay(3600),
        retry=tenacity.retry_if_result(bool),
    )
    with replay() as scope, pytest.raises(tenacity.RetryError):
        retrying(lambda: calls.append(1) or True)
    assert (elapsed(scope), len(calls)) == (3600, 61)


def test_stamina_waits_an_hour():
    """Its backoff is virtual as well."""
    calls = []

    @stamina.retry(on=OSError, attempts=61, timeout=None, wait_initial=60, wait_max=60, wait_jitter=0)
    def flaky():
        calls.append(1)
        if len(calls) < 61:
            raise OSError

    with replay() as scope:
        flaky()
    assert elapsed(scope) == 3600


def test_the_openai_sdk_waits_an_hour():
    """60 rate limits that ask for a minute each cost the synchronous client nothing."""
    replies = [httpx2.Response(429, headers={"retry-after": "60"}) for _ in range(60)]
    replies.append(httpx2.Response(200, json={"object": "list", "data": []}))
    transport = httpx2.MockTransport(lambda request: replies.pop(0))
    with (
        httpx2.Client(transport=transport) as http,
        openai.OpenAI(api_key="k", base_url="http://llm.test", http_client=http, max_retries=60) as client,
        replay() as scope,
    ):
        assert not client.models.list().data
    assert elapsed(scope) == 3600
    assert not drawn(scope)
