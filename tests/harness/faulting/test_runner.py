"""One run under a schedule: through the seams, in virtual time, with everything told."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from agentops_eval import faults, tool
from agentops_eval.domain import ConfigInvalid, EndedBy, Fault, FaultedRun, FaultInvalid, Label, Schedule
from agentops_eval.harness.faulting import Play, Runner, Subject, subject_of


@tool(effect="write", idempotency_key="key")
def charge(order: str, key: str) -> dict[str, str]:
    """Charge an order."""
    return {"order": order, "key": key}


def shop() -> str:
    """Charge one order, trying three times with one key."""
    for _ in range(3):
        try:
            return f"charged {charge('o-1', 'k-1')['order']}"
        except OSError:
            time.sleep(60)
    return "sorry"


def run(*scheduled: Fault) -> FaultedRun:
    """Run the shop under these faults."""
    return Runner(Subject(name="shop", begin=lambda: Play(call=shop)))(Schedule(faults=scheduled))


def test_without_faults_the_agent_just_runs() -> None:
    """Under the empty schedule the world answers, and each call has its site."""
    found = run()
    assert (found.output, found.ended, found.sites) == ("charged o-1", EndedBy.ANSWER, ("/charge#0",))
    assert found.events[0].label is Label.LIVE


def test_an_agent_that_exits_ends_its_run_alone() -> None:
    """With status 0 it would end a search, or a whole test run, as if nothing were wrong."""
    leave = os._exit
    found = Runner(Subject(name="leaves", begin=lambda: Play(call=lambda: os._exit(0))))(Schedule())
    assert found.ended is EndedBy.ERROR
    assert found.error is not None
    assert (found.error.kind, found.error.message) == ("SystemExit", "os._exit(0)")
    assert os._exit is leave


def test_a_retry_has_a_site_of_its_own_and_waits_in_virtual_time() -> None:
    """An error that hits the first call only is answered by the retry a virtual minute later."""
    found = run(faults.tool_error("charge", nth=1))
    assert found.sites == ("/charge#0", "/charge#1")
    assert found.elapsed_s == 60
    assert [(one.site, one.landed) for one in found.injections] == [("/charge#0", 0)]


def test_a_lost_reply_has_landed() -> None:
    """Where the answer is lost, the injection says that the call reached its tool."""
    found = run(faults.tool_reply_lost("charge", nth=1))
    assert [(one.kind, one.landed) for one in found.injections] == [("tool_reply_lost", 1)]


def test_a_fault_that_hits_nothing_is_named() -> None:
    """A schedule whose fault found no call says so: it is no passed experiment."""
    assert run(faults.tool_error("refund")).not_injected == (
        "tool_error(permanent=false) @refund: no call that it fits was made",
    )


def test_the_same_schedule_gives_the_same_run() -> None:
    """Two runs under one schedule are equal, drawn faults included."""
    schedule = faults.tool_error("charge", probability=0.5)
    assert run(schedule) == run(schedule)


def test_an_unknown_fault_names_the_nearest() -> None:
    """A misspelt kind is refused with what was probably meant."""
    with pytest.raises(ConfigInvalid, match="tool_error"):
        run(Fault(kind="tool_eror"))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.tool_error("charge", nth=0), "calls are counted from 1, and nth is 0"),
        (faults.tool_error("charge", after=-2), "so many calls are spared: -2"),
        (faults.tool_error("charge", after=5, until=2), "begins with call 6, and ends with call 2"),
        (faults.tool_error("charge", nth="a"), "counted in whole numbers, and it says 'a'"),  # type: ignore[arg-type]
        (faults.tool_error("charge", nth=1.5), "counted in whole numbers, and it says 1.5"),  # type: ignore[arg-type]
        (faults.tool_error("charge", probability="x"), "probability is 'x', which is no number"),  # type: ignore[arg-type]
        (faults.tool_error("charge", probability=1.5), "its probability is 1.5"),
        ("tool_error", "'tool_error' is no fault"),
    ],
)
def test_calls_that_cannot_be_counted_are_refused(fault: Any, told: str) -> None:
    """What cannot be meant is told before anything runs, and is no fault that merely did not happen."""
    with pytest.raises(FaultInvalid, match=told):
        run(fault)


class OwnEnd(BaseException):
    """An agent's own way to end, which is no Exception."""


class Unreadable(Exception):
    """An error whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def cancelled_task() -> object:
    """An agent whose own task is cancelled."""

    async def ask() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(1)

    return ask()


def raising(error: BaseException) -> Callable[[], object]:
    """An agent that raises this."""

    def agent() -> object:
        raise error

    return agent


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (raising(OwnEnd("over")), "OwnEnd"),
        (raising(GeneratorExit()), "GeneratorExit"),
        (raising(SystemExit(3)), "SystemExit"),
        (raising(Unreadable()), "Unreadable"),
        (raising(BaseExceptionGroup("both", [OwnEnd("over"), ValueError("no")])), "BaseExceptionGroup"),
        (cancelled_task, "CancelledError"),
    ],
)
def test_whatever_an_agent_raises_is_its_error(agent: Callable[[], object], kind: str) -> None:
    """Cancellations, exits, exceptions that are no Exception, and texts that raise break no harness."""
    found = Runner(subject_of(agent))(Schedule())
    assert found.ended is EndedBy.ERROR
    assert found.error is not None
    assert found.error.kind == kind


def swallow() -> None:
    """Charge for ever, whatever is raised."""
    while True:
        try:
            charge("o-1", "k-1")
        except BaseException:  # what is tested
            pass


def test_an_agent_that_swallows_everything_is_ended_all_the_same() -> None:
    """The end of a hung run is raised until it is met outside of every try block of the agent."""
    found = Runner(Subject(name="shop", begin=lambda: Play(call=swallow)), real_s=0.1)(Schedule())
    assert found.ended is EndedBy.HANG
