"""Opening a run: settings, a cassette's path and an agent's name become seams with handlers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from agentops_eval.domain import (
    Call,
    Event,
    Label,
    Outcome,
    ReplayMiss,
    RunMisuse,
    Trace,
    UnusedRecordings,
)
from agentops_eval.harness._approver import approver_of
from agentops_eval.harness._audited import AuditOrder, RunWatch, audit_order, audited_settings
from agentops_eval.harness._captured import captured_trace, collector_of
from agentops_eval.harness._keys import key_of, redactor_of
from agentops_eval.harness._mode import RunMode, decide_mode
from agentops_eval.harness._opening import Answers, RunSpec, cassette_of, entropy_of, header_of, shelf_of
from agentops_eval.harness._report import RunReport, answered, holds_something
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import (
    MISSED,
    Cassette,
    CassetteWriter,
    Player,
    PlayerStats,
    Shelf,
    StandIn,
    alike,
    branch_path,
    case_of,
)
from agentops_eval.seams import (
    Approver,
    Clock,
    Entry,
    EventLog,
    Handler,
    Next,
    RealClock,
    Scope,
    Step,
    VirtualClock,
    enter,
    install,
    leave,
)
from agentops_eval.traces import canonical, derive, golden_bytes
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.redaction import Redactor

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_WHOLE = ("completed", "raised AssertionError", "raised Failed")  # the latter is pytest's own


class ActiveRun:
    """One open run: a context manager that records or replays what its body does.

    Leaving it writes the recording, or raises the first thing that the recording could not answer,
    even where the agent or its SDK swallowed it. ``trace`` and ``digest`` are redacted and stable.
    ``broke_off`` says that a recording was not committed; ``partial`` is where it left what it had
    seen, None where that was nothing. ``stand_in`` is asked before a call is a miss, and what
    ``leaves_out`` names is not recorded: faults that happen to an open run set both, and ``faulted``, for
    what they kept from being asked is no sign of a stale recording.
    """

    def __init__(self, spec: RunSpec, settings: Settings) -> None:
        self.spec, order = spec, audit_order(os.environ)
        self.settings = settings = audited_settings(settings, order)
        self.mode = self._decide()
        self.path = spec.path
        known = None if spec.faulting is None else spec.faulting.redactor
        self._redactor = known or redactor_of(settings)
        self._entry: Entry | None = None
        self._writer: CassetteWriter | None = None
        self._shelf: Shelf | None = None
        self._player: Player | None = None
        self._trace: tuple[tuple[int, int], Trace] | None = None
        self.closed = False
        self.broke_off = False
        self.partial: Path | None = None
        self.stand_in: StandIn | None = None
        self.leaves_out: Callable[[Event], bool] = lambda _: False
        self.faulted = False
        self._prepare(order)

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open" if self._entry else "new"
        return f"<{self.mode.value} run of {self.spec.case!r}: {len(self.events)} events, {state}>"

    # -- set-up -------------------------------------------------------------------------------

    def _decide(self) -> RunMode:
        faulting = self.spec.faulting
        if faulting is not None and faulting.answers is Answers.WORLD:
            return RunMode.WORLD
        return decide_mode(self.spec.path, self.settings)

    def _clock(self, cassette: Cassette | None) -> Clock:
        """Virtual where nothing that takes real time can happen."""
        if self.settings.real_time or self.spec.upstreams is not None:
            return RealClock()
        if self.mode is RunMode.WORLD and self.spec.faulting is not None and cassette is None:
            return VirtualClock(self.spec.faulting.wall_start_s)
        if cassette is not None and self.mode in (RunMode.REPLAY, RunMode.WORLD):
            return VirtualClock(cassette.header.wall_start_s)
        return RealClock()

    def _prepare(self, order: AuditOrder | None) -> None:
        shadow, faulting = self.spec.shadow, self.spec.faulting
        recorded = self.mode in (RunMode.REPLAY, RunMode.BRANCH)
        cassette = cassette_of(self.spec, self.settings) if recorded else None
        if self.mode is RunMode.WORLD and faulting is not None:
            cassette = faulting.cassette
        self.recorded_at = "" if cassette is None else cassette.header.recorded_at
        clock = self._clock(cassette)
        if self.mode in (RunMode.RECORD, RunMode.BRANCH):
            header = header_of(self.spec, self.settings, clock, parent=cassette)
            key = key_of(self.settings, self._redactor)
            self._writer = CassetteWriter(self._target(), header, redactor=self._redactor, key=key)
        self._watch: RunWatch | None = None
        if order is not None and cassette is not None:
            self._watch = RunWatch(order, self.settings.match_rules, self._redactor, cassette)
            clock = self._watch.clock(clock)
        self.log = EventLog(clock, on_complete=self._keep if self._writer else None)
        self._spans = collector_of(clock, capture=self.settings.capture)
        handlers: tuple[Handler, ...] = (self.log, *(self._watch.handlers if self._watch else ()))
        handlers = handlers if self._spans is None else (self.log, self._spans, *handlers[1:])
        if faulting is not None:
            handlers = (*faulting.outermost, *handlers, *faulting.before)
        if cassette is not None:
            self._player = self._playing(cassette)
            handlers = (*handlers, *(() if shadow is None else (shadow,)), self._player)
        self.scope = Scope(
            handlers=(*handlers, *self.spec.behind),
            clock=clock,
            entropy=entropy_of(self.spec, self.mode, self._redactor),
            name=self.spec.agent,
            # The guard lets through what a handler let out: in a shadow run questions to llms, no more.
            replaying=self.mode in (RunMode.REPLAY, RunMode.WORLD) or shadow is not None,
            world=self.mode is RunMode.WORLD and shadow is None,
            sealed=shadow is not None,
            replayable=self.mode is not RunMode.WORLD,
            allowed_hosts=self._allowed_hosts(),
            approver=self.spec.approver,
            spans=self._spans,
        )

    def _allowed_hosts(self) -> frozenset[str]:
        if self.spec.shadow is not None:
            return frozenset()
        here = _LOOPBACK if self.mode is RunMode.WORLD else ()
        return frozenset((*self.settings.allowed_hosts, *here))

    def _playing(self, cassette: Cassette) -> Player:
        """What answers from the recording, and with a shadow asks it before a call is a miss."""
        settings, shadow, watch = self.settings, self.spec.shadow, self._watch
        faulting, world = self.spec.faulting, self.mode is RunMode.WORLD
        self.stand_in = None if faulting is None else faulting.stand_in
        self._shelf = shelf_of(cassette, settings, self.mode, self._redactor, whole=shadow is not None)
        return Player(
            self._shelf,
            allow_drift=settings.allow_drift and shadow is None,
            fallthrough=(self.mode is RunMode.BRANCH and shadow is None) or world,
            pace=settings.pace,
            durations_s=watch.durations_s if watch else {},
            remedy=self.spec.rerecord,
            patient=self.spec.upstreams is not None,
            live_tools=self.spec.live_tools or world,
            stand_in=self._stand_in if shadow is None else shadow.stand_in,
        )

    def _stand_in(self, call: Call, next: Next) -> Generator[Step, Outcome | None, Outcome | None]:
        return None if self.stand_in is None else (yield from self.stand_in(call, next))

    def _target(self) -> Path:
        return branch_path(self.path, self.settings.branch) if self.mode is RunMode.BRANCH else self.path

    def _keep(self, event: Event) -> None:
        """Write a completed event; a branch keeps only what its parent did not answer."""
        assert self._writer is not None
        kept = event.label is Label.LIVE if self.spec.shadow else event.label is not Label.REPLAYED
        if (self.mode is RunMode.RECORD or kept) and not self.leaves_out(event):
            self._writer.append(event)

    # -- life ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif isinstance(error, Exception):
            self.close(outcome=f"raised {type(error).__name__}", cause=error)
        else:
            self.abandon(cause=error)

    def open(self) -> None:
        """Make this the current run of the calling context."""
        if self._entry is not None or self.closed:
            raise RunMisuse(f"the run of {self.spec.case!r} was opened twice", remedy="open a new run")
        install()
        self._entry = enter(self.scope)
        if self._watch is not None:
            self._watch.open(self.scope.entropy)

    def close(
        self, *, outcome: str = "completed", cause: BaseException | None = None, judged: bool = False
    ) -> None:
        """End the run: write its recording, then raise what it could not answer.

        A recording that broke off with an error never replaces one that is there, and one in which
        nothing was answered (by a reply, or by a tool that raised for its own reasons) is none: either
        is left in ``partial``, from where ``agentops-eval cassette recover`` takes it. A test's own
        failed assertion breaks nothing off that was answered: what the agent did is whole. Where the run
        was only ``judged`` so, and nothing in it raised, its recording says that it completed.

        Raises ReplayMiss for the first miss, UnusedRecordings in strict mode, CassetteWrite when the
        recording cannot be written. Closing twice does nothing.
        """
        if self.closed:
            return
        self._leave(outcome, cause)
        if self._writer is not None and self._breaks_off(outcome):
            self.broke_off, self.partial = True, self._leave_partial()
        elif self._writer is not None:
            stats = PlayerStats() if self._player is None else self._player.stats
            prefix = stats.taken if self.spec.shadow else stats.prefix
            self._writer.commit(outcome="completed" if judged else outcome, prefix=prefix)
        problem = next(iter(self.scope.problems), None)
        if problem is not None and problem is not cause:
            raise problem from cause
        if cause is None:
            self._check_unused()

    def _leave_partial(self) -> Path | None:
        assert self._writer is not None
        if holds_something(self.events):
            return self._writer.abandon()
        self._writer.discard()
        return None

    def _breaks_off(self, outcome: str) -> bool:
        if outcome == "completed":
            return False
        return not answered(self.events) or (outcome not in _WHOLE and self._target().exists())

    def abandon(self, *, cause: BaseException | None = None) -> None:
        """End an interrupted run: what was there before stays, what was seen stays in a partial file."""
        if self.closed:
            return
        self._leave("interrupted" if cause is None else f"raised {type(cause).__name__}", cause)
        if self._writer is not None:
            self.broke_off, self.partial = True, self._writer.abandon()
        problem = next(iter(self.scope.problems), None)
        if problem is not None and not isinstance(cause, (ReplayMiss, KeyboardInterrupt)):
            raise problem from cause

    def give_up(self) -> None:
        """End the run from another thread, whatever it is at: what it still asks reaches nobody."""
        self.scope.given_up = True
        with suppress(ReplayMiss):  # told by ``problems``
            self.abandon()

    def discard(self) -> None:
        """End a run that was not meant to be one (a skipped test): nothing is written or raised."""
        if self.closed:
            return
        self._leave("discarded", None)
        if self._writer is not None:
            self._writer.discard()

    def _leave(self, outcome: str, cause: BaseException | None) -> None:
        self.log.seal()
        if self._entry is not None:
            leave(self._entry)
        if self._watch is not None:
            self._watch.close(MISSED if self.scope.problems else outcome, cause)
        if self.mode is not RunMode.WORLD:  # of which nothing is written before somebody asks for it
            self._redactor.learn_environment(os.environ)  # the agent may have loaded a .env file
        self.closed = True

    def _check_unused(self) -> None:
        unused = self.report.unused
        if self.settings.strict and unused:
            shown = "\n".join(unused[:10])
            were = "was" if len(unused) == 1 else "were"
            raise UnusedRecordings(
                f"{len(unused)} of the recorded calls {were} never asked for",
                where=str(self.path),
                difference=shown,
                remedy=self.spec.rerecord or f"agentops-eval cassette prune {self.path} MODULE:CALLABLE",
            )

    # -- results ------------------------------------------------------------------------------

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that crossed a seam so far, unredacted; never write it to a file."""
        return self.log.events

    @property
    def unused(self) -> tuple[Event, ...]:
        """Recorded calls that this run has not asked for."""
        return () if self._shelf is None else self._shelf.unused

    @property
    def problems(self) -> tuple[BaseException, ...]:
        """Misses and blocked traffic so far."""
        return tuple(self.scope.problems)

    @property
    def trace(self) -> Trace:
        """The run so far as spans, redacted, with stable ids and a logical clock."""
        events = self.events
        if not self.closed or self.mode is RunMode.WORLD:
            self._redactor.learn_environment(os.environ)
        done = sum(event.outcome is not None for event in events)
        if self._trace is None or self._trace[0] != (done, self._redactor.learnt):
            redacted = self._redactor.events(events)
            recorded = None if self._player is None else self._player.answered
            found = derive(redacted, agent=self.spec.agent, case=self.spec.case, recorded=recorded)
            made = canonical(found, redactor=self._redactor)
            self._trace = ((done, self._redactor.learnt), made)
        return self._trace[1]

    @property
    def captured(self) -> NormalTrace:
        """The run as the agent told it and the seams saw it. Raises RunMisuse without ``capture``."""
        recorded = None if self._player is None else self._player.answered
        return captured_trace(self.spec, self._spans, self.events, self._redactor, recorded=recorded)

    @property
    def digest(self) -> str:
        """SHA-256 of the trace as a golden would hold it: equal digests mean equal behaviour."""
        return hashlib.sha256(golden_bytes(self.trace)).hexdigest()

    @property
    def report(self) -> RunReport:
        """Counts for people: labels, how answers were found, what is left over."""
        return RunReport.of(
            self.spec.case,
            self.mode.value,
            self.events,
            stats=None if self._player is None else self._player.stats,
            unused=() if self._shelf is None or self.faulted else self._shelf.left,
            problems=self.problems,
            virtual_s=self.scope.clock.elapsed_s() if self.scope.clock.virtual else None,
            summary="" if self._player is None else self._player.summary,
            alike=()
            if self._writer is None
            else alike(self.events, rules=self.settings.match_rules, redactor=self._redactor),
        )

    @property
    def redactor(self) -> Redactor:
        """The run's redactor, which knows the secrets that the run itself drew."""
        return self._redactor


def open_run(
    path: Path,
    settings: Settings,
    *,
    case: str = "",
    agent: str = "agent",
    rerecord: str = "",
    approver: Approver | str | None = None,
    upstreams: Mapping[str, str] | None = None,
) -> ActiveRun:
    """A run on the cassette at ``path``, to be entered with ``with`` or ``open()``.

    ``approver`` is a callable or one of the words that ``approver_of`` knows. Raises CassetteMissing,
    CassetteCorrupt and their kin, or ConfigInvalid, before anything of the agent runs.
    """
    case, asked = case or case_of(path), approver_of(approver, where=str(path))
    spec = RunSpec(path=path, case=case, agent=agent, rerecord=rerecord, approver=asked, upstreams=upstreams)
    return ActiveRun(spec, settings)
