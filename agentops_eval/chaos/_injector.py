"""The injector: the handler that lets a schedule's faults happen to the calls that they hit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from agentops_eval.chaos._arming import Armed, Carried, arm
from agentops_eval.chaos._kind import NEVER_S, Act, Answered, Hit, Kind
from agentops_eval.chaos._sites import Sites
from agentops_eval.chaos._skew import skewed
from agentops_eval.chaos._targets import call_of, is_target
from agentops_eval.domain import (
    Call,
    Event,
    Fault,
    FaultedRun,
    Injection,
    Label,
    McpRequest,
    Outcome,
    Schedule,
    Seam,
    ValueReply,
    Where,
)
from agentops_eval.seams import Next, Pause, Proceed, Step, Steps, current_scope


@dataclass(slots=True, kw_only=True)
class _Struck:
    """A fault that hit a call, until the run is over: streamed bodies may tell more later."""

    armed: Armed
    hit: Hit
    index: int
    at_s: float
    blocked: bool = False
    landed: int = 0


class Injector:
    """Stands behind the event log and before whatever answers. Never retries.

    ``sites`` tells the execution index of each call so far by the index of its event. Safe under threads.
    ``same`` tells whether two calls ask the same, for ``stand_in``. ``never_s`` is longer than the run may
    last. ``before`` are the events of the run until now, which no fault hits,
    ``carried`` what another injector of the same run knew by then.
    Raises ConfigInvalid for a kind or parameter that ``kinds`` does not know.
    """

    def __init__(
        self,
        schedule: Schedule,
        kinds: Mapping[str, Kind],
        *,
        same: Callable[[Call, Call], bool] | None = None,
        never_s: float = NEVER_S,
        before: Iterable[Event] = (),
        carried: Carried | None = None,
    ) -> None:
        self.schedule = schedule
        self._never_s = never_s
        self._same = same or _same
        self.sites: dict[int, str] = {}
        self._armed = [arm(number, fault, kinds) for number, fault in enumerate(schedule)]
        self._sites = Sites()
        self._struck: list[_Struck] = []
        self._lock = threading.Lock()
        self._given: list[tuple[Call, Outcome]] = []
        self._answers: dict[str, list[Answered]] = {}
        self._remembers = any(armed.kind.remember for armed in self._armed)
        self._again = any(armed.kind.again for armed in self._armed)
        self.sites.update((event.index, self._sites.site_of(event)) for event in before)
        if carried is not None:
            self._take_up(carried)

    def handle(self, call: Call, next: Next) -> Steps:
        """Pass the call on, through the faults that hit it."""
        site = self._sites.site_of(call)
        self.sites[call.index] = site
        struck = [self._strike(armed, call, site) for armed in self._armed if self._hits(armed, call, site)]
        if not struck:
            outcome = yield next(call)
            assert outcome is not None
            given = self._again or isinstance(call.request, McpRequest)  # who reconnects asks these once more
            if self._remembers or given:
                self._note(call, outcome, given=given)
            return outcome if call.seam is not Seam.CLOCK else skewed(outcome, call)
        outcome = yield from self._through(tuple(struck), call)
        return outcome if call.seam is not Seam.CLOCK else skewed(outcome, call)

    def _note(self, call: Call, outcome: Outcome, *, given: bool) -> None:
        """Keep an answer as it came, before any fault made another of it."""
        with self._lock:
            if given:
                self._given.append((call, outcome))
            if self._remembers and isinstance(outcome, ValueReply):
                answered = Answered(call=call, value=outcome.value)
                self._answers.setdefault(call.boundary, []).append(answered)

    def _hits(self, armed: Armed, call: Call, site: str) -> bool:
        where = armed.fault.where
        if not _fits(armed.kind, where, call, site):
            return False
        with self._lock:
            armed.seen += 1
            count = armed.seen
        return _counts(where, count) and _drawn(where, self.schedule.seed, armed.number, site)

    def _strike(self, armed: Armed, call: Call, site: str) -> _Struck:
        scope = current_scope()
        # Not of the fault's number: what it draws is the same in every schedule that has it, so that a fault
        # beside it which changes nothing changes nothing of this one.
        random = Random(f"{self.schedule.seed}/{armed.kind.name}/{site}")  # noqa: S311  # to be repeated
        struck = _Struck(
            armed=armed,
            hit=Hit(
                parameters=armed.parameters,
                site=site,
                random=random,
                memory=armed.memory,
                never_s=self._never_s,
                answers=self._answers,
            ),
            index=call.index,
            blocked=call.patience.blocked,
            at_s=0.0 if scope is None else scope.clock.elapsed_s(),
        )
        with self._lock:
            self._struck.append(struck)
        return struck

    def _through(self, struck: tuple[_Struck, ...], call: Call) -> Steps:
        """The first fault outermost; what reaches the innermost ``next`` has landed."""
        if not struck:
            outcome = yield Proceed(call)
            assert outcome is not None
            self._note(call, outcome, given=True)
            return outcome
        first, rest = struck[0], struck[1:]
        return (yield from self._acting(first, first.armed.kind.act, call, rest))

    def _acting(self, mine: _Struck, act: Act, call: Call, rest: tuple[_Struck, ...]) -> Steps:
        steps = act(mine.hit, call, Proceed)
        answer: Outcome | None = None
        given: Outcome | None = None
        error: BaseException | None = None
        try:
            while True:
                step = steps.send(answer) if error is None else steps.throw(error)
                answer, error = None, None
                try:
                    answer = yield from self._performed(mine, step, rest)
                    given = answer or given
                except BaseException as raised:  # the act decides, as any handler does
                    error = raised
        except StopIteration as done:
            outcome: Outcome = done.value
            return outcome
        except Exception as broken:
            if broken is error:
                raise
            # The fault itself failed: the agent gets what it would have got, and the run tells of it.
            mine.hit.cannot(f"the fault failed with {type(broken).__name__}: {broken}")
            return given if given is not None else (yield from self._through(rest, call))

    def _performed(
        self, mine: _Struck, step: Step, rest: tuple[_Struck, ...]
    ) -> Generator[Step, Outcome | None, Outcome | None]:
        if isinstance(step, Pause):
            yield step
            return None
        mine.landed += 1
        return (yield from self._through(rest, step.call))

    def stand_in(self, call: Call, next: Next) -> Generator[Step, Outcome | None, Outcome | None]:
        """Answer a call that the recording answers no more, where a fault took or changed its answer.

        The same question gets the answer that the faulted call had: the recording holds it only once.
        """
        yield from ()
        with self._lock:
            given = [one for asked, one in self._given if self._same(asked, call)]
        return scripted(given[-1]) if given else None

    @property
    def carried(self) -> Carried:
        """What the faults counted and remembered so far, to go on with in another process."""
        answers = {name: tuple(given) for name, given in self._answers.items()}
        return Carried(
            seen=tuple([armed.seen for armed in self._armed]),
            memory=tuple([dict(armed.memory) for armed in self._armed]),
            answers=answers,
        )

    def _take_up(self, carried: Carried) -> None:
        for armed, seen, memory in zip(self._armed, carried.seen, carried.memory, strict=True):
            armed.seen = seen
            armed.memory.update(memory)
        self._answers.update({name: list(given) for name, given in carried.answers.items()})

    @property
    def injections(self) -> tuple[Injection, ...]:
        """What was injected so far, in order of the calls."""
        found = [one for one in self._struck if not one.hit.impossible]
        return tuple(_told(one) for one in sorted(found, key=lambda one: (one.index, one.armed.number)))

    @property
    def not_injected(self) -> tuple[str, ...]:
        """The faults of the schedule that did not happen, each with the reason."""
        return tuple(why for armed in self._armed if (why := self._why_not(armed)))

    def _why_not(self, armed: Armed) -> str:
        mine = [one for one in self._struck if one.armed is armed]
        broken = [f"{armed.fault}: {why}" for one in mine for why in one.hit.impossible]
        if mine and len(broken) < len(mine):
            return ""
        if broken:
            return broken[0]
        wanted = _first_of(armed.fault.where)
        if 0 < armed.seen < wanted:
            return f"{armed.fault}: it is for call {wanted}, and only {armed.seen} that it fits came"
        if armed.seen:
            return f"{armed.fault}: none of the {armed.seen} calls that it fits was chosen"
        return f"{armed.fault}: no call that it fits was made"


def is_missed(fault: Fault, run: FaultedRun, kinds: Mapping[str, Kind]) -> bool:
    """Whether a fault finds no call in a run because the one that it is for, or any like it, was not made."""
    kind = kinds[fault.kind]
    sites = zip(run.events, run.sites, strict=True)
    made = sum(_fits(kind, fault.where, call_of(event), site) for event, site in sites)
    return made < _first_of(fault.where)


def scripted(outcome: Outcome) -> Outcome:
    """The outcome with the label of what a script gave."""
    return replace(outcome, label=Label.SCRIPTED)


def _fits(kind: Kind, where: Where, call: Call, site: str) -> bool:
    """Whether a call is one of those among which a fault is counted."""
    if call.seam not in kind.seams or (where.site and where.site != site):
        return False
    return is_target(where.target, call) and kind.fits(call)


def _first_of(where: Where) -> int:
    """The first of these calls, counted from 1, that a fault may hit."""
    return min(where.nth, default=where.first)


def _counts(where: Where, count: int) -> bool:
    if where.nth:
        return count in where.nth
    return where.first <= count and (where.last is None or count <= where.last)


def _drawn(where: Where, seed: int, number: int, site: str) -> bool:
    if where.probability >= 1:
        return True
    digest = sha256(f"{seed}/{number}/{site}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < where.probability


def _same(one: Call, other: Call) -> bool:
    return (one.seam, one.boundary, one.request) == (other.seam, other.boundary, other.request)


def _told(one: _Struck) -> Injection:
    return Injection(
        number=one.armed.number,
        kind=one.armed.kind.name,
        index=one.index,
        site=one.hit.site,
        landed=one.landed,
        told=one.hit.told,
        canaries=tuple(one.hit.canaries),
        at_s=one.at_s,
        blocked=one.blocked,
    )
