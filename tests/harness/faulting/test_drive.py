"""Asking an agent by beats: in turn, after pauses, several at once, with an environment of its own."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import faults, tool
from agentops_eval.chaos.conformance import Beat, Drive, Turn, turns_of
from agentops_eval.domain import EndedBy, FaultedRun, Json, RunMisuse, Schedule
from agentops_eval.harness.faulting import Runner, subject_of
from tests.examples import examples


@tool
def look_up(word: str) -> str:
    """Look a word up."""
    return word.upper()


@tool
async def fetch(word: str) -> str:
    """Fetch a word."""
    return word.upper()


def ask(word: str = "a") -> str:
    """Look one word up."""
    return look_up(word)


def run(drive: Drive, *scheduled, agent=ask, **more) -> FaultedRun:
    """One driven run."""
    subject = subject_of(agent, **more)
    return Runner(subject).driven(drive)(Schedule(faults=scheduled))


def test_turns_come_in_order_with_their_pauses() -> None:
    """Each turn says when it began and what it gave, and its calls are the run's."""
    found = run(Drive.steady(3, every_s=10.0))
    assert [(one.started_s, one.output) for one in turns_of(found)] == [(0, "A"), (10, "A"), (20, "A")]
    assert found.sites == ("/look_up#0", "/look_up#1", "/look_up#2")


def test_an_error_is_told_in_its_turn_and_the_next_comes_all_the_same() -> None:
    """What an agent raises ends its turn, and not the run."""
    found = run(Drive.steady(2), faults.tool_error("look_up", nth=1))
    first, second = turns_of(found)
    assert (first.error, first.output) == ("ConnectionError: the service is not available", None)
    assert (second.error, second.output) == ("", "A")
    assert found.ended is EndedBy.ANSWER


def test_those_who_ask_at_once_overlap_and_have_threads_of_their_own() -> None:
    """Several askers of one beat run side by side in virtual time, each call in a lane of its own."""
    found = run(Drive(beats=(Beat(together=4),)), faults.latency("look_up", seconds=30.0))
    assert [one.ended_s for one in turns_of(found)] == [30.0] * 4
    assert sorted(event.lane for event in found.events) == ["0:0", "0:1", "0:2", "0:3"]


def test_asynchronous_agents_are_asked_at_once_too() -> None:
    """Each asker of an agent that is a coroutine has a loop of its own, in the run's time."""

    async def agent() -> list[str]:
        return list(await asyncio.gather(fetch("a"), fetch("b")))

    found = run(Drive(beats=(Beat(together=3),)), faults.latency("fetch", seconds=30.0), agent=agent)
    assert [(one.output, one.ended_s) for one in turns_of(found)] == [(["A", "B"], 30.0)] * 3


def test_tasks_share_one_world() -> None:
    """What else an agent can be asked is asked in the same world, in turn or beside."""

    @dataclass
    class World:
        seen: list[str] = field(default_factory=list)

        def state(self) -> Json:
            return sorted(self.seen)

    def note(word: str, *, world: World) -> int:
        world.seen.append(look_up(word))
        return len(world.seen)

    beats = (Beat(), Beat(task="other"), Beat(beside=("other",)))
    subject = subject_of(note, "a", world=World, tasks={"other": ("b",)})
    found = Runner(subject).driven(Drive(beats=beats))(Schedule())
    assert found.state == ["A", "A", "B", "B"]
    assert [one.task for one in turns_of(found)] == ["", "other", "", "other"]


def test_without_a_beat_nothing_is_asked() -> None:
    """The state of a world that nobody touched is that of a run without beats."""

    class World:
        def state(self) -> Json:
            return "untouched"

    def agent(world: World) -> None:
        raise AssertionError

    found = run(Drive(beats=()), agent=agent, world=World)
    assert (found.events, found.state, found.output) == ((), "untouched", [])


def test_a_task_that_is_not_there_is_refused() -> None:
    """A misspelt task is no behaviour of the agent: the error names the nearest."""
    subject = subject_of(ask, tasks={"beside": ("b",)})
    with pytest.raises(RunMisuse, match="beside"):
        Runner(subject).driven(Drive(beats=(Beat(task="besides"),)))


def test_the_environment_is_set_for_the_run_alone() -> None:
    """A variable is there while the agent runs, and as before when it is over, also after an error."""
    os.environ["AGENTOPS_TEST_KEPT"] = "before"

    def agent() -> str:
        raise RuntimeError(os.environ["AGENTOPS_TEST_KEPT"] + os.environ["AGENTOPS_TEST_NEW"])

    drive = Drive(environment={"AGENTOPS_TEST_KEPT": "during", "AGENTOPS_TEST_NEW": " new"})
    assert turns_of(run(drive, agent=agent))[0].error == "RuntimeError: during new"
    assert os.environ.pop("AGENTOPS_TEST_KEPT") == "before"
    assert "AGENTOPS_TEST_NEW" not in os.environ


def test_each_turn_may_take_what_a_run_may() -> None:
    """Limits are those of a run for each turn: asking thirty times is no circle, a day's pause no hang."""
    found = run(Drive.steady(30, every_s=86_400.0))
    assert (found.ended, len(turns_of(found))) == (EndedBy.ANSWER, 30)


def test_an_asker_that_hangs_ends_the_run() -> None:
    """A run in which one of several askers never ends hangs, and says why."""

    def agent() -> None:
        while True:
            look_up("a")

    found = run(Drive(beats=(Beat(together=2),)), agent=agent)
    assert (found.ended, turns_of(found)) == (EndedBy.HANG, ())
    assert "look_up" in found.why


def test_the_same_drive_gives_the_same_run() -> None:
    """Askers at once give the same turns and sites each time, whoever of them is faster."""

    def agent() -> str:
        time.sleep(1.0)
        return look_up("a")

    drive = Drive(beats=(Beat(together=5), Beat(after_s=1.0)))
    fault = faults.latency("look_up", seconds=3.0, probability=0.5)
    runs = [run(drive, fault, agent=agent) for _ in range(5)]
    assert len({str(turns_of(one)) for one in runs}) == 1
    assert len({tuple(sorted(one.sites)) for one in runs}) == 1


@examples(60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_whatever_an_agent_gives_has_no_turns_or_is_read(output) -> None:
    """Outputs of runs that were not driven, of any shape, are read without an error."""
    for one in turns_of(FaultedRun(output=output, answered=True)):
        assert isinstance(one, Turn)
