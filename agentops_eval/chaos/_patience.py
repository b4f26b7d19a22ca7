"""Patterns of a contract on texts of an agent: a search that would go on for ever is ended, and told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from agentops_eval.domain import ContractInvalid, shorten

MOST_S = 2.0
"""How much time of the processor one pattern may take: a usual one takes microseconds."""
_OFTEN_S = 0.1
_SHOWN = 200


class _TooLong(BaseException):
    """Ends a search from within: ``re`` lets signals through, and nothing else."""


@contextmanager
def patience(pattern: str, most_s: float = MOST_S) -> Generator[None]:
    """Look for a pattern in this block, for ``most_s`` seconds at the most. Raises ContractInvalid then.

    A repeat inside of a repeat, such as ``(a+)+$``, takes twice as long with each letter of a text, and an
    agent's text may be anything. What counts is time of the processor, by an alarm that is not the one of
    runs and tests. Needs the main thread of a POSIX process; elsewhere nothing is bounded.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def bite(_: int, __: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, bite)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, most_s, _OFTEN_S)  # and again, where a finaliser swallows it
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooLong:
        raise ContractInvalid(
            f"the pattern {shorten(pattern, _SHOWN)!r} was not looked for to its end: it took {most_s:g} s",
            remedy="write it without a repeat inside of a repeat: a+ in place of (a+)+",
        ) from None
    finally:
        signal.signal(signal.SIGVTALRM, before)
