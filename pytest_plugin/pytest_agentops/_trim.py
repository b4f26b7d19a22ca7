"""Showing where a miss happened in the user's code, without the frames of SDKs and of ours."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TypeVar

import pytest

E = TypeVar("E", bound=BaseException)

_FRAMEWORK = frozenset({"_pytest", "unittest"})  # where assertion methods and pytest.fail raise


def holds(error: BaseException | None, wanted: BaseException) -> bool:
    """Whether ``error`` is ``wanted``, wraps it, was caused by it or groups it."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        at = waiting.pop()
        if at is None or id(at) in seen:
            continue
        if at is wanted:
            return True
        seen.add(id(at))
        waiting += [at.__cause__, at.__context__]
        if isinstance(at, BaseExceptionGroup):
            waiting += at.exceptions
    return False


def only(error: BaseException | None, wanted: BaseException) -> bool:
    """Whether ``error`` is a group, such as task groups raise, of ``wanted`` alone."""
    group = error
    while isinstance(group, BaseExceptionGroup) and len(group.exceptions) == 1:
        group = group.exceptions[0]
    return group is wanted and group is not error


def trimmed(error: E, config: pytest.Config) -> E:
    """Leave only the frames of the project's own files, unless --full-trace asks for all.

    A miss is raised deep inside an SDK; its message says all there is to say about that place.
    """
    from agentops_eval.domain import ReplayMiss

    if isinstance(error, ReplayMiss) and not config.getoption("fulltrace", default=False):
        kept = _kept(error.__traceback__, config.rootpath)
        error.__traceback__ = kept or error.__traceback__
    return error


def _kept(traceback: TracebackType | None, root: Path) -> TracebackType | None:
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    kept: TracebackType | None = None
    for at in reversed(frames):
        if _is_users(Path(at.tb_frame.f_code.co_filename), root):
            kept = TracebackType(kept, at.tb_frame, at.tb_lasti, at.tb_lineno)
    return kept


def _is_users(file: Path, root: Path) -> bool:
    """Inside rootdir, but not in a virtual environment there, nor in this product itself."""
    foreign = {"site-packages", "dist-packages", "agentops_eval", "pytest_agentops"}
    return file.is_relative_to(root) and not foreign & set(file.relative_to(root).parts)


def is_verdict(error: BaseException | None, test: Path) -> bool:
    """Whether it is the test's own judgement: an assertion that failed, or ``pytest.fail``, in its file.

    An agent's own assertion is none: its run did not complete.
    """
    if not isinstance(error, (AssertionError, pytest.fail.Exception)):
        return False
    trace, innermost = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        innermost = innermost if _FRAMEWORK & set(Path(file).parts) else file
        trace = trace.tb_next
    return bool(innermost) and Path(innermost) == test
