"""Fan-outs: what runs side by side reads the same in every recording, and in every replay."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from agentops_eval import approve, approve_async, handoff, recording, replaying, tool
from agentops_eval.domain import ApprovalRequest
from agentops_eval.harness._audited import NEWEST_FIRST, ORDER_VARIABLE, SHUFFLED, AuditOrder
from agentops_eval.replay import Factor
from agentops_eval.traces import golden_bytes

JOBS = list("dbaec")


@tool
async def look(what: str) -> str:
    """Answer after a while that differs from call to call."""
    await asyncio.sleep(random.SystemRandom().random() / 100)
    return what.upper()


@tool
def look_up(what: str) -> str:
    """The same for threads."""
    time.sleep(random.SystemRandom().random() / 100)
    return what.upper()


async def job(what: str) -> str:
    """Two calls, one after the other."""
    return await look(await look(what))


async def behind_a_semaphore() -> None:
    """Two at a time."""
    gate = asyncio.Semaphore(2)

    async def one(what: str) -> str:
        async with gate:
            return await job(what)

    await look("before")
    await asyncio.gather(*map(one, JOBS))
    await look("after")


async def as_they_come() -> None:
    """Collected in order of completion, summed up at the end."""
    found = [await done for done in asyncio.as_completed([job(what) for what in JOBS])]
    await look("".join(sorted(found)))


async def in_a_group_that_grows() -> None:
    """Tasks start tasks; the group's owner goes on with calls of its own meanwhile."""
    async with asyncio.TaskGroup() as group:

        async def parent(what: str) -> None:
            await look(what)
            group.create_task(job(f"{what}-child"))
            await look(f"{what}-own")

        for what in JOBS:
            group.create_task(parent(what))
            await look(f"owner-{what}")


async def handed_to_agents() -> None:
    """Agents at work side by side, each with calls of its own."""

    async def agent(message: str) -> str:
        await asyncio.gather(*(look(f"{message}-{number}") for number in range(3)))
        return message

    await asyncio.gather(*(handoff(f"agent-{what}", what, agent) for what in JOBS))


def in_a_pool() -> None:
    """Jobs on two workers."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look_up, JOBS))
    look_up("after")


def in_threads() -> None:
    """Threads that nobody waits for until the end."""
    threads = [threading.Thread(target=lambda what=what: look_up(look_up(what))) for what in JOBS]
    for thread in threads:
        thread.start()
        look_up(f"started {thread is not None}")
    for thread in threads:
        thread.join()


@tool
async def outer() -> None:
    """A tool that calls others, whose calls a replay does not see."""
    for number in range(3):
        await look(f"inner-{number}")


def ask_with_calls(_: ApprovalRequest) -> bool:
    """Whoever asks a person may use tools for it, which a replay does not see either."""
    return look_up("chat channel") == "CHAT CHANNEL"


async def beside_calls_inside_bodies() -> None:
    """Calls of its own before and after a task, behind bodies with calls inside."""
    await outer()
    await approve_async("refund", deadline_s=5, ask=ask_with_calls)
    await look("b")
    task = asyncio.create_task(look("c"))
    await look("d")
    await task


async def after_a_person() -> None:
    """Approved by a person who answers at once, then carried out side by side, then told."""
    await look("plan")
    await approve_async("book", deadline_s=60, ask=lambda _: True)
    await asyncio.gather(*map(look, JOBS))
    await look("told")


def run(main: Callable[[], Awaitable[None] | None]) -> None:
    if asyncio.iscoroutinefunction(main):
        asyncio.run(main())
    else:
        main()


FAN_OUTS = [
    behind_a_semaphore,
    as_they_come,
    in_a_group_that_grows,
    handed_to_agents,
    in_a_pool,
    in_threads,
    beside_calls_inside_bodies,
    after_a_person,
]


@pytest.mark.parametrize("main", FAN_OUTS, ids=lambda main: main.__name__)
def test_a_fan_out_gives_the_same_bytes_in_every_recording(
    tmp_path: Path, main: Callable[[], Awaitable[None] | None]
) -> None:
    """Three recordings with other timings, and a replay of each, have one trace."""
    traces = set()
    for number in range(3):
        path = tmp_path / str(number) / "c.cassette.jsonl"
        with recording(path) as recorded:
            run(main)
        with replaying(path) as replayed:
            run(main)
        assert replayed.unused == ()
        traces |= {golden_bytes(recorded.trace), golden_bytes(replayed.trace)}
    assert len(traces) == 1


@pytest.mark.parametrize("tasks", [NEWEST_FIRST, SHUFFLED])
@pytest.mark.parametrize("main", FAN_OUTS, ids=lambda main: main.__name__)
def test_a_fan_out_gives_the_same_bytes_in_another_order_of_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main: Callable[[], Awaitable[None] | None], tasks: str
) -> None:
    """The audit's varied replays, with other durations and other tasks first, have the recorded trace."""
    path = tmp_path / "c.cassette.jsonl"
    with recording(path) as recorded:
        run(main)
    order = AuditOrder(factor=Factor.TASK_ORDER, out=str(tmp_path / "run.json"), tasks=tasks)
    (tmp_path / "order.json").write_bytes(msgspec.json.encode(order))
    monkeypatch.setenv(ORDER_VARIABLE, str(tmp_path / "order.json"))
    with replaying(path) as replayed:
        run(main)
    assert golden_bytes(replayed.trace) == golden_bytes(recorded.trace)


@tool
async def busy() -> int:
    """Starts tasks of its own."""
    await asyncio.gather(*(asyncio.sleep(0) for _ in range(3)))
    return 1


async def with_a_tool() -> None:
    """A tool whose body starts tasks."""
    await busy()


async def with_a_person() -> None:
    """A question with a deadline, which is asked beside the run."""
    await approve_async("refund", deadline_s=5, ask=lambda _: True)


async def with_a_person_asked_at_once() -> None:
    """The same from synchronous code."""
    approve("refund", deadline_s=5, ask=lambda _: True)


@pytest.mark.parametrize(
    "first", [with_a_tool, with_a_person, with_a_person_asked_at_once], ids=lambda first: first.__name__
)
def test_what_does_not_run_on_replay_does_not_shift_what_does(
    tmp_path: Path, first: Callable[[], Awaitable[None]]
) -> None:
    """Tasks and threads of a tool's body, or of a question, do not count: later draws are still found."""

    async def main() -> list[str]:
        await first()
        drawn: list[str] = []

        async def draw(number: int) -> None:
            drawn.append(f"{number}: {random.random()}")

        await asyncio.gather(draw(1), draw(2))
        return drawn

    path = tmp_path / "c.cassette.jsonl"
    with recording(path):
        seen = asyncio.run(main())
    with replaying(path):
        assert asyncio.run(main()) == seen
