"""Faults of the wall clock: what the agent reads, what libraries read, and what is left alone."""

from __future__ import annotations

import time

from agentops_eval import faults, now, tool
from agentops_eval.domain import Label
from tests.harness.faulting.kinds._kit import run


@tool
def look() -> str:
    """Look at something."""
    return "seen"


def clocks() -> list[float]:
    """Read the wall clock three times, a minute apart, with a call between the first two."""
    first = time.time()
    look()
    time.sleep(60)
    second = now().timestamp()
    time.sleep(60)
    return [0.0, second - first, time.time_ns() / 1e9 - first]


def test_without_a_fault_a_minute_is_a_minute() -> None:
    """Virtual time passes evenly."""
    assert run(clocks).output == [0.0, 60.0, 120.0]


def test_a_reading_may_be_off() -> None:
    """The second reading alone is five minutes ahead, and no time passes by it."""
    found = run(clocks, faults.clock_skew("time.time", nth=2))
    assert (found.output, found.elapsed_s) == ([0.0, 360.0, 120.0], 120.0)
    assert [one.boundary for one in found.events if one.label is Label.SCRIPTED] == ["time.time"]


def test_every_reading_may_be_off() -> None:
    """A clock that is wrong from the beginning is wrong evenly, in seconds and in nanoseconds."""
    found = run(clocks, faults.clock_skew(offset_s=-86_400))
    assert (found.output, found.elapsed_s) == ([0.0, 60.0, 120.0], 120.0)
    assert len(found.injections) == 3


def test_a_clock_that_is_set_stays_so() -> None:
    """After the jump at the tool's call all readings are an hour off, and sleeping takes what it takes."""
    found = run(clocks, faults.clock_jump("look", offset_s=3600))
    assert (found.output, found.elapsed_s) == ([0.0, 3660.0, 3720.0], 120.0)
    assert len(found.injections) == 1


def test_a_clock_may_go_back() -> None:
    """A jump backward makes a later reading earlier."""
    output = run(clocks, faults.clock_jump("look", offset_s=-3600)).output
    assert output == [0.0, -3540.0, -3480.0]


def test_a_jump_is_gone_with_its_run() -> None:
    """The next run of the same agent has the right time again."""
    run(clocks, faults.clock_jump())
    assert run(clocks).output == [0.0, 60.0, 120.0]


def test_durations_are_left_alone() -> None:
    """Monotonic time knows nothing of the wall clock, so no timeout fires because of a jump."""

    def agent() -> float:
        began = time.monotonic()
        look()
        return time.monotonic() - began

    assert run(agent, faults.clock_jump("look", offset_s=3600)).output == 0.0


def test_libraries_see_a_clock_that_was_set() -> None:
    """What the standard library reads for itself follows a jump, not a single skewed reading."""
    import logging

    def agent() -> float:
        began = logging.makeLogRecord({}).created
        look()
        return round(logging.makeLogRecord({}).created - began)

    assert run(agent, faults.clock_jump("look", offset_s=3600)).output == 3600
