"""Taking a run into threads and executors, where Python starts with an empty context.

Only our own variables travel: an agent whose other context is lost in a thread in production loses
it in a test as well. The workers of a ThreadPoolExecutor start outside any run, and every job enters
the run of whoever submitted it, or none; so a pool that two runs share never mixes them.

Not carried: process pools and child processes, and jobs handed to threads that stand in some other
pool's queue (those belong to the run in which the thread was started). In a replay the traffic of a
job that lost its run is blocked, never attributed to another.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from agentops_eval.seams._clock import VirtualClock
from agentops_eval.seams._reads import READS
from agentops_eval.seams._scope import LANE, PARENT, PASSING, SCOPE, SPAN, Lane, current_scope
from agentops_eval.seams._sweep import once, register
from agentops_eval.seams._timeline import DAEMON_PATIENCE_S, OVER, PATIENCE_S, Member, Pool, Timeline

_carried: tuple[ContextVar[Any], ...] = (LANE, SCOPE, SPAN, PARENT, READS, PASSING)
_start = threading.Thread.start
_submit = ThreadPoolExecutor.submit
_as_completed: Any = asyncio.as_completed
_create_task = BaseEventLoop.create_task
_pools: WeakKeyDictionary[ThreadPoolExecutor, Pool] = WeakKeyDictionary()
_pools_lock = threading.Lock()


def carry(variable: ContextVar[Any]) -> None:
    """Take one more variable along into threads and executor jobs."""
    global _carried
    if variable not in _carried:
        _carried += (variable,)


def _run_carried(
    values: tuple[Any, ...], function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call ``function`` where the carried variables hold ``values``, and put back what was there."""
    tokens = [variable.set(value) for variable, value in zip(_carried, values, strict=False)]
    try:
        return function(*args, **kwargs)
    finally:
        for variable, token in zip(_carried, tokens, strict=False):
            variable.reset(token)


def _values() -> tuple[Any, ...]:
    """What to carry: everything as it is here, but for the lane, which is a new one."""
    return (_next_lane(), *(variable.get() for variable in _carried[1:]))


def _next_lane() -> Lane:
    scope = current_scope()
    return LANE.get() if scope is None else scope.child_lane()


def _virtual_line() -> Timeline | None:
    """The virtual time of the calling context, which must know about its threads."""
    scope = current_scope()
    return scope.clock.line if scope is not None and isinstance(scope.clock, VirtualClock) else None


# -- threads --------------------------------------------------------------------------------------


def _start_carried(self: threading.Thread) -> None:
    """``Thread.start``: the thread's ``run``, whoever overrides it, happens in the starter's run."""
    if SCOPE.get() is None and not PASSING.get():
        return _start(self)
    target: Any = getattr(self, "_target", None)
    given = getattr(self, "_context", None)  # since Python 3.14 a thread can be given one: the user's choice
    if _is_machinery(target) or (given is not None and given.get(SCOPE) is not SCOPE.get()):
        return _start(self)
    line = _virtual_line()
    member = _thread_member(self) if line is not None else None
    values, run, own = _values(), self.run, vars(self).get("run")

    def carried_run() -> None:
        del self.run
        if line is None or member is None:
            _run_carried(values, run, (), {})
            return
        member.ident = threading.get_ident()
        try:
            _run_carried(values, run, (), {})
        finally:
            OVER.add(self)
            line.leave(member)

    self.run = carried_run  # type: ignore[method-assign]
    if line is not None and member is not None:
        line.join(member)
    try:
        return _start(self)
    except BaseException:
        vars(self).pop("run", None)  # no thread could be started; who tries again begins anew
        if own is not None:
            self.run = own  # type: ignore[method-assign]
        if line is not None and member is not None:
            line.leave(member)
        raise


def _is_machinery(target: Any) -> bool:
    """Whether a thread works for a pool (whose jobs bring their run along) or waits for a process."""
    home = getattr(target, "__module__", None) or ""
    return home.startswith("concurrent.futures") or getattr(target, "__name__", "") == "_do_waitpid"


def _thread_member(thread: threading.Thread) -> Member:
    patience_s = DAEMON_PATIENCE_S if thread.daemon else PATIENCE_S
    return Member(name=f"thread {thread.name!r}", patience_s=patience_s)


