"""Many trials: side by side in threads or processes, within time limits and a budget."""

from __future__ import annotations

import os
import queue
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agentops_eval.domain import (
    AgentopsError,
    Ending,
    ErrorSource,
    Result,
    RunError,
)
from agentops_eval.harness.evaluating._blame import text_of
from agentops_eval.harness.evaluating._endings import Done, broken_off
from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.harness.evaluating._work import Worker

Perform = Callable[[Trial], Done]
GiveUp = Callable[[Trial, float], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many trials run at once (in processes of their own, if wanted), and how long one may take."""

    concurrency: int = 1
    processes: bool = False
    timeout_s: float | None = None

    def time_of(self, trial: Trial) -> float | None:
        """How long a trial may take, in seconds: what its scenario says goes first. None is for ever."""
        return trial.scenario.timeout_s or self.timeout_s


@dataclass(slots=True)
class Purse:
    """What live trials have cost so far, and why no further one may begin, empty while one may."""

    most_usd: float | None
    spent_usd: float = 0.0
    stopped: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pay(self, done: Done) -> None:
        """Count a trial. Where there is a bound, a cost that nobody knows stops as well."""
        if not done.live:
            return
        cost = done.result.spend.cost_usd
        with self._lock:
            self.spent_usd += cost or 0.0
            if self.most_usd is None or self.stopped:
                return
            if cost is None:
                self.stopped = f"what {done.result.case} cost is not known, and there is a bound for it"
            elif self.spent_usd >= self.most_usd:
                self.stopped = f"{self.spent_usd:.4f} USD are spent, of at most {self.most_usd:g}"


def run_trials(
    trials: Sequence[Trial], perform: Perform, purse: Purse, *, concurrency: int = 1
) -> Iterator[Done]:
    """Run the trials, and give each as it is done.

    When ``purse`` says stop, what is under way is finished and nothing more begins. Ctrl-C leaves
    threads that cannot be stopped behind: they die with the process.
    """
    waiting: queue.SimpleQueue[Trial] = queue.SimpleQueue()
    for trial in trials:
        waiting.put(trial)
    finished: queue.SimpleQueue[Done | BaseException | None] = queue.SimpleQueue()

    def work() -> None:
        while not purse.stopped:
            try:
                trial = waiting.get_nowait()
            except queue.Empty:
                break
            try:
                done = perform(trial)
                purse.pay(done)
                finished.put(done)
            except BaseException as error:  # told to the caller, in its own thread
                finished.put(error)
        finished.put(None)

    count = max(1, min(concurrency, len(trials)))
    for number in range(count):
        threading.Thread(target=work, name=f"agentops-trials-{number}", daemon=True).start()
    try:
        while count:
            done = finished.get()
            if isinstance(done, BaseException):
                raise done
            if done is None:
                count -= 1
            else:
                yield done
    finally:  # nobody takes results any more (the disk is full): nothing further is begun or paid
        purse.stopped = purse.stopped or ("the command ended" if count else "")


def in_time(trial: Trial, perform: Perform, bounds: Bounds, *, give_up: GiveUp) -> Done:
    """Perform a trial; one that takes longer is given up, and its thread is left behind."""
    timeout_s = bounds.time_of(trial)
    if timeout_s is None:
        return safely(trial, perform)
    box: list[Done | BaseException] = []

    def run() -> None:
        try:
            box.append(safely(trial, perform))
        except BaseException as error:  # told to the caller, in its own thread
            box.append(error)

    thread = threading.Thread(target=run, name=f"agentops-trial {trial.scenario.id}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not box:
        return give_up(trial, timeout_s)
    found = box[0]
    if isinstance(found, BaseException):
        raise found
    return found


def run_in_time(worker: Worker, trial: Trial) -> Result:
    """Run one trial by itself, within the time that its scenario gives it."""
    return staying(partial(in_time, perform=worker.perform, bounds=Bounds(), give_up=worker.give_up))(
        trial
    ).result


def staying(perform: Perform) -> Perform:
    """The same, after which the process is in the folder in which it is now, wherever an agent went."""
    home = Path.cwd()

    def performed(trial: Trial) -> Done:
        try:
            return perform(trial)
        finally:
            with suppress(OSError):
                os.chdir(home)

    return performed


def safely(trial: Trial, perform: Perform) -> Done:
    """Perform a trial; an error of ours in one of them does not stop the others."""
    try:
        return perform(trial)
    except AgentopsError as error:
        told = RunError(source=ErrorSource.INFRASTRUCTURE, kind=type(error).__name__, message=str(error))
        return broken_off(trial, told, ending=Ending.ERROR, remedy=error.remedy)
    except Exception as error:  # thousands of other trials are not lost for the sake of this one
        said = f"the runner raised {type(error).__name__}: {text_of(error)}{_place(error)}"
        told = RunError(source=ErrorSource.INFRASTRUCTURE, kind=type(error).__name__, message=said)
        return broken_off(trial, told, ending=Ending.ERROR, remedy="report it")


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
