"""Handlers stack like an onion, and both drivers behave alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from agentops_eval.domain import Call, DrawRequest, Outcome, Seam, ValueReply
from agentops_eval.seams._handler import Handler, Next, Pause, Steps, drive, drive_async

Driver = Callable[..., Outcome]


def _drive_in_loop(handlers, call, world, sleep):
    async def async_world(inner: Call) -> Outcome:
        return world(inner)

    async def async_sleep(seconds: float) -> None:
        sleep(seconds)

    return asyncio.run(drive_async(handlers, call, async_world, async_sleep))


@pytest.fixture(params=[drive, _drive_in_loop], ids=["sync", "async"])
def driver(request: pytest.FixtureRequest) -> Driver:
    """Both drivers through one signature."""
    return request.param


CALL = Call(seam=Seam.CLOCK, boundary="b", request=DrawRequest(source="b"))


class Adding:
    """Adds its letter on the way in (to the boundary) and on the way out (to the value)."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def handle(self, call: Call, next: Next) -> Steps:
        """Wrap the call and the outcome."""
        outcome = yield next(replace(call, boundary=call.boundary + self.letter))
        assert isinstance(outcome, ValueReply)
        return replace(outcome, value=f"{outcome.value}{self.letter}")


def _echo(call: Call) -> Outcome:
    return ValueReply(value=call.boundary + "|")


def test_handlers_nest_outermost_first(driver: Driver) -> None:
    """The first handler sees the call first and the outcome last."""
    outcome = driver((Adding("x"), Adding("y")), CALL, _echo, lambda _: None)
    assert outcome == ValueReply(value="bxy|yx")


def test_no_handler_means_the_world(driver: Driver) -> None:
    """Without handlers the call goes straight into the world."""
    assert driver((), CALL, _echo, lambda _: None) == ValueReply(value="b|")


def test_handler_may_answer_without_the_world(driver: Driver) -> None:
    """A handler that never yields next keeps the world untouched."""

    class Answering:
        def handle(self, call: Call, next: Next) -> Steps:
            if call.boundary == "never":
                yield next(call)
            return ValueReply(value="mine")

    def world(_: Call) -> Outcome:
        raise AssertionError("the world was reached")

    assert driver((Answering(),), CALL, world, lambda _: None) == ValueReply(value="mine")


def test_pause_sleeps_on_the_given_clock(driver: Driver) -> None:
    """A pause reaches the sleep function with its seconds, before what follows it."""
    slept: list[float] = []

    class Waiting:
        def handle(self, call: Call, next: Next) -> Steps:
            yield Pause(2.5)
            outcome = yield next(call)
            assert outcome is not None
            return outcome

    driver((Waiting(),), CALL, _echo, slept.append)
    assert slept == [2.5]


def test_the_settled_end_of_a_pause_is_slept_apart() -> None:
    """Who has a time limit of its own sleeps the recorded end of a pause with that limit suspended."""
    slept: list[tuple[str, float]] = []

    class Waiting:
        def handle(self, call: Call, next: Next) -> Steps:
            yield Pause(2.5, settled_s=0.5)
            yield Pause(1.0, settled_s=4.0)
            yield Pause(3.0)
            return ValueReply(value="mine")

    async def sleep(seconds: float) -> None:
        slept.append(("sleep", seconds))

    async def settle(seconds: float) -> None:
        slept.append(("settle", seconds))

    async def world(call: Call) -> Outcome:
        return _echo(call)

    asyncio.run(drive_async((Waiting(),), CALL, world, sleep, settle=settle))
    assert slept == [("sleep", 2.0), ("settle", 0.5), ("settle", 1.0), ("sleep", 3.0)]
    slept.clear()
    asyncio.run(drive_async((Waiting(),), CALL, world, sleep))
    assert slept == [("sleep", 2.5), ("sleep", 1.0), ("sleep", 3.0)]


def test_handler_may_call_the_world_twice(driver: Driver) -> None:
    """Duplicate delivery is two yields: the world is called twice."""
    calls: list[str] = []

    class Twice:
        def handle(self, call: Call, next: Next) -> Steps:
            yield next(call)
            outcome = yield next(call)
            assert outcome is not None
            return outcome

    def world(call: Call) -> Outcome:
        calls.append(call.boundary)
        return _echo(call)

    driver((Twice(),), CALL, world, lambda _: None)
    assert calls == ["b", "b"]


@pytest.mark.parametrize("error", [ValueError("v"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_exceptions_of_the_world_surface_at_the_yield(driver: Driver, error: BaseException) -> None:
    """A handler sees what the world raised, may clean up, and the exception goes on."""
    seen: list[BaseException] = []

    class Watching:
        def handle(self, call: Call, next: Next) -> Steps:
            try:
                outcome = yield next(call)
            except BaseException as caught:
                seen.append(caught)
                raise
            assert outcome is not None
            return outcome

    def world(_: Call) -> Outcome:
        raise error

    handlers: tuple[Handler, ...] = (Watching(), Adding("z"))
    with pytest.raises(type(error)):
        driver(handlers, CALL, world, lambda _: None)
    assert seen == [error]


def test_handler_may_swallow_an_exception(driver: Driver) -> None:
    """A handler that catches gives its own outcome instead."""

    class Catching:
        def handle(self, call: Call, next: Next) -> Steps:
            try:
                yield next(call)
            except ValueError:
                return ValueReply(value="caught")
            raise AssertionError("nothing was raised")

    def world(_: Call) -> Outcome:
        raise ValueError

    assert driver((Catching(),), CALL, world, lambda _: None) == ValueReply(value="caught")
