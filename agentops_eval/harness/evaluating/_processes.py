"""Trials in processes of their own: an agent that hangs or dies takes nothing else with it."""

from __future__ import annotations

import multiprocessing
import os
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from agentops_eval.domain import AgentopsError, Ending, ErrorSource, RunError
from agentops_eval.harness._settings import RecordMode
from agentops_eval.harness.evaluating._endings import Done, broken_off, too_late
from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.harness.evaluating._runner import Bounds, safely, staying
from agentops_eval.harness.evaluating._work import Orders, Worker

_CONTEXT = multiprocessing.get_context("spawn")
_GRACE_S = 5.0


class Children:
    """Worker processes, begun when they are needed and kept for the next trial. Safe under threads."""

    def __init__(self, orders: Orders, bounds: Bounds) -> None:
        self._orders, self._bounds = orders, bounds
        # What a process cost that is gone, nobody knows.
        self._live = orders.settings.record is not RecordMode.NONE
        self._lock = threading.Lock()
        self._free: list[_Child] = []
        self._all: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._all:
            child.stop()

    def perform(self, trial: Trial) -> Done:
        """Run a trial in a child. One that takes too long or whose process dies has a result, too."""
        child = self._taken()
        timeout_s = self._bounds.time_of(trial)
        try:
            found = child.ask(trial, timeout_s)
        except TimeoutError:
            child.stop()
            return too_late(trial, timeout_s or 0.0, live=self._live)
        except (EOFError, OSError):
            code = child.stop()
            message = f"its process died (exit code {code})"
            told = RunError(source=ErrorSource.AGENT, kind="ProcessDied", message=message)
            remedy = "run it alone: --case, without --processes"
            return broken_off(trial, told, ending=Ending.ERROR, remedy=remedy, live=self._live)
        with self._lock:
            self._free.append(child)
        if isinstance(found, BaseException):
            raise found
        return found

    def _taken(self) -> _Child:
        with self._lock:
            if self._free:
                return self._free.pop()
            child = _Child(self._orders)
            self._all.append(child)
            return child


class _Child:
    """One worker process and the pipe to it."""

    def __init__(self, orders: Orders) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, orders), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, trial: Trial, timeout_s: float | None) -> Done | BaseException:
        self._pipe.send(trial)
        if not self._pipe.poll(timeout_s):
            raise TimeoutError
        found: Done | BaseException = self._pipe.recv()
        return found

    def stop(self) -> int | None:
        self._pipe.close()
        self._process.join(0.1 if self._process.is_alive() else None)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(_GRACE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        return self._process.exitcode


def _serve(pipe: Connection, orders: Orders) -> None:
    """Run trials until the pipe closes. What agents print goes to standard error."""
    os.dup2(2, 1)
    worker = Worker(orders)
    perform = staying(worker.perform)
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            trial: Trial = pipe.recv()
            try:
                pipe.send(_saved(trial, safely(trial, perform), worker))
            except BaseException as error:  # told to the parent, which raises it
                pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))
                raise


def _saved(trial: Trial, done: Done, worker: Worker) -> Done:
    """The trial, once what its judges answered is on the disk; without that it could not be replayed."""
    try:
        worker.close()
    except AgentopsError as error:
        told = RunError(source=ErrorSource.JUDGE, kind=type(error).__name__, message=str(error))
        return broken_off(trial, told, ending=Ending.ERROR, remedy=error.remedy, live=done.live)
    return done
