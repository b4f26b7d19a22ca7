"""Which places of the agent's code read time, entropy and environment, for the determinism audit."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from agentops_eval.seams._callers import Role, caller_of, site_of

TIME, ENTROPY, ENVIRONMENT = "time", "entropy", "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One place that reads something a recording may not hold.

    ``factor`` is ``time``, ``entropy`` or ``environment``; ``detail`` names the source or the
    variable; ``site`` is ``module:function:line``; ``intentional`` says that it was declared.
    """

    factor: str
    site: str
    detail: str
    count: int
    intentional: bool


class ReadLog:
    """Counts reads by place. ``intentional`` holds globs over ``module:function``, with or without line."""

    def __init__(self, *, intentional: tuple[str, ...] = ()) -> None:
        self._intentional = intentional
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, str], int] = {}

    def note(self, factor: str, site: str, *, detail: str = "") -> None:
        """Count one read."""
        key = (factor, site, detail)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1

    @property
    def reads(self) -> tuple[Read, ...]:
        """All places so far, sorted."""
        with self._lock:
            counts = sorted(self._counts.items())
        return tuple(
            Read(factor=factor, site=site, detail=detail, count=count, intentional=self._declared(site))
            for (factor, site, detail), count in counts
        )

    def _declared(self, site: str) -> bool:
        places = (site, site.rpartition(":")[0])  # a glob need not speak of lines
        return any(fnmatchcase(place, pattern) for place in places for pattern in self._intentional)


READS: ContextVar[ReadLog | None] = ContextVar("agentops_reads", default=None)

_lock = threading.Lock()
_active = 0
_everywhere: ReadLog | None = None
_environ_getitem = os._Environ.__getitem__


def current_reads() -> ReadLog | None:
    """The log of the calling context, or the one that collects everywhere; None without an audit."""
    return READS.get() or _everywhere


@contextmanager
def auditing(log: ReadLog, *, everywhere: bool = False) -> Generator[ReadLog]:
    """Collect the reads of this context into ``log``; environment reads only while this lasts.

    ``everywhere`` collects those of contexts without a log as well: a process with one run, whose
    tasks may be older than it.
    """
    global _everywhere
    token = READS.set(log)
    before = _everywhere
    if everywhere:
        _everywhere = log
    _watch_environment(+1)
    try:
        yield log
    finally:
        _watch_environment(-1)
        _everywhere = before
        with suppress(ValueError):  # finished by another context, which never saw the log
            READS.reset(token)


def _watch_environment(step: int) -> None:
    """Patch the mapping behind ``os.environ`` and ``os.getenv`` while at least one audit runs."""
    global _active
    with _lock:
        _active += step
        watched: Any = os._Environ
        watched.__getitem__ = _getitem if _active else _environ_getitem


def _getitem(environ: os._Environ[Any], key: Any) -> Any:
    log = current_reads()
    if log is not None:
        role, frame = caller_of(sys._getframe(1))
        if role is Role.AGENT:
            name = os.fsdecode(key) if isinstance(key, (str, bytes)) else repr(key)
            log.note(ENVIRONMENT, site_of(frame), detail=name)
    return _environ_getitem(environ, key)