# -- thread pools ---------------------------------------------------------------------------------


def _submit_carried(
    self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Future[Any]:
    """``ThreadPoolExecutor.submit``: the job enters the submitter's run, or none; always."""
    if _is_interpreter_pool(self):
        return _submit(self, fn, *args, **kwargs)
    line = _virtual_line()
    if line is None:
        return _submit(self, _run_carried, _values(), fn, args, kwargs)
    pool = _pool_of(self)
    member = Member(name=f"a job of {type(self).__name__}: {getattr(fn, '__qualname__', fn)}", pool=pool)
    line.join(member)
    try:
        future = _submit(self, _run_watched, member, pool, _values(), fn, args, kwargs)
    except BaseException:
        line.leave(member)
        raise
    future.add_done_callback(lambda done: _over(done, line, member))
    return future


def _run_watched(
    member: Member,
    pool: Pool,
    values: tuple[Any, ...],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Run a job whose run has virtual time: it must be known when the job acts."""
    member.ident = threading.get_ident()
    with _pools_lock:
        pool.running += 1
    try:
        return _run_carried(values, function, args, kwargs)
    finally:
        with _pools_lock:
            pool.running -= 1


def _over(future: Future[Any], line: Timeline, member: Member) -> None:
    """A job is over when those who wait for it have been told: that is, after the last callback."""
    callbacks: Any = getattr(future, "_done_callbacks", None)
    if isinstance(callbacks, list) and len(callbacks) > 1:
        callbacks.append(lambda _: line.leave(member))  # the list is being walked: this comes last
    else:
        line.leave(member)


def _pool_of(executor: ThreadPoolExecutor) -> Pool:
    with _pools_lock:
        pool = _pools.get(executor)
        if pool is None:
            pool = _pools[executor] = Pool(size=executor._max_workers)
        return pool


def _is_interpreter_pool(executor: ThreadPoolExecutor) -> bool:
    """Python 3.14's InterpreterPoolExecutor pickles its jobs: another interpreter has no run of ours."""
    module = sys.modules.get("concurrent.futures.interpreter")
    return module is not None and isinstance(executor, module.InterpreterPoolExecutor)


# -- tasks ----------------------------------------------------------------------------------------


def _create_in_lane(self: BaseEventLoop, coro: Any, **kwargs: Any) -> Any:
    """``create_task``: asyncio takes the context along by itself; the task gets a lane of its own.

    The lane is set while the task is made, rather than in a context handed over: a task factory need
    not take one, and an eager task runs to its first wait in the copy that it makes by itself.
    """
    scope = current_scope()
    if scope is None or kwargs.get("context") is not None:
        return _create_task(self, coro, **kwargs)
    token = LANE.set(scope.child_lane())
    try:
        return _create_task(self, coro, **kwargs)
    finally:
        LANE.reset(token)


def _as_completed_in_order(fs: Any, *, timeout: float | None = None) -> Any:
    """``as_completed``: it makes tasks of coroutines in the order of a set; here in the order given."""
    if current_scope() is None or asyncio.isfuture(fs) or asyncio.iscoroutine(fs):
        return _as_completed(fs, timeout=timeout)
    if sys.version_info >= (3, 13):
        return _as_completed(_started(fs), timeout=timeout)
    return _when_asked(fs, timeout)


def _when_asked(fs: Any, timeout: float | None) -> Any:
    """Before Python 3.13 tasks start with the first step, and what comes is an iterator only."""
    yield from _as_completed(_started(fs), timeout=timeout)


def _started(fs: Any) -> list[Any]:
    return [asyncio.ensure_future(awaitable) for awaitable in dict.fromkeys(fs)]


@once
def install_carry() -> None:
    """Patch ``Thread.start``, ``submit``, ``create_task``, ``as_completed``. Once per process; they stay."""
    asyncio.as_completed = asyncio.tasks.as_completed = _as_completed_in_order
    register(_as_completed, _as_completed_in_order)
    threading.Thread.start = _start_carried  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = _submit_carried  # type: ignore[method-assign,assignment]
    BaseEventLoop.create_task = _create_in_lane  # type: ignore[method-assign]


__all__ = ["carry", "install_carry"]
