"""Faults in a run that is open already: those of a ``with`` block in a test or a script."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from agentops_eval.chaos import (
    CATALOGUE,
    Injector,
    Killed,
    Kind,
    Limits,
    Lives,
    RunHung,
    Watchdog,
    may_kill,
    sites_of,
)
from agentops_eval.domain import (
    EndedBy,
    Event,
    FaultedRun,
    Json,
    Schedule,
    to_json,
)
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness.faulting._missed import not_injected
from agentops_eval.harness.faulting._runner import error_of
from agentops_eval.seams import EventLog, SpanCollector
from agentops_eval.traces import derive, said_by_llms


class Injected:
    """Lets faults happen to an open run while its ``with`` block lasts, and tells what they did.

    Leaving the block raises FaultNotInjected where a fault did not happen. A kill ends the block, and nobody
    starts the agent again. What the agent answered is what
    ``answered`` was given, else the last words of an llm.
    """

    def __init__(
        self,
        run: ActiveRun,
        schedule: Schedule,
        *,
        limits: Limits | None = None,
        kinds: Mapping[str, Kind] = CATALOGUE,
    ) -> None:
        self._run = run
        self._injector = Injector(schedule, kinds, before=run.events)
        self._watchdog = Watchdog(limits or Limits())
        self._lives = (Lives(),) if may_kill(schedule, kinds.values()) else ()
        self._output: Json = None
        self._answered = False
        self._error: BaseException | None = None
        self._behind = run.scope.handlers
        self._elapsed_s = 0.0
        self._until: int | None = None

    def answered(self, output: object) -> object:
        """Say what the agent answered; gives it back."""
        self._output, self._answered = to_json(output), True
        return output

    def __enter__(self) -> Self:
        scope = self._run.scope
        self._behind = scope.handlers
        # What keeps and collects stays outermost: it sees what the faults make of a call.
        keeping = [one for one in scope.handlers if isinstance(one, (EventLog, SpanCollector))]
        answering = [one for one in scope.handlers if one not in keeping]
        scope.handlers = (*self._lives, *keeping, self._watchdog, self._injector, *answering)
        self._run.stand_in = self._injector.stand_in
        self._run.leaves_out = self._hit
        self._run.faulted = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._run.scope.handlers = self._behind
        self._run.stand_in = None
        self._until = len(self._run.events)
        self._elapsed_s = self._run.scope.clock.elapsed_s()
        self._error = error
        if self._injector.not_injected and (error is None or isinstance(error, AssertionError)):
            raise not_injected(self.faulted) from error
        return isinstance(error, Killed) and bool(self._lives)

    def _hit(self, event: Event) -> bool:
        return any(one.index == event.index and not one.landed for one in self._injector.injections)

    @property
    def faulted(self) -> FaultedRun:
        """What the run did before and inside of the block."""
        events = self._run.events[: self._until]
        error = None
        ended = EndedBy.ANSWER
        if isinstance(self._error, RunHung) or self._watchdog.bitten is not None:
            ended = EndedBy.HANG
        elif any(lives.killed is not None for lives in self._lives):
            ended = EndedBy.KILL
        elif isinstance(self._error, Exception):
            ended = EndedBy.ERROR
            error = error_of(self._error)
        elif self._error is not None:
            ended = EndedBy.LEFT
        output, answered = (self._output, True) if self._answered else last_words(events)
        sites = self._injector.sites
        return FaultedRun(
            schedule=self._injector.schedule,
            events=events,
            sites=tuple([sites.get(event.index, "") for event in events]),
            injections=self._injector.injections,
            ended=ended,
            output=output,
            answered=answered and ended is EndedBy.ANSWER,
            error=error,
            why="" if self._watchdog.bitten is None else str(self._watchdog.bitten),
            elapsed_s=self._elapsed_s,
            not_injected=self._injector.not_injected,
        )


def recorded_run(events: tuple[Event, ...]) -> FaultedRun:
    """The fault-free run that a recording holds; its answer is the last words of an llm."""
    output, answered = last_words(events)
    return FaultedRun(
        events=events,
        sites=sites_of(events),
        output=output,
        answered=answered,
        elapsed_s=max((event.ended_s for event in events), default=0.0),
    )


def last_words(events: tuple[Event, ...]) -> tuple[Json, bool]:
    """The last text that an llm said, and whether there is one."""
    said = [one.text for one in said_by_llms(derive(events, agent="agent", case=""))]
    return (said[-1], True) if said else (None, False)
