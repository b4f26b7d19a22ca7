"""Making a run current where a test's coroutine runs in a context older than the run."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from contextvars import Context
from typing import Any

from agentops_eval.seams import SCOPE


def reaching(function: Callable[..., Awaitable[Any]], scope: Any) -> Callable[..., Awaitable[Any]]:
    """Wrap a coroutine function so that it runs inside ``scope``."""

    @functools.wraps(function)
    async def inside(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        token = SCOPE.set(scope)
        try:
            return await function(*args, **kwargs)
        finally:
            SCOPE.reset(token)

    return inside


def reaching_generator(function: Callable[..., AsyncGenerator[Any, None]], scope: Any) -> Callable[..., Any]:
    """Wrap an async generator function so that each of its steps runs inside ``scope``."""

    @functools.wraps(function)
    async def inside(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        async with aclosing(function(*args, **kwargs)) as steps:

            async def step() -> Any:
                return await anext(steps)

            while True:
                try:
                    value = await reaching(step, scope)()
                except StopAsyncIteration:
                    return
                yield value

    return inside


@contextmanager
def fixture_reaching(definition: Any, instance: object, scope: Any) -> Iterator[None]:
    """Have an async fixture run inside ``scope`` while it is set up, and when it is torn down."""
    function = definition.func
    if inspect.ismethod(function) and type(function.__self__) is type(instance):
        bound: Any = function.__func__.__get__(instance)  # its own test's instance, as pytest would
    else:
        bound = function
    if inspect.iscoroutinefunction(function):
        definition.func = reaching(bound, scope)
    elif inspect.isasyncgenfunction(function):
        definition.func = reaching_generator(bound, scope)
    try:
        yield
    finally:
        definition.func = function


def enter_test_case(instance: object, name: str, scope: Any) -> bool:
    """Bring ``scope`` into a unittest case; False when ``instance`` is none."""
    if not isinstance(instance, unittest.IsolatedAsyncioTestCase):
        return False
    context = getattr(instance, "_asyncioTestContext", None)
    if isinstance(context, Context):
        context.run(SCOPE.set, scope)
    else:  # private, and gone: the test itself is reached, asyncSetUp is not
        setattr(instance, name, reaching(getattr(instance, name), scope))
    return True
