"""One run of an agent under a schedule of faults, through the same seams and recorder as any run."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos import CATALOGUE, Injector, Kind, RunHung, Watchdog
from agentops_eval.chaos.conformance import Drive
from agentops_eval.domain import (
    Call,
    EndedBy,
    ErrorSource,
    FaultedRun,
    Json,
    ReplayMiss,
    RunError,
    Schedule,
    to_json,
)
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._opening import Faulting, RunSpec
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness.faulting._drive import driven
from agentops_eval.harness.faulting._subject import Play, Subject
from agentops_eval.replay import request_key

_SHOWN = 500


class Runner:
    """Runs a subject under one schedule after the other. ``kinds`` are the faults that it knows.

    Gives what the agent did, whatever that was; raises only what is nobody's behaviour: a recording that
    cannot be read, a fault that is not known, KeyboardInterrupt.
    """

    def __init__(self, subject: Subject, *, kinds: Mapping[str, Kind] = CATALOGUE) -> None:
        self.subject = subject
        self._kinds = kinds
        self._redactor = redactor_of(subject.settings)

    def __call__(self, schedule: Schedule) -> FaultedRun:
        """Run the subject once."""
        subject = self.subject
        injector = Injector(schedule, self._kinds, same=self._same)
        watchdog = Watchdog(subject.limits)
        faulting = Faulting(
            before=(watchdog, injector),
            stand_in=injector.stand_in,
            answers=subject.answers,
            cassette=subject.cassette,
            redactor=self._redactor,
            seed=schedule.seed,
        )
        spec = RunSpec(
            path=subject.path,
            case=subject.name,
            agent=subject.name,
            approver=subject.approver,
            faulting=faulting,
        )
        run = ActiveRun(spec, subject.settings)
        return _run(run, subject, injector, watchdog)

    def driven(self, drive: Drive) -> Runner:
        """The same subject, asked by the beats of ``drive`` in every run."""
        return Runner(driven(self.subject, drive), kinds=self._kinds)

    def _same(self, one: Call, other: Call) -> bool:
        if (one.seam, one.boundary) != (other.seam, other.boundary):
            return False
        rules = self.subject.settings.match_rules
        keys = [
            request_key(call.seam, call.boundary, call.request, rules=rules, redactor=self._redactor)
            for call in (one, other)
        ]
        return keys[0] == keys[1]


def _run(run: ActiveRun, subject: Subject, injector: Injector, watchdog: Watchdog) -> FaultedRun:
    play = subject.begin()
    try:
        return _played(run, play, injector, watchdog)
    finally:
        if play.close is not None:
            play.close()


def _played(run: ActiveRun, play: Play, injector: Injector, watchdog: Watchdog) -> FaultedRun:
    output: Json = None
    ended, error, why = EndedBy.ANSWER, None, ""
    run.open()
    try:
        output = to_json(play.call())
    except RunHung as hung:
        watchdog.bitten = watchdog.bitten or hung  # or what bounds its real time has raised it
    except ReplayMiss as miss:
        ended, why = EndedBy.LEFT, _where_it_left(miss)
    except (Exception, SystemExit) as raised:
        ended = EndedBy.ERROR
        error = RunError(source=ErrorSource.AGENT, kind=type(raised).__name__, message=str(raised)[:_SHOWN])
    finally:
        elapsed_s = run.scope.clock.elapsed_s()
        run.discard()
    missed = next((one for one in run.problems if isinstance(one, ReplayMiss)), None)
    if missed is not None:
        ended, why = EndedBy.LEFT, _where_it_left(missed)
    if watchdog.bitten is not None:
        ended, why = EndedBy.HANG, str(watchdog.bitten)
    events = run.events
    return FaultedRun(
        schedule=injector.schedule,
        events=events,
        sites=tuple([injector.sites.get(event.index, "") for event in events]),
        injections=injector.injections,
        ended=ended,
        output=output,
        answered=ended is EndedBy.ANSWER,
        error=error,
        why=why,
        hung="" if watchdog.bitten is None else watchdog.bitten.harm.value,
        elapsed_s=elapsed_s,
        state=None if play.state is None else play.state(),
        not_injected=injector.not_injected,
    )


def _where_it_left(miss: ReplayMiss) -> str:
    return ": ".join(filter(None, (miss.where, miss.what)))
