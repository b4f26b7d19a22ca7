"""An agent in a process of its own, which a fault really kills, and which is started again."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from agentops_eval.domain import EndedBy, Event, FaultedRun, Injection, Schedule
from agentops_eval.harness.faulting._lines import Begun, Done, Frame, FrameReader, LifeOrder, Over, Refused
from agentops_eval.harness.faulting._load import SubjectOrder

_LOOK_S = 0.1
_START_S = 60.0
_CHUNK = 1 << 20


@dataclass(slots=True, kw_only=True)
class _Life:
    """What is known of one life, as it is told."""

    events: list[Event] = field(default_factory=list)
    over: Over | None = None
    at_s: float = 0.0
    status: int = 0
    late: bool = False

    def take(self, frame: Frame) -> None:
        """Learn from one frame. Raises what kept the agent from being run."""
        if isinstance(frame, Refused):
            raise frame.error
        if isinstance(frame, Over):
            self.over = frame
            return
        self.at_s = frame.at_s
        if isinstance(frame, Begun):
            self._begin(frame)
        else:
            self._end(frame)

    def _begin(self, frame: Begun) -> None:
        call = frame.call
        event = Event(
            index=call.index,
            seam=call.seam,
            boundary=call.boundary,
            request=call.request,
            outcome=None,
            span=call.span,
            parent=frame.parent,
            lane=call.lane,
            site=call.site,
            started_s=frame.at_s,
            ended_s=frame.at_s,
        )
        self.events.append(event)

    def _end(self, frame: Done) -> None:
        place = next(n for n, event in enumerate(self.events) if event.index == frame.index)
        outcome = frame.outcome
        self.events[place] = replace(
            self.events[place], outcome=outcome, label=outcome.label, ended_s=frame.at_s
        )

    def run(self) -> FaultedRun:
        """The life as a run of its own: as it told in the end, else as far as it came."""
        told = sorted(self.events, key=lambda event: event.index)
        if self.over is not None:
            # Another thread's call may have been answered after the last words were put together.
            late = {event.index: event for event in told if event.outcome is not None}
            events = [
                one if one.outcome is not None else late.get(one.index, one) for one in self.over.run.events
            ]
            return replace(self.over.run, events=tuple(events))
        how = "took too long and was ended" if self.late else f"ended with {_code_told(self.status)}"
        return FaultedRun(
            events=tuple(told),
            sites=("",) * len(told),
            ended=EndedBy.HANG if self.late else EndedBy.KILL,
            why=f"its process {how}",
            hung="past-deadline" if self.late else "",
            elapsed_s=self.at_s,
        )


class ProcessRunner:
    """Runs what an order names, each life in a process of its own. ``timeout_s`` is real time for each life.

    A fault that kills sends SIGKILL at its call, when everything before it was told. What the agent keeps
    in memory is lost with it, its world too: a world that is to be taken up again lies in files or behind
    an address, and its ``again()`` gives it to the next life. Without a kill it is one process to the end.
    An agent that ends by itself, with ``os._exit`` or a crash, is known as far as its calls were told.
    """

    def __init__(self, order: SubjectOrder, *, timeout_s: float = 60.0) -> None:
        self._order = order
        self._timeout_s = timeout_s

    def __call__(self, schedule: Schedule) -> FaultedRun:
        """Run it once, lives included. Raises what load_subject does."""
        runs: list[FaultedRun] = []
        order = LifeOrder(order=self._order, schedule=schedule)
        while True:
            life = self._live(order)
            runs.append(life.run())
            over = life.over
            if over is None or over.resume is None or len(runs) > over.resume:
                return _joined(schedule, runs)
            order = replace(
                order,
                life=len(runs),
                before=tuple(_moved(runs)[0]),
                carried=over.carried,
                elapsed_s=sum(run.elapsed_s for run in runs),
                skew_s=over.skew_s,
            )

    def _live(self, order: LifeOrder) -> _Life:
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603  # this interpreter, with our own module
                [sys.executable, "-m", "agentops_eval.harness.faulting._life", str(writing)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(writing,),
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        life = _Life()
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(pickle.dumps(order))
            _listen(reading, process, life, self._timeout_s)
        finally:
            os.close(reading)
            if process.poll() is None:
                process.kill()
            life.status = process.wait()
        return life


def _listen(reading: int, process: subprocess.Popen[bytes], life: _Life, timeout_s: float) -> None:
    """Take what is told until the process is gone; whoever inherited the pipe from it is not waited for."""
    frames, until = FrameReader(), time.monotonic() + _START_S + timeout_s
    while True:
        gone = process.poll() is not None
        ready, _, _ = select.select([reading], [], [], 0 if gone else _LOOK_S)
        data = os.read(reading, _CHUNK) if ready else b""
        for frame in frames.feed(data):
            if not life.events:  # the agent's own time begins with its first call, not with imports
                until = time.monotonic() + timeout_s
            life.take(frame)
        if not data and (gone or ready):
            return
        if time.monotonic() > until and not gone:
            life.late = True
            return


def _code_told(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _joined(schedule: Schedule, runs: Sequence[FaultedRun]) -> FaultedRun:
    """All lives as one run: numbers and times go on where the life before ended."""
    events, resumed_at = _moved(runs)
    last, gone_s, first = runs[-1], 0.0, 0
    injections: list[Injection] = []
    for run in runs:
        injections += [
            replace(one, index=one.index + first, at_s=one.at_s + gone_s) for one in run.injections
        ]
        first, gone_s = first + len(run.events), gone_s + run.elapsed_s
    return replace(
        last,
        schedule=schedule,
        events=tuple(events),
        sites=tuple([site for run in runs for site in run.sites]),
        injections=tuple(injections),
        elapsed_s=gone_s,
        not_injected=_not_injected(schedule, last, frozenset(one.number for one in injections)),
        resumed_at=tuple(resumed_at),
    )


def _not_injected(schedule: Schedule, last: FaultedRun, done: frozenset[int]) -> tuple[str, ...]:
    """Faults that happened in no life; nobody knows of those of a life that could not tell."""
    still = [str(fault) for number, fault in enumerate(schedule) if number not in done]
    told = {why.rpartition(": ")[0]: why for why in last.not_injected}
    unknown = f"{last.why or 'the run ended'}, and nobody knows"
    return tuple([told.get(fault, f"{fault}: {unknown}") for fault in still])


def _moved(runs: Sequence[FaultedRun]) -> tuple[list[Event], list[int]]:
    events: list[Event] = []
    resumed_at: list[int] = []
    gone_s = 0.0
    for number, run in enumerate(runs):
        first = len(events)
        if number:
            resumed_at.append(first)
        for event in run.events:
            parent = None if event.parent is None else event.parent + first
            moved = replace(
                event,
                index=event.index + first,
                parent=parent,
                started_s=event.started_s + gone_s,
                ended_s=event.ended_s + gone_s,
            )
            events.append(moved)
        gone_s += run.elapsed_s
    return events, resumed_at
