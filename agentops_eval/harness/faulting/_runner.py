"""One run of an agent under a schedule of faults, through the same seams and recorder as any run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from agentops_eval.chaos import CATALOGUE, Injector, Killed, Kind, Lives, RunHung, Watchdog, may_kill
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
from agentops_eval.harness.faulting._bounded import REAL_S, asked, bounded, error_text, staying
from agentops_eval.harness.faulting._drive import driven
from agentops_eval.harness.faulting._subject import Play, Subject
from agentops_eval.replay import request_key


class Runner:
    """Runs a subject under one schedule after the other. ``kinds`` are the faults that it knows.

    One run may take ``real_s`` of real time, where that can be bounded: see ``bounded``.

    Gives what the agent did, whatever that was; raises only what is nobody's behaviour: a recording that
    cannot be read, a fault that is not known, KeyboardInterrupt.
    """

    def __init__(
        self, subject: Subject, *, kinds: Mapping[str, Kind] = CATALOGUE, real_s: float = REAL_S
    ) -> None:
        self.subject = subject
        self._kinds = kinds
        self._real_s = real_s
        self._redactor = redactor_of(subject.settings)

    def __call__(self, schedule: Schedule) -> FaultedRun:
        """Run the subject once."""
        subject = self.subject
        never_s = subject.limits.deadline_s + 1
        injector = Injector(schedule, self._kinds, same=self.same, never_s=never_s)
        watchdog = Watchdog(subject.limits)
        lives = Lives() if may_kill(schedule, self._kinds.values()) else None
        faulting = Faulting(
            outermost=() if lives is None else (lives,),
            before=(watchdog, injector),
            stand_in=injector.stand_in,
            answers=subject.answers,
            cassette=subject.cassette,
            redactor=self._redactor,
            seed=schedule.seed,
        )
        run = ActiveRun(spec_of(subject, faulting), subject.settings)
        with staying(), bounded(self._real_s):
            return self.played(run, subject, injector, watchdog, lives)

    @staticmethod
    def played(
        run: ActiveRun, subject: Subject, injector: Injector, watchdog: Watchdog, lives: Lives | None
    ) -> FaultedRun:
        """Run the subject in a run that is ready for it."""
        play = subject.begin()
        try:
            return _played(run, play, injector, watchdog, lives)
        finally:
            if play.close is not None:
                play.close()

    def driven(self, drive: Drive) -> Runner:
        """The same subject, asked by the beats of ``drive`` in every run."""
        return Runner(driven(self.subject, drive), kinds=self._kinds, real_s=self._real_s)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What the subject can be asked besides the main thing."""
        return self.subject.tasks

    def same(self, one: Call, other: Call) -> bool:
        """Whether two calls ask the same, by the rules by which a recording is matched."""
        if (one.seam, one.boundary) != (other.seam, other.boundary):
            return False
        rules = self.subject.settings.match_rules
        keys = [
            request_key(call.seam, call.boundary, call.request, rules=rules, redactor=self._redactor)
            for call in (one, other)
        ]
        return keys[0] == keys[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How one life of the agent ended, before it is asked whether something else ended it."""

    ended: EndedBy = EndedBy.ANSWER
    output: Json = None
    error: RunError | None = None
    why: str = ""
    hung: str = ""


def spec_of(subject: Subject, faulting: Faulting) -> RunSpec:
    """How a run of the subject is opened."""
    return RunSpec(
        path=subject.path,
        case=subject.name,
        agent=subject.name,
        approver=subject.approver,
        faulting=faulting,
    )


def found_so_far(run: ActiveRun, injector: Injector) -> FaultedRun:
    """What happened in a run until now."""
    events = run.events
    return FaultedRun(
        schedule=injector.schedule,
        events=events,
        sites=tuple([injector.sites.get(event.index, "") for event in events]),
        injections=injector.injections,
        elapsed_s=run.scope.clock.elapsed_s(),
        not_injected=injector.not_injected,
    )


def _played(
    run: ActiveRun, play: Play, injector: Injector, watchdog: Watchdog, lives: Lives | None
) -> FaultedRun:
    resumed_at: list[int] = []
    run.open()
    try:
        end = _lived(play.call, lives)
        while lives is not None and watchdog.bitten is None and lives.begin_again():
            resumed_at.append(len(run.events))
            end = _lived(play.resume or play.call, lives)
    finally:
        elapsed_s = run.scope.clock.elapsed_s()
        run.discard()
    end = _ended(end, run, watchdog, lives)
    return replace(
        found_so_far(run, injector),
        ended=end.ended,
        output=end.output,
        answered=end.ended is EndedBy.ANSWER,
        error=end.error,
        why=end.why,
        hung=end.hung,
        elapsed_s=elapsed_s,
        state=None if play.state is None else play.state(),
        resumed_at=tuple(resumed_at),
    )


def _lived(call: Callable[[], object], lives: Lives | None) -> _End:
    """Call the agent once. What ends a whole run is found by its own mark afterwards."""
    try:
        with nullcontext() if lives is None else lives.lived():
            return _End(output=to_json(asked(call)))
    except RunHung as hung:
        return _hung(hung)
    except Killed:
        return _End()
    except ReplayMiss as miss:
        return _End(ended=EndedBy.LEFT, why=_where_it_left(miss))
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # also cancellations, exits, and an agent's own that are no Exception
        if isinstance(raised, BaseExceptionGroup) and raised.subgroup((RunHung, Killed, ReplayMiss)):
            return _End()  # tasks of a group that were ended together
        return _End(ended=EndedBy.ERROR, error=error_of(raised))


def error_of(raised: BaseException) -> RunError:
    """What an agent raised: of a group that one task brought down, what that task raised."""
    while isinstance(raised, BaseExceptionGroup) and len(raised.exceptions) == 1:
        raised = raised.exceptions[0]
    return RunError(source=ErrorSource.AGENT, kind=type(raised).__name__, message=error_text(raised))


def _ended(end: _End, run: ActiveRun, watchdog: Watchdog, lives: Lives | None) -> _End:
    """How the run ended: it hung, left its recording or was killed, even where the agent says otherwise."""
    missed = next((one for one in run.problems if isinstance(one, ReplayMiss)), None)
    if watchdog.bitten is not None:
        return _hung(watchdog.bitten)
    if missed is not None:
        return _End(ended=EndedBy.LEFT, why=_where_it_left(missed))
    killed = None if lives is None else lives.killed
    return end if killed is None else _End(ended=EndedBy.KILL, why=str(killed))


def _hung(hung: RunHung) -> _End:
    return _End(ended=EndedBy.HANG, why=str(hung), hung=hung.harm.value)


def _where_it_left(miss: ReplayMiss) -> str:
    return ": ".join(filter(None, (miss.where, miss.what)))
