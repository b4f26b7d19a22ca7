"""The player: the handler that answers calls from the shelf and lets nothing else through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace

from agentops_eval.domain import (
    Call,
    DrawRequest,
    Effect,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    KeptBody,
    Label,
    LlmRequest,
    McpRequest,
    Outcome,
    ReplayMiss,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.domain.mcp import REQUEST_TIMEOUT
from agentops_eval.replay._explain import Explanation, explain, summarise
from agentops_eval.replay._shadow import SAFE_METHODS
from agentops_eval.replay._shelf import Drift, Hit, How, Missed, Shelf
from agentops_eval.replay._synthesis import synthesised
from agentops_eval.seams import PARENT, Next, Pause, Scope, Step, Steps, call_site, current_scope

FULL_EXPLANATIONS = 20
"""After so many misses, further ones are told without the search for what comes nearest."""

PATIENCE_S = 60.0
"""Virtual seconds that a call without an answer waits beyond twice what its recording waited."""

_TOOLS = (Seam.TOOL, Seam.MCP)

JITTER_S = 0.25
"""How far the recorded time of a call may lie beyond its client's own time limit without meaning it."""

StandIn = Callable[[Call, Next], Generator[Step, Outcome | None, Outcome | None]]
"""What answers a call in place of the recording, or gives None where nothing can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerStats:
    """What a player did: answers by how they were found, draws left out.

    ``stand_ins`` names the calls that differ from what was recorded only where that has placeholders.
    ``misses`` were asked for and not there, ``unmatched`` are hand-offs that ran without a
    recorded one, ``unused`` are recorded calls that nobody asked for. ``forked_at`` is the number
    of the call at which a branch left its recording, None where it has not; ``prefix`` holds the
    indices of the recorded events that were taken, ``taken`` also of those made from a trace.
    """

    exact: int = 0
    stand_ins: tuple[str, ...] = ()
    elsewhere: int = 0
    drift: int = 0
    misses: int = 0
    unmatched: int = 0
    unused: tuple[Event, ...] = ()
    drifted: tuple[Drift, ...] = ()
    forked_at: int | None = None
    prefix: tuple[int, ...] = ()
    taken: tuple[int, ...] = ()


class Player:
    """Answers every call from ``shelf``; the world is reached only where this says so.

    * Draws of clock and entropy never miss: those that were not recorded go to the seam, which
      supplies virtual time and seeded values.
    * The body of a hand-off runs, for its own calls are replayed; only its message is matched. A
      changed message is no miss: the calls inside will miss, and can say more.
    * What a call took in the recording passes on a virtual clock. A call that its caller gave up then
      (a timeout, a faster rival) gets no answer again, so that the caller gives up again.
    * A miss is remembered by the run's scope and raised as ReplayMiss.
    * With ``fallthrough`` (recording a branch) a miss goes to the world, and the run has *forked*:
      the world may have changed through what it then did, so a recorded answer is served only
      where asking changes nothing (GET and HEAD, draws, tools that read) and its key is the same.
      Everything else is live, and everything inside the body of a live tool as well.

    ``pace`` scales the recorded pauses in streamed bodies; 0 plays them at once. ``durations_s`` holds
    what answers take instead of their recorded time, by the index of the recorded event. ``remedy`` is the
    command that records again. With ``patient`` a call whose recorded caller gave up waits in real time, too.
    ``scope`` gives the run that the calling context belongs to. With ``live_tools`` a branch runs every tool
    anew, so that its world holds what all of them did, and takes from its recording what llms answered.
    Without ``fallthrough``, ``stand_in`` is asked before a call is a miss.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        allow_drift: bool = False,
        fallthrough: bool = False,
        pace: float = 0.0,
        durations_s: Mapping[int, float] | None = None,
        remedy: str = "",
        patient: bool = False,
        live_tools: bool = False,
        stand_in: StandIn | None = None,
        scope: Callable[[], Scope | None] = current_scope,
    ) -> None:
        self._shelf = shelf
        self._allow_drift = allow_drift
        self._fallthrough = fallthrough
        self._pace = pace
        self._durations_s = durations_s or {}
        self._remedy = remedy
        self._patient = patient
        self._live_tools = live_tools and fallthrough
        self._stand_in = stand_in
        self._scope = scope
        self._lock = threading.Lock()
        self._explanations: list[Explanation] = []
        self._unmatched = 0
        self._forked_at: int | None = None
        self._live: set[int] = set()
        self._answered: dict[int, Event] = {}

    def handle(self, call: Call, next: Next) -> Steps:
        """Answer ``call`` with what was recorded for it. Raises ReplayMiss where nothing was."""
        request = call.request
        if self._live and PARENT.get() in self._live:
            return (yield from self._pass_on(call, next, inside=True))
        if isinstance(request, DrawRequest):
            draw = self._shelf.take_draw(call)
            if draw is None:
                return (yield from self._pass_on(call, next))
            assert draw.event.outcome is not None
            return _labelled(draw.event.outcome, draw.label)
        if isinstance(request, HandoffRequest):
            return (yield from self._hand_off(call, next))
        forked = self._forked_at is not None
        anew = self._live_tools and call.seam in _TOOLS
        if anew or (forked and not _changes_nothing(call)):
            return (yield from self._pass_on(call, next))
        found = self._shelf.take(call, allow_drift=self._allow_drift and not forked)
        if isinstance(found, Hit) and found.event.outcome is not None:
            self._note(call, found)
            outcome = found.event.outcome
            if isinstance(found.event.request, LlmRequest) and isinstance(request, HttpRequest):
                outcome = synthesised(request, outcome)
            return (yield from self._answer(found, outcome))
        if not self._fallthrough:
            stood = None
            if self._stand_in is not None and isinstance(found, Missed):
                stood = yield from self._stand_in(call, next)
            if stood is not None:
                return stood
            raise self._missed((yield from self._wait_in_vain(found, call)))
        with self._lock:
            if self._forked_at is None:
                self._forked_at = found.number
        return (yield from self._pass_on(call, next))

    @property
    def stats(self) -> PlayerStats:
        """Counts so far."""
        served = self._shelf.served
        return PlayerStats(
            exact=served[How.EXACT],
            stand_ins=self._shelf.stood_in,
            elsewhere=served[How.ELSEWHERE],
            drift=served[How.DRIFT],
            misses=len(self._explanations),
            unmatched=self._unmatched,
            unused=self._shelf.unused,
            drifted=self._shelf.drifted,
            forked_at=self._forked_at,
            prefix=self._shelf.prefix,
            taken=self._shelf.taken,
        )

    @property
    def answered(self) -> Mapping[int, Event]:
        """The recorded event that answered each call so far, by the call's index; branches left out."""
        return dict(self._answered)

    @property
    def summary(self) -> str:
        """What several misses have in common, one finding per line; empty without misses."""
        return summarise(self._explanations)

    def _note(self, call: Call, hit: Hit) -> None:
        if hit.label is Label.REPLAYED:
            self._answered[call.index] = hit.event

    def _pass_on(self, call: Call, next: Next, *, inside: bool = False) -> Steps:
        if self._fallthrough and (inside or call.seam in _TOOLS):
            self._live.add(call.index)
        outcome = yield next(call)
        assert outcome is not None
        return outcome

    def _hand_off(self, call: Call, next: Next) -> Steps:
        found = None if self._forked_at is not None else self._shelf.take(call, allow_drift=self._allow_drift)
        outcome = yield next(call)
        assert outcome is not None
        if isinstance(found, Hit):
            self._note(call, found)
            return _labelled(outcome, found.label)
        if isinstance(found, Missed):
            with self._lock:
                self._unmatched += 1
        return outcome

    def _answer(self, hit: Hit, outcome: Outcome) -> Steps:
        # A body that is played at its pace lets time pass by itself.
        paced = self._pace > 0 and isinstance(outcome, HttpReply)
        event = hit.event
        took_s = self._durations_s.get(event.index, event.ended_s - event.started_s)
        if took_s > 0 and not paced and self._virtual():
            # Not ``clock.advance``: calls that ran side by side must not add up their times, or
            # they would run into timeouts which they kept in the recording.
            yield Pause(took_s, _settled_s(outcome, took_s))
        return _labelled(outcome, hit.label, pace=self._pace)

    def _wait_in_vain(self, found: Hit | Missed, call: Call) -> Generator[Step, Outcome | None, Missed]:
        """Let a caller that gave up in the recording give up again: its timeout passes virtually."""
        if isinstance(found, Missed):
            return found
        if self._patient or self._virtual():
            took_s = found.event.ended_s - found.event.started_s
            yield Pause(2 * took_s + PATIENCE_S)
        return self._shelf.given_up(found, call)

    def _virtual(self) -> bool:
        scope = self._scope()
        return scope is not None and scope.clock.virtual

    def _missed(self, missed: Missed) -> ReplayMiss:
        brief = len(self._explanations) >= FULL_EXPLANATIONS
        if not missed.call.site:
            # Looked for only now: walking the stack on every call would be paid by every replay.
            missed = replace(missed, call=replace(missed.call, site=call_site()))
        explanation = explain(missed, self._shelf, remedy=self._remedy, brief=brief)
        with self._lock:
            self._explanations.append(explanation)
        miss = explanation.miss()
        scope = self._scope()
        if scope is not None:
            scope.remember(miss)
        return miss


