"""Exceptions of tools and agents as values, and back. Nothing is imported because a file names it."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
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
        arguments=tuple(keep(argument) for argument in error.args),
        native=error,
    )


def revive_error(failure: Failure, function: Callable[..., Any]) -> BaseException:
    """Rebuild a recorded exception: same class where it is loaded, same arguments, same text."""
    kind = _find_class(failure, function)
    if kind is None:
        return ToolFailed(f"{failure.module}.{failure.kind}: {failure.message}")
    arguments = tuple(restore(argument) for argument in failure.arguments)
    try:
        error = kind(*arguments)
    except Exception:  # its constructor wants more than its args
        error = kind.__new__(kind)
        error.args = arguments
    return error


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
