"""Exceptions of tools and agents as values, and back. Nothing is imported because a file names it."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from agentops_eval.domain import Failure
from agentops_eval.seams._values import keep, restore


class ToolFailed(RuntimeError):
    """Stands for a recorded exception whose class is not loaded in this process."""


def keep_error(error: Exception) -> Failure:
    """The failure of a body that raised ``error``."""
    return Failure(
        kind=type(error).__qualname__,
        module=type(error).__module__,
        message=str(error),
        arguments=tuple(keep(argument) for argument in _arguments(error)),
        native=error,
    )


def _arguments(error: Exception) -> tuple[object, ...]:
    """What the constructor was given; an OSError leaves the file's name out of its ``args``."""
    if isinstance(error, OSError) and len(error.args) == 2 and error.filename is not None:
        return (*error.args, error.filename)
    return error.args


def revive_error(failure: Failure, function: Callable[..., Any]) -> BaseException:
    """Rebuild a recorded exception: same class where it is loaded, same arguments, same text.

    What its own constructor set beside ``args`` is not recorded, and is missing where the
    constructor cannot be called again with them.
    """
    kind = _find_class(failure, function)
    if kind is None:
        return ToolFailed(f"{failure.module}.{failure.kind}: {failure.message}")
    arguments = tuple(restore(argument) for argument in failure.arguments)
    for make in (_constructed, _bare):
        with suppress(Exception):  # its constructor wants more than its args, or its text more than them
            error = make(kind, arguments)
            if str(error) == failure.message:
                return error
    return _worded(kind, arguments, failure.message)


def _constructed(kind: type[Exception], arguments: tuple[Any, ...]) -> Exception:
    return kind(*arguments)


def _bare(kind: type[Exception], arguments: tuple[Any, ...]) -> Exception:
    """An instance whose constructor was not asked."""
    error = Exception.__new__(kind)
    error.args = arguments
    return error


def _worded(kind: type[Exception], arguments: tuple[Any, ...], message: str) -> Exception:
    """An instance that says ``message``, of the nearest class of ``kind`` that can be made at all."""
    body = {"__str__": lambda _: message, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    for base in (base for base in kind.__mro__ if issubclass(base, Exception)):
        for make in (_constructed, _bare):
            with suppress(Exception):
                return make(type(kind.__name__, (base,), body), arguments)
    raise AssertionError  # Exception itself always can


def _find_class(failure: Failure, function: Callable[..., Any]) -> type[Exception] | None:
    """Look the class up by its qualified name where it can only be what the recording saw."""
    module: object = builtins if failure.module == "builtins" else sys.modules.get(failure.module)
    for home in (module, sys.modules.get(function.__module__)):
        found: object = home
        for part in failure.kind.split("."):
            found = None if part == "<locals>" else getattr(found, part, None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    found = getattr(function, "__globals__", {}).get(failure.kind)
    return found if isinstance(found, type) and issubclass(found, Exception) else None
