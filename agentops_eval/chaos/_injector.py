"""The injector: the handler that lets a schedule's faults happen to the calls that they hit."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from agentops_eval.chaos._kind import Act, Hit, Kind
from agentops_eval.chaos._sites import Sites
from agentops_eval.chaos._targets import is_target
from agentops_eval.domain import (
    Call,
    ConfigInvalid,
    Event,
    Fault,
    Injection,
    Json,
    Label,
    Outcome,
    Schedule,
    Where,
    nearest,
)
from agentops_eval.seams import Next, Pause, Proceed, Step, Steps, current_scope


@dataclass(slots=True, kw_only=True)
class _Armed:
    """One fault of the schedule, and how many calls it could have hit so far."""

    number: int
    fault: Fault
    kind: Kind
    parameters: Mapping[str, object]
    seen: int = 0


@dataclass(slots=True, kw_only=True)
class _Struck:
    """A fault that hit a call, until the run is over: streamed bodies may tell more later."""

    armed: _Armed
    hit: Hit
    index: int
    at_s: float
    landed: int = 0


class Injector:
    """Stands behind the event log and before whatever answers. Never retries.

    ``sites`` tells the execution index of each call so far by the index of its event. Safe under threads.
    ``same`` tells whether two calls ask the same, for ``stand_in``. ``before`` are the events of the run
    until now, which no fault hits.
    Raises ConfigInvalid for a kind or parameter that ``kinds`` does not know.
    """

    def __init__(
        self,
        schedule: Schedule,
        kinds: Mapping[str, Kind],
        *,
        same: Callable[[Call, Call], bool] | None = None,
        before: Iterable[Event] = (),
    ) -> None:
        self.schedule = schedule
        self._same = same or _same
        self.sites: dict[int, str] = {}
        self._armed = [arm(number, fault, kinds) for number, fault in enumerate(schedule)]
        self._sites = Sites()
        self._struck: list[_Struck] = []
        self._lock = threading.Lock()
        self._given: list[tuple[Call, Outcome]] = []
        self.sites.update((event.index, self._sites.site_of(event)) for event in before)

    def handle(self, call: Call, next: Next) -> Steps:
        """Pass the call on, through the faults that hit it."""
        site = self._sites.site_of(call)
        self.sites[call.index] = site
        struck = [self._strike(armed, call, site) for armed in self._armed if self._hits(armed, call, site)]
        if not struck:
            outcome = yield next(call)
            assert outcome is not None
            return outcome
        return (yield from self._through(tuple(struck), call))

    def _hits(self, armed: _Armed, call: Call, site: str) -> bool:
        kind, where = armed.kind, armed.fault.where
        if call.seam not in kind.seams or (where.site and where.site != site):
            return False
        if not is_target(where.target, call) or not kind.fits(call):
            return False
        with self._lock:
            armed.seen += 1
            count = armed.seen
        return _counts(where, count) and _drawn(where, self.schedule.seed, armed.number, site)

    def _strike(self, armed: _Armed, call: Call, site: str) -> _Struck:
        scope = current_scope()
        random = Random(f"{self.schedule.seed}/{armed.number}/{site}")  # noqa: S311  # to be repeated
        struck = _Struck(
            armed=armed,
            hit=Hit(parameters=armed.parameters, site=site, random=random),
            index=call.index,
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
            with self._lock:
                self._given.append((call, outcome))
            return outcome
        first, rest = struck[0], struck[1:]
        return (yield from self._acting(first, first.armed.kind.act, call, rest))

    def _acting(self, mine: _Struck, act: Act, call: Call, rest: tuple[_Struck, ...]) -> Steps:
        steps = act(mine.hit, call, Proceed)
        answer: Outcome | None = None
        error: BaseException | None = None
        try:
            while True:
                step = steps.send(answer) if error is None else steps.throw(error)
                answer, error = None, None
                try:
                    answer = yield from self._performed(mine, step, rest)
                except BaseException as raised:  # the act decides, as any handler does
                    error = raised
        except StopIteration as done:
            outcome: Outcome = done.value
            return outcome

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
    def injections(self) -> tuple[Injection, ...]:
        """What was injected so far, in order of the calls."""
        found = [one for one in self._struck if not one.hit.impossible]
        return tuple(_told(one) for one in sorted(found, key=lambda one: (one.index, one.armed.number)))

    @property
    def not_injected(self) -> tuple[str, ...]:
        """The faults of the schedule that did not happen, each with the reason."""
        return tuple(why for armed in self._armed if (why := self._why_not(armed)))

    def _why_not(self, armed: _Armed) -> str:
        mine = [one for one in self._struck if one.armed is armed]
        broken = [f"{armed.fault}: {why}" for one in mine for why in one.hit.impossible]
        if mine and len(broken) < len(mine):
            return ""
        if broken:
            return broken[0]
        if armed.seen:
            return f"{armed.fault}: none of the {armed.seen} calls that it fits was chosen"
        return f"{armed.fault}: no call that it fits was made"


def arm(number: int, fault: Fault, kinds: Mapping[str, Kind]) -> _Armed:
    """Find the kind and complete the parameters. Raises ConfigInvalid for what is not known."""
    found = kinds.get(fault.kind)
    if found is None:
        raise ConfigInvalid(f"there is no fault {fault.kind!r}", remedy=nearest(fault.kind, kinds))
    unknown = sorted(fault.parameters.keys() - found.parameters.keys())
    if unknown:
        raise ConfigInvalid(
            f"the fault {fault.kind} takes no {unknown[0]!r}",
            difference=f"it takes: {', '.join(sorted(found.parameters)) or 'nothing'}",
            remedy=nearest(unknown[0], found.parameters),
        )
    parameters = {**found.parameters, **fault.parameters}
    wrong = _wrong_type(found.parameters, fault.parameters) or found.check(parameters)
    if wrong:
        raise ConfigInvalid(f"the fault {fault.kind} cannot be: {wrong}", difference=f"it is said as {fault}")
    return _Armed(number=number, fault=fault, kind=found, parameters=parameters)


def _wrong_type(defaults: Mapping[str, Json], given: Mapping[str, Json]) -> str:
    """What is no value of the type of its default; whatever is None by default may be anything."""
    for name, value in given.items():
        default = defaults[name]
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        if number and (isinstance(value, bool) or not isinstance(value, (int, float))):
            return f"{name} is a number"
        if isinstance(value, float) and not math.isfinite(value):
            return f"{name} is a finite number"
        if default is None or number:
            continue
        if not isinstance(value, type(default)):
            return f"{name} is {_NAMES.get(type(default), 'of another type')}"
    return ""


_NAMES = {bool: "true or false", str: "a text", list: "a list", dict: "a mapping"}


def scripted(outcome: Outcome) -> Outcome:
    """The outcome with the label of what a script gave."""
    return replace(outcome, label=Label.SCRIPTED)


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
    )
