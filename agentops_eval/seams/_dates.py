"""``datetime.now()`` during a determinism audit: seen, and led to the run's clock.

It reads the machine's clock in C, beneath every seam, and is left alone in all other runs. In the
child processes of an audit the methods themselves are exchanged, as ``setattr`` would do for a
class written in Python, so that every reference to the class sees them and none changes its type.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from agentops_eval.seams._callers import Role, caller_of, site_of
from agentops_eval.seams._reads import TIME, current_reads
from agentops_eval.seams._scope import current_scope

Shift = Callable[[str], float]
"""Seconds to add to what is read at a place (``module:function:line``)."""


@contextmanager
def watching_dates(shift: Shift) -> Generator[None]:
    """Note what the agent's code asks of the calendar, and answer from the run's virtual clock.

    Where the interpreter does not allow it nothing is exchanged, and a date that reaches a request
    makes two plain runs differ.
    """
    undo: list[Callable[[], None]] = []
    try:
        for owner, name in _methods():
            undo.append(_exchange(owner, name, shift))
        yield
    finally:
        for step in undo:
            step()


def _methods() -> list[tuple[type[date], str]]:
    methods: list[tuple[type[date], str]] = [(datetime, "now"), (datetime, "utcnow")]
    if sys.version_info >= (3, 14):  # before, ``today`` asks time.time(), which crosses the seam
        methods.append((date, "today"))
    return methods


def _exchange(owner: type[date], name: str, shift: Shift) -> Callable[[], None]:
    namespace = next((found for found in gc.get_referents(vars(owner)) if isinstance(found, dict)), None)
    if namespace is None or name not in namespace:
        return _nothing
    original = namespace[name]

    def put(value: Any) -> None:
        namespace[name] = value
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))

    put(classmethod(_watched(owner, name, original, shift)))
    return lambda: put(original)


def _nothing() -> None:
    """There is nothing to undo."""


def _watched(owner: type[date], name: str, original: Any, shift: Shift) -> Callable[..., date]:
    def function(cls: type[date], *args: Any, **kwargs: Any) -> date:
        seconds = _seconds(f"{owner.__name__}.{name}", shift)
        if seconds is None:
            answer: date = original.__get__(None, cls)(*args, **kwargs)
            return answer
        return _at(cls, name, seconds, *args, **kwargs)

    function.__name__ = name
    return function


def _seconds(source: str, shift: Shift) -> float | None:
    """What the run's clock tells the agent; None for everybody else and outside a replay."""
    scope, log = current_scope(), current_reads()
    if scope is None or log is None or not scope.clock.virtual:
        return None
    role, frame = caller_of(sys._getframe(2))
    if role is not Role.AGENT:
        return None
    site = site_of(frame)
    log.note(TIME, site, detail=source)
    return scope.clock.wall_s() + shift(site)


def _at(cls: type[Any], name: str, seconds: float, tz: tzinfo | None = None) -> date:
    if name == "utcnow":
        naive: date = cls.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        return naive
    answer: date = cls.fromtimestamp(seconds, tz) if name == "now" else cls.fromtimestamp(seconds)
    return answer


__all__ = ["watching_dates"]
