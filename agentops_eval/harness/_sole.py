"""What lies in a group of exceptions that a task group raised because one of its tasks failed."""

from __future__ import annotations


def sole(error: BaseException) -> BaseException:
    """The one exception in nested groups of one; the error itself where there are several, or no group."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
