"""Two runs never see each other's traffic, however their tasks, threads and generators interleave."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_eval import tool
from agentops_eval.domain import RunMisuse, ToolRequest
from agentops_eval.seams._scope import Scope, current_scope, enter, leave, replaying_scopes
from tests.examples import examples
from tests.seams._played import events_of
from tests.seams._rig import run


@tool
def mark(owner: str, step: int) -> str:
    """Leaves one event that says whose it is."""
    return f"{owner}{step}"


def _owners(scope: Scope) -> list[tuple[str, int]]:
    requests = [event.request for event in events_of(scope)]
    assert all(isinstance(request, ToolRequest) for request in requests)
    return [(request.arguments["owner"], request.arguments["step"]) for request in requests]  # type: ignore[union-attr, misc]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40))
@settings(deadline=None)
def test_interleaved_tasks_keep_their_events(order: list[int]) -> None:
    """Whatever order three tasks are stepped in, each run holds exactly its own events."""
    names = ("a", "b", "c")

    async def owner(name: str, turns: asyncio.Queue[int | None]) -> list[tuple[str, int]]:
        with run(name=name) as scope:
            while (step := await turns.get()) is not None:
                mark(name, step)
                await asyncio.sleep(0)
        return _owners(scope)

    async def main() -> list[list[tuple[str, int]]]:
        queues: list[asyncio.Queue[int | None]] = [asyncio.Queue() for _ in names]
        tasks = [asyncio.create_task(owner(n, q)) for n, q in zip(names, queues, strict=True)]
        for step, who in enumerate(order):
            queues[who].put_nowait(step)
            await asyncio.sleep(0)
        for queue in queues:
            queue.put_nowait(None)
        return list(await asyncio.gather(*tasks))

    for name, seen in zip(names, asyncio.run(main()), strict=True):
        assert seen == [(name, step) for step, who in enumerate(order) if names[who] == name]


@given(st.lists(st.booleans(), min_size=1, max_size=30))
@examples(40)
def test_interleaved_threads_keep_their_events(order: list[bool]) -> None:
    """The same with two threads that are stepped one call at a time."""
    turn = {True: threading.Semaphore(0), False: threading.Semaphore(0)}
    done = threading.Semaphore(0)
    seen: dict[bool, list[tuple[str, int]]] = {}

    def owner(side: bool) -> None:
        name = "ab"[side]
        with run(name=name) as scope:
            for step, who in enumerate(order):
                if who is side:
                    turn[side].acquire()
                    mark(name, step)
                    done.release()
        seen[side] = _owners(scope)

    threads = [threading.Thread(target=contextvars.Context().run, args=(owner, s)) for s in (True, False)]
    for thread in threads:
        thread.start()
    for who in order:
        turn[who].release()
        done.acquire()
    for thread in threads:
        thread.join()
    for side in (True, False):
        assert seen[side] == [("ab"[side], step) for step, who in enumerate(order) if who is side]


def test_async_generator_finished_elsewhere_closes_its_run() -> None:
    """A run opened inside an async generator is closed even when another task finishes it."""

    async def agent() -> AsyncIterator[Scope]:
        with run(name="generator") as scope:
            mark("g", 0)
            yield scope
            mark("g", 1)

    async def main() -> Scope:
        steps = agent()
        scope = await anext(steps)
        await asyncio.create_task(_drain(steps))
        return scope

    async def _drain(steps: AsyncIterator[Scope]) -> None:
        async for _ in steps:
            pass

    scope = contextvars.Context().run(asyncio.run, main())
    assert scope.closed


def test_nested_run_takes_over_and_gives_back() -> None:
    """An inner run sees only its own calls; the outer one goes on afterwards."""
    with run(name="outer") as outer:
        mark("o", 0)
        with run(name="inner") as inner:
            mark("i", 0)
        mark("o", 1)
    assert _owners(outer) == [("o", 0), ("o", 1)]
    assert _owners(inner) == [("i", 0)]


def test_a_scope_opens_once() -> None:
    """Entering a scope again, while open or after its end, is refused."""
    with run() as scope, pytest.raises(RunMisuse):
        enter(scope)
    with pytest.raises(RunMisuse):
        enter(scope)


def test_after_the_end_there_is_no_run() -> None:
    """A context that outlives its run is outside any run, and no replay is open any more."""
    with run([]) as scope:
        context = contextvars.copy_context()
        assert current_scope() is scope
        assert replaying_scopes() == (scope,)
    assert current_scope() is None
    assert context.run(current_scope) is None
    assert replaying_scopes() == ()


def test_leave_works_from_another_context() -> None:
    """A run that one context opened can be closed from another."""
    with run() as donor:
        pass
    scope = Scope(handlers=donor.handlers, clock=donor.clock, entropy=donor.entropy)
    entry = contextvars.Context().run(enter, scope)
    leave(entry)
    assert scope.closed
    assert replaying_scopes() == ()
