"""Making a run current where a test's coroutine runs in a context older than the run."""

from __future__ import annotations

import functools
import unittest
from collections.abc import Awaitable, Callable
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
