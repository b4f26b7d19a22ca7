"""Making a failing schedule small: fewest faults, smallest parameters, single calls in place of windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from agentops_eval.chaos._kind import Kind
from agentops_eval.domain import Fault, Injection, Schedule, Where

EXACT = 4
"""Up to so many faults every subset is tried, which gives a true minimum; above it, ever larger parts go."""
SCANNED = 8
"""So many smaller parameters are tried one by one, the least first; of more, halves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a schedule did: whether it fails for the same reason, and what it injected."""

    fails: bool
    injections: tuple[Injection, ...] = ()
    whole: bool = True


Try = Callable[[Schedule], Trial]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """The smallest schedule that was found, in so many runs. ``spent`` says that these ran out."""

    schedule: Schedule
    runs: int
    spent: bool = False


class _Spent(Exception):
    """No run is left."""


class _Shrinker:
    def __init__(self, attempt: Try, kinds: Mapping[str, Kind], most: int) -> None:
        self._attempt = attempt
        self._kinds = kinds
        self._most = most
        self._known: dict[str, Trial] = {}
        self.runs = 0

    def trial(self, schedule: Schedule) -> Trial:
        """Run a schedule once. A fault that did not happen is none of a smallest schedule."""
        key = schedule.digest
        if key not in self._known:
            if self.runs >= self._most:
                raise _Spent
            self.runs += 1
            self._known[key] = self._attempt(schedule)
        return self._known[key]

    def fails(self, schedule: Schedule) -> bool:
        """Whether it fails for the same reason, with every fault injected."""
        found = self.trial(schedule)
        return found.fails and found.whole

    # -- fewer faults -------------------------------------------------------------------------

    def fewer(self, schedule: Schedule) -> Schedule:
        """No subset of the result fails; above four faults, no result of taking one away does."""
        faults = schedule.faults
        if len(faults) <= EXACT:
            return next((one for one in _subsets(schedule) if self.fails(one)), schedule)
        return self._ddmin(schedule)

    def _ddmin(self, schedule: Schedule) -> Schedule:
        parts = 2
        while len(schedule) >= 2:
            size = -(-len(schedule) // parts)
            smaller = next((one for one in _without(schedule, size) if self.fails(one)), None)
            if smaller is not None:
                schedule, parts = smaller, max(parts - 1, 2)
            elif size == 1:
                break
            else:
                parts = min(2 * parts, len(schedule))
        return self.fewer(schedule) if 1 < len(schedule) <= EXACT else schedule

    # -- smaller parameters -------------------------------------------------------------------

    def lesser(self, schedule: Schedule) -> Schedule:
        """Each fault with the least parameters of its kind that still fail."""
        for number, fault in enumerate(schedule.faults):
            kind = self._kinds.get(fault.kind)
            found = None if kind is None else self._least(schedule, number, kind)
            schedule = schedule if found is None else found
        return schedule

    def _least(self, schedule: Schedule, number: int, kind: Kind) -> Schedule | None:
        fault, best = schedule.faults[number], None
        while True:
            whole = {**kind.parameters, **fault.parameters}
            steps = [one for one in kind.smaller(whole) if {**whole, **one} != whole]
            options = [
                _with(schedule, number, replace(fault, parameters={**fault.parameters, **one}))
                for one in steps
            ]
            found = self._first(options)
            if found is None:
                return best
            best, fault = found, found.faults[number]

    def _first(self, options: Sequence[Schedule]) -> Schedule | None:
        """The first that fails: among few by looking at each, among many as if all behind it failed too."""
        if len(options) <= SCANNED:
            return next((one for one in options if self.fails(one)), None)
        low, high = 0, len(options) - 1
        if not self.fails(options[high]):
            return next((one for one in options[:SCANNED] if self.fails(one)), None)
        while low < high:
            middle = (low + high) // 2
            if self.fails(options[middle]):
                high = middle
            else:
                low = middle + 1
        return options[high]

    # -- single calls -------------------------------------------------------------------------

    def single(self, schedule: Schedule) -> Schedule:
        """Faults that hit many calls, or draw whom they hit, made to hit the one that matters."""
        for number, fault in enumerate(schedule.faults):
            where = fault.where
            if where.site or (len(where.nth) == 1 and where.probability >= 1):
                continue
            hit = [one.site for one in self.trial(schedule).injections if one.number == number]
            options = [_at(schedule, number, site) for site in hit]
            schedule = next((one for one in options if self.fails(one)), schedule)
        return schedule

    def spelled(self, schedule: Schedule, names: Callable[[str], Sequence[Where]]) -> Schedule:
        """Sites written as people would, where that hits the same calls."""
        wanted = _hits(self.trial(schedule))
        for number, fault in enumerate(schedule.faults):
            for where in names(fault.where.site) if fault.where.site else ():
                one = _with(schedule, number, replace(fault, where=where))
                if self.fails(one) and _hits(self.trial(one)) == wanted:
                    schedule = one
                    break
        return schedule


def shrink(
    schedule: Schedule,
    attempt: Try,
    *,
    kinds: Mapping[str, Kind],
    names: Callable[[str], Sequence[Where]] | None = None,
    most: int = 200,
) -> Shrunk:
    """The smallest schedule that fails as this one does, by at most so many runs.

    Fewest faults first, then the least parameters, then single calls in place of windows and chances.
    ``names`` gives other ways to say a site, the best first. One that does not fail comes back as it is.
    """
    shrinker = _Shrinker(attempt, kinds, most)
    best, spent = schedule, False
    try:
        if shrinker.trial(schedule).fails:
            for step in (shrinker.fewer, shrinker.single, shrinker.lesser, shrinker.fewer):
                best = step(best)
            if names is not None:
                best = shrinker.spelled(best, names)
    except _Spent:
        spent = True
    return Shrunk(schedule=best, runs=shrinker.runs, spent=spent)


def _subsets(schedule: Schedule) -> Iterator[Schedule]:
    """Every smaller part but the empty one, the smallest first."""
    for size in range(1, len(schedule)):
        for faults in combinations(schedule.faults, size):
            yield replace(schedule, faults=faults)


def _without(schedule: Schedule, size: int) -> Iterator[Schedule]:
    """The schedule less each run of so many faults."""
    faults = schedule.faults
    for start in range(0, len(faults), size):
        left = faults[:start] + faults[start + size :]
        if left:
            yield replace(schedule, faults=left)


def _with(schedule: Schedule, number: int, fault: Fault) -> Schedule:
    faults = schedule.faults
    return replace(schedule, faults=(*faults[:number], fault, *faults[number + 1 :]))


def _at(schedule: Schedule, number: int, site: str) -> Schedule:
    return _with(schedule, number, replace(schedule.faults[number], where=Where(site=site)))


def _hits(trial: Trial) -> list[tuple[int, str]]:
    return [(one.number, one.site) for one in trial.injections]
