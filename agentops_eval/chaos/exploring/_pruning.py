"""What need not be run: schedules whose behaviour follows from that of others, and the rule that says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from agentops_eval.chaos.exploring._coverage import SAME_BEHAVIOUR, SAME_CLASS
from agentops_eval.chaos.exploring._seen import Pick, Picks, Place, Seen


class Merging:
    """Which runs were expanded at which calls: runs that behave the same are expanded there only once."""

    def __init__(self, *, active: bool = True) -> None:
        self._active = active
        self._by: dict[tuple[str, str], Picks] = {}
        self._apart: set[str] = set()

    def claim(self, picks: Picks, seen: Seen) -> None:
        """Let these picks be who is expanded, wherever nobody of the same behaviour is yet."""
        for place in seen.places:
            self._by.setdefault((seen.signature, place.site), picks)

    def expands(self, picks: Picks, seen: Seen, place: Place) -> bool:
        """Whether this run is the one that is expanded at this call."""
        if not self._active or seen.signature in self._apart:
            return True
        return self._by.get((seen.signature, place.site), picks) == picks

    def part(self, signature: str) -> None:
        """Merge runs of this behaviour no more: one of them went on in another way."""
        self._apart.add(signature)


class Classes:
    """Which variants do the same to a callee: learnt from single faults at every call of it.

    A rule of thumb, right where what handles a fault depends on its effects alone. So an audit runs some of
    what it leaves out, and what it disagrees with is split again.
    """

    def __init__(self, *, active: bool = True) -> None:
        self._active = active
        self._leader: dict[tuple[str, int], int] = {}
        self._split: set[str] = set()

    def learn(self, places: Iterable[Place], singles: Mapping[Pick, Seen]) -> None:
        """Compare what variants did at all the calls of each callee. One that did not run leads itself."""
        if not self._active:
            return
        by_callee: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            by_callee[place.callee].append(place)
        for callee, standing in by_callee.items():
            leaders: dict[tuple[str, ...], int] = {}
            for number in sorted({number for place in standing for number in place.fits}):
                did = [singles.get((number, place.site)) for place in standing]
                told = tuple(one.signature for one in did if one is not None and not one.not_injected)
                if len(told) == len(standing):
                    self._leader[callee, number] = leaders.setdefault(told, number)

    def leader(self, callee: str, number: int) -> int:
        """The variant that stands for this one; itself where nothing is known."""
        if callee in self._split:
            return number
        return self._leader.get((callee, number), number)

    def split(self, callee: str) -> None:
        """Trust no class of this callee any more."""
        self._split.add(callee)

    def told(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        """The classes of each callee, by the numbers of their variants."""
        found: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for callee, number in sorted(self._leader):
            found[callee][self.leader(callee, number)].append(number)
        return {callee: tuple(map(tuple, classes.values())) for callee, classes in found.items()}


def rule_against(
    merging: Merging, classes: Classes, picks: Picks, seen: Seen, place: Place, number: int
) -> str:
    """The rule by which this extension need not be run; empty where it must."""
    if not merging.expands(picks, seen, place):
        return SAME_BEHAVIOUR
    if picks and not place.again and classes.leader(place.callee, number) != number:
        return SAME_CLASS
    return ""
