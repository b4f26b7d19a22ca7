"""A circuit breaker's automaton, held against the calls that passed it.

closed -(N failures)-> open -(no call during the cooldown)-> half-open -(at most p probes)-> closed or open.

What a log leaves open is read generously: a call that was on its way when the breaker tripped, or began in
another task at that very moment, is no leak; one good probe closes; nothing is said of a breaker that opens
too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.chaos._declared import Breaker

_ALIKE_S = 1e-6


class Edge(StrEnum):
    """The illegal edges of a breaker."""

    LATE_TRIP = "late-trip"
    LEAK = "leak-while-open"
    THUNDERING_PROBE = "thundering-probe"
    NO_RECLOSE = "no-reclose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One call that passed the breaker: its interval, how it went, and the task that made it."""

    started_s: float
    ended_s: float
    ok: bool
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One time that the agent was asked for something for which it has to make the call."""

    started_s: float
    ended_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IllegalEdge:
    """One step that the automaton does not know, when it was taken, and in words."""

    edge: Edge
    at_s: float
    text: str


def illegal_edges(
    passages: Sequence[Passage],
    breaker: Breaker,
    *,
    demands: Sequence[Demand] = (),
    patience_s: float | None = None,
) -> tuple[IllegalEdge, ...]:
    """Every illegal edge in these calls, which are in the order in which they began; none of a right breaker.

    ``demands`` tell when the agent was asked. Without them a breaker that leaks cannot be told from one that
    trips late, and whether one closes again is not known. ``patience_s`` is after how long an open breaker
    has to let one try, by default its cooldown.
    """
    automaton = _Automaton(breaker, breaker.cooldown_s if patience_s is None else patience_s)
    idle = [one for one in demands if not _served(one, passages)]
    for _, moment in _moments(passages, idle):
        moment(automaton)
    return tuple(automaton.found)


def _served(demand: Demand, passages: Sequence[Passage]) -> bool:
    return any(demand.started_s - _ALIKE_S <= one.started_s <= demand.ended_s + _ALIKE_S for one in passages)


@dataclass(frozen=True, slots=True)
class _Start:
    number: int
    passage: Passage

    def __call__(self, automaton: _Automaton) -> None:
        automaton.begin(self.number, self.passage)


@dataclass(frozen=True, slots=True)
class _End:
    number: int
    passage: Passage

    def __call__(self, automaton: _Automaton) -> None:
        automaton.end(self.number, self.passage)


@dataclass(frozen=True, slots=True)
class _Refused:
    demand: Demand

    def __call__(self, automaton: _Automaton) -> None:
        automaton.refused(self.demand)


_Moment = _Start | _End | _Refused


def _moments(
    passages: Sequence[Passage], idle: Sequence[Demand]
) -> list[tuple[tuple[float, int, int], _Moment]]:
    """Starts, ends and refusals in the order in which they came.

    At one instant ends come first, but never before their own start: calls of one task that take no time
    follow each other by number.
    """
    keyed: list[tuple[tuple[float, int, int], _Moment]] = []
    for number, one in enumerate(passages):
        instant = one.ended_s <= one.started_s
        keyed.append(((one.started_s, 1, 2 * number), _Start(number, one)))
        keyed.append(((one.ended_s, 1 if instant else 0, 2 * number + 1), _End(number, one)))
    keyed += [((one.started_s, 2, number), _Refused(one)) for number, one in enumerate(idle)]
    return sorted(keyed, key=lambda pair: pair[0])


class _Automaton:
    """Where the breaker has to be, moment by moment, and what it did that it must not."""

    def __init__(self, breaker: Breaker, patience_s: float) -> None:
        self.breaker = breaker
        self._patience_s = patience_s
        self.found: list[IllegalEdge] = []
        self._failures: list[float] = []
        self._opened_s: float | None = None
        self._lane = ""  # the task whose failure tripped it
        self._seen_open = False  # a demand was refused in this phase: it did trip
        self._was_open = False
        self._failed_s = 0.0  # the last failure that it saw, whether it counted or not
        self._probes: set[int] = set()  # begun in this half-open phase
        self._siblings: set[int] = set()  # begun in the last one, and not yet told

    def begin(self, number: int, one: Passage) -> None:
        """A call passes."""
        opened_s = self._opened_s
        if opened_s is None or self._on_its_way(opened_s, one):
            return
        if one.started_s >= opened_s + self.breaker.cooldown_s - _ALIKE_S:
            self._probes.add(number)
            if len(self._probes) > self.breaker.probes:
                text = f"call {len(self._probes)} while half open, where {self.breaker.probes} may try"
                self._tell(Edge.THUNDERING_PROBE, one.started_s, text)
            return
        since = f"{one.started_s - opened_s:g} s after it had to open, for {self.breaker.cooldown_s:g} s"
        if self._seen_open:
            self._tell(Edge.LEAK, one.started_s, f"let a call through {since}")
        else:
            self._tell(Edge.LATE_TRIP, one.started_s, f"still closed {since}: {self._rule}")

    def end(self, number: int, one: Passage) -> None:
        """A call comes to its end."""
        if not one.ok:
            self._failed_s = one.ended_s
        if number in self._probes or (one.ok and number in self._siblings):
            self._probe_ended(number, one)
        elif self._opened_s is None:
            self._counted(one)

    def refused(self, demand: Demand) -> None:
        """The agent was asked, and no call passed."""
        if self._opened_s is None:
            if self._was_open:
                self._tell(Edge.NO_RECLOSE, demand.started_s, "refuses calls though its probe went well")
            return
        # One that trips late, which was told already, is over its cooldown later.
        waited_s = demand.started_s - max(self._opened_s, self._failed_s)
        if waited_s < self._patience_s + _ALIKE_S:
            self._seen_open = True
        elif not self._probes:
            text = f"lets nothing try it {waited_s:g} s after it opened, {self._patience_s:g} s being enough"
            self._tell(Edge.NO_RECLOSE, demand.started_s, text)

    def _on_its_way(self, opened_s: float, one: Passage) -> bool:
        """Whether it may have passed before the breaker tripped: the same instant, another task."""
        return one.started_s <= opened_s + _ALIKE_S and one.lane != self._lane

    def _probe_ended(self, number: int, one: Passage) -> None:
        self._siblings = self._probes - {number}
        self._probes = set()
        if one.ok:
            self._opened_s = None
            self._failures.clear()
        else:
            self._open(one)

    def _counted(self, one: Passage) -> None:
        window_s = self.breaker.window_s
        if one.ok:
            if window_s is None:
                self._failures.clear()
            return
        self._failures.append(one.ended_s)
        if window_s is not None:
            self._failures = [at_s for at_s in self._failures if one.ended_s - at_s < window_s - _ALIKE_S]
        if len(self._failures) >= self.breaker.failures:
            self._failures.clear()
            self._open(one)

    def _open(self, one: Passage) -> None:
        self._opened_s, self._lane = one.ended_s, one.lane
        self._seen_open, self._was_open = False, True

    @property
    def _rule(self) -> str:
        within = "in a row" if self.breaker.window_s is None else f"within {self.breaker.window_s:g} s"
        return f"{self.breaker.failures} failures {within} open it"

    def _tell(self, edge: Edge, at_s: float, text: str) -> None:
        self.found.append(IllegalEdge(edge=edge, at_s=at_s, text=text))