def _changes_nothing(call: Call) -> bool:
    """Whether asking again changes nothing in the world, so that a recorded answer still holds."""
    request = call.request
    if isinstance(request, HttpRequest):
        return request.method.upper() in SAFE_METHODS
    if isinstance(request, McpRequest):  # it asks what there is; only a tool does something
        return True
    return isinstance(request, ToolRequest) and request.effect is Effect.READ


def _settled_s(outcome: Outcome, took_s: float) -> float:
    """The end of a call's recorded time in which its client's time limit has no say.

    A limit that was reached is reached again, whenever it comes due. One that was not is left alone
    where it was missed by a hair: the machine that recorded counted its seconds differently.
    """
    failure = outcome if isinstance(outcome, Failure) else None
    if isinstance(outcome, HttpReply) and isinstance(outcome.body, KeptBody):
        failure = outcome.body.end.failure
    if failure is None:
        return JITTER_S
    limit = "Timeout" in failure.kind or failure.arguments[:1] == (REQUEST_TIMEOUT,)
    return took_s if limit else JITTER_S


def _labelled(outcome: Outcome, label: Label, *, pace: float = 0.0) -> Outcome:
    if isinstance(outcome, HttpReply):
        # Written out: ``replace`` costs three times as much, and this runs on every replayed call.
        return HttpReply(
            status=outcome.status,
            reason=outcome.reason,
            headers=outcome.headers,
            http_version=outcome.http_version,
            body=outcome.body,
            stages=outcome.stages,
            pace=pace,
            label=label,
        )
    if isinstance(outcome, (ValueReply, Failure)):
        return replace(outcome, label=label)
    return outcome
