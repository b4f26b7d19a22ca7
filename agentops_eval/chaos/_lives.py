"""The lives of an agent's process: one that a fault killed reaches nothing any more.

In the process of the test a kill is an exception. What the agent does on its way out, in ``finally`` or in
threads that it left behind, crosses no seam: a process that is gone has no way out.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar

from agentops_eval.chaos._kind import Kind
from agentops_eval.domain import Call, FaultClass, Schedule
from agentops_eval.seams import Next, Steps, carry

_LIFE: ContextVar[int] = ContextVar("agentops_life", default=0)
carry(_LIFE)


class Killed(BaseException):
    """Ends one life of an agent's process. Not an ``Exception``: no agent may survive it.

    ``resume`` is how often the process is started again in the whole run.
    """

    def __init__(self, site: str, *, resume: int = 0) -> None:
        super().__init__(f"killed at {site}")
        self.site = site
        self.resume = resume


class Lives:
    """Stands before the event log, so that what a dead process tries leaves no trace. Safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dead: dict[int, Killed] = {}
        self._life = 0

    @property
    def killed(self) -> Killed | None:
        """What ended the present life, None while it lasts."""
        return self._dead.get(self._life)

    def handle(self, call: Call, next: Next) -> Steps:
        """Pass the call on, unless its life is over by now or when its answer comes."""
        life = _LIFE.get()
        self._check(life)
        try:
            outcome = yield next(call)
        except Killed as killed:
            with self._lock:
                self._dead.setdefault(life, killed)
            raise
        self._check(life)
        assert outcome is not None
        return outcome

    def _check(self, life: int) -> None:
        killed = self._dead.get(life)
        if killed is not None:
            raise Killed(killed.site, resume=killed.resume)

    @contextmanager
    def lived(self) -> Generator[None]:
        """What is called inside, and every thread and task that it starts, belongs to the present life."""
        token = _LIFE.set(self._life)
        try:
            yield
        finally:
            _LIFE.reset(token)

    def begin_again(self) -> bool:
        """Begin the next life where the present one was killed and may be started again."""
        killed = self.killed
        if killed is None or self._life >= killed.resume:
            return False
        self._life += 1
        return True


def may_kill(schedule: Schedule, kinds: Iterable[Kind]) -> bool:
    """Whether a fault of the schedule ends the agent's process."""
    deadly = {kind.name for kind in kinds if kind.fault_class is FaultClass.KILLED}
    return any(fault.kind in deadly for fault in schedule)
