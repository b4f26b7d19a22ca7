"""Schedules run side by side: worker processes that load the agent by its order, results in their order."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Self

from agentops_eval.chaos.exploring import Picks, Seen, Space, space_of
from agentops_eval.domain import AgentopsError, ExplorationBroke
from agentops_eval.harness.faulting._ready import ExploreOrder, Ready

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

CHUNK = 8
"""So many schedules go to a worker at once: few enough to stop soon, many enough to keep it busy."""
AHEAD = 2
"""So many chunks wait at each worker."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: BaseProcess
    line: Connection
    waiting: deque[tuple[int, tuple[Picks, ...]]] = field(default_factory=deque)


class Pool:
    """Worker processes, started anew rather than forked, each with the agent loaded in it.

    ``with Pool(order, jobs=2) as pool`` ends them at its end, whatever they do. Interrupts of the terminal
    are for the process that started them.
    """

    def __init__(self, order: ExploreOrder, *, jobs: int) -> None:
        self._order = order
        self._space = space_of(order.options)
        self._context = multiprocessing.get_context("spawn")
        self._workers = [self._start() for _ in range(jobs)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers at once."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.line.close()
            worker.process.close()
        self._workers = []

    def execute(self, work: Iterable[Picks], *, onward: bool) -> Iterator[tuple[Picks, Seen]]:
        """What each schedule showed, in the order of ``work``, of which little more than needed is taken."""
        source, done = iter(work), dict[int, list[tuple[Picks, Seen]]]()
        sent = told = 0
        while True:
            sent = self._feed(source, sent, onward=onward)
            if told == sent:
                return
            while told not in done:
                self._collect(done)
                sent = self._feed(source, sent, onward=onward)
            yield from done.pop(told)
            told += 1

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._order), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process=process, line=ours)

    def _feed(self, source: Iterator[Picks], sent: int, *, onward: bool) -> int:
        """Give every worker enough to do; how many chunks were given in all."""
        while True:
            idlest = min(self._workers, key=lambda one: len(one.waiting))
            if len(idlest.waiting) >= AHEAD:
                return sent
            chunk = tuple(islice(source, CHUNK))
            if not chunk:
                return sent
            idlest.waiting.append((sent, chunk))
            try:
                idlest.line.send((chunk, onward))
            except OSError:
                raise self._broke(idlest) from None
            sent += 1

    def _collect(self, done: dict[int, list[tuple[Picks, Seen]]]) -> None:
        """Wait for the next chunk of any worker."""
        busy = {worker.line: worker for worker in self._workers if worker.waiting}
        for line in wait(list(busy)):
            worker = busy[line]  # type: ignore[index]  # connections are what was waited for
            try:
                answer: list[Seen] | AgentopsError = worker.line.recv()
            except (EOFError, OSError):
                raise self._broke(worker) from None
            if isinstance(answer, BaseException):
                raise answer
            number, chunk = worker.waiting.popleft()
            done[number] = list(zip(chunk, answer, strict=True))

    def _broke(self, worker: _Worker) -> ExplorationBroke:
        worker.process.join(timeout=5)
        return broke(self._space, worker.waiting[0][1] if worker.waiting else (), worker.process.exitcode)


def broke(space: Space, chunk: Iterable[Picks], code: int | None) -> ExplorationBroke:
    """What to say of a worker that ended by itself."""
    ended = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with {code}"
    return ExplorationBroke(
        f"a process that ran the agent {ended}",
        difference="it was about to run one of:\n" + "\n".join(str(space.schedule(one)) for one in chunk),
        remedy="find which one with --jobs 1; with --state nothing that is known is lost",
    )


def _work(line: Connection, order: ExploreOrder) -> None:
    """A worker's life: load the agent, run what comes, until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ready = Ready(order)
    except Exception as error:
        _say(line, error)
        return
    while True:
        try:
            chunk, onward = line.recv()
        except (EOFError, OSError):
            return
        try:
            answer: list[Seen] | Exception = [seen for _, seen in ready.execute(chunk, onward=onward)]
        except Exception as error:
            answer = error
        _say(line, answer)


def _say(line: Connection, answer: list[Seen] | Exception) -> None:
    try:
        line.send(_sendable(answer))
    except (BrokenPipeError, ConnectionResetError):
        return


def _sendable(answer: list[Seen] | Exception) -> list[Seen] | AgentopsError:
    """An error whose parts survive the way between processes."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, AgentopsError):
        return answer
    return ExplorationBroke(
        f"a process that ran the agent failed: {type(answer).__name__}", difference=str(answer)[:500]
    )
