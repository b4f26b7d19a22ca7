"""The search itself, without running anything: which schedules to run next, and what follows from them.

Level by level. A schedule is extended by one fault at a call that comes later in its run than its last
fault, so calls that only a fault reveals (a retry, a fallback) are found, and each set of faults is tried
once. Within a level nothing depends on the order in which runs end, so they may run side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from agentops_eval.chaos.exploring._coverage import (
    NOT_INJECTED,
    NOT_REACHED,
    SAME_BEHAVIOUR,
    SAME_CLASS,
    Counts,
)
from agentops_eval.chaos.exploring._pruning import Classes, Merging, rule_against
from agentops_eval.chaos.exploring._seen import Pick, Picks, Place, Seen

SYSTEMATIC = 2
"""Schedules of so many faults are enumerated; larger ones are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A pruned schedule that did what no other schedule had done: the rule was wrong there."""

    picks: Picks
    rule: str
    callee: str


class Search:
    """Takes what runs showed, and says what to run next. ``audit`` is the share of pruned ones to run.

    With ``merge`` or ``classify`` off, nothing is pruned by that rule.
    """

    def __init__(
        self, *, audit: float = 0.0, seed: int = 0, merge: bool = True, classify: bool = True
    ) -> None:
        self.audit = audit
        self._seed = seed
        self.merging = Merging(active=merge)
        self.classes = Classes(active=classify)
        self.seen: dict[Picks, Seen] = {}
        self.behaviours: dict[str, Picks] = {}
        self.levels: list[list[Picks]] = [[], [], []]
        self.audited: dict[Picks, str] = {}
        self.disagreements: list[Disagreement] = []
        self._ran: Counter[tuple[Picks, str]] = Counter()
        self._sampled: list[tuple[Picks, str, str]] = []

    # -- what is known ------------------------------------------------------------------------

    def take(self, picks: Picks, seen: Seen) -> bool:
        """Keep what a run showed. Whether its behaviour is new."""
        self.seen[picks] = seen
        while len(self.levels) <= len(picks):
            self.levels.append([])
        self.levels[len(picks)].append(picks)
        if picks:
            self._ran[picks[:-1], picks[-1][1]] += 1
        if seen.not_injected:
            return False
        self.merging.claim(picks, seen)
        new = seen.signature not in self.behaviours
        self.behaviours.setdefault(seen.signature, picks)
        return new

    @property
    def base(self) -> Seen:
        """The run without a fault."""
        return self.seen[()]

    def learn(self) -> None:
        """Learn classes of kinds from the singles, once they all ran."""
        singles: Mapping[Pick, Seen] = {picks[0]: self.seen[picks] for picks in self.levels[1]}
        self.classes.learn(self.base.places, singles)

    # -- what to run --------------------------------------------------------------------------

    def wave(self, size: int) -> Iterator[Picks]:
        """The schedules of this size that must be run and were not yet, in order.

        Of those that need not be run it draws a sample for ``audit_wave``; a second wave draws anew.
        """
        self._sampled = []
        random = Random(f"{self._seed}/{size}/{len(self.seen)}")  # noqa: S311  # to be repeated
        for parent in list(self.levels[size - 1]):
            seen = self.seen[parent]
            if seen.not_injected:
                continue
            for place in seen.places:
                yield from self._extensions(parent, seen, place, random)

    def _extensions(self, parent: Picks, seen: Seen, place: Place, random: Random) -> Iterator[Picks]:
        for number in place.fits:
            picks = (*parent, (number, place.site))
            if picks in self.seen:
                continue
            rule = rule_against(self.merging, self.classes, parent, seen, place, number)
            if not rule:
                yield picks
            elif self.audit and random.random() < self.audit:
                self._sampled.append((picks, rule, place.callee))

    def audit_wave(self) -> list[Picks]:
        """Pruned schedules to run after all, drawn while the last wave was told."""
        return [picks for picks, _, _ in self._sampled]

    def check(self) -> bool:
        """Compare what was audited with what is known; whether something must be run that was pruned.

        Each behaviour has to be one that was seen before the audit. A rule that was wrong is taken back.
        """
        before = {one for one in self.behaviours if self.behaviours[one] not in self._sampled_set()}
        found = len(self.disagreements)
        for picks, rule, callee in self._sampled:
            seen = self.seen.get(picks)
            if seen is None:  # cut by the budget
                continue
            self.audited[picks] = rule
            if seen.not_injected or seen.signature in before:
                continue
            self.disagreements.append(Disagreement(picks=picks, rule=rule, callee=callee))
            if rule == SAME_BEHAVIOUR:
                self.merging.part(self.seen[picks[:-1]].signature)
            else:
                self.classes.split(callee)
        self._sampled = []
        return len(self.disagreements) > found

    def _sampled_set(self) -> set[Picks]:
        return {picks for picks, _, _ in self._sampled}

    # -- what was covered ---------------------------------------------------------------------

    def counts(self, size: int) -> Counts:
        """Where each schedule of this size went. Of what the budget cut, only what was known is counted."""
        counts = Counts()
        for parent, seen in self._parents(size):
            if seen is None or seen.not_injected:
                left = sum(len(place.fits) for place in self._behind(parent))
                if seen is None:
                    counts.cut += left
                else:
                    counts.unreachable[NOT_INJECTED] += left
                continue
            for place in seen.places:
                self._count(counts, parent, seen, place)
            reached = {place.site for place in seen.places}
            lost = sum(len(place.fits) for place in self._behind(parent) if place.site not in reached)
            if lost:
                counts.unreachable[NOT_REACHED] += lost
        return counts

    def _parents(self, size: int) -> Iterator[tuple[Picks, Seen | None]]:
        """The schedules of one fault less, with what is known of them."""
        if size == 1:
            yield (), self.base
            return
        for place in self.base.places:
            for number in place.fits:
                yield ((number, place.site),), self.seen.get(((number, place.site),))

    def _behind(self, parent: Picks) -> list[Place]:
        """The calls of the fault-free run that come later than the last fault."""
        sites = [place.site for place in self.base.places]
        return list(self.base.places[sites.index(parent[-1][1]) + 1 :]) if parent else []

    def _count(self, counts: Counts, parent: Picks, seen: Seen, place: Place) -> None:
        fits, ran = place.fits, self._ran[parent, place.site]
        if ran:
            missed = sum(bool(one and one.not_injected) for one in self._tried(parent, place))
            counts.covered += ran - missed
            if missed:
                counts.unreachable[NOT_INJECTED] += missed
        if ran == len(fits):
            return
        if not self.merging.expands(parent, seen, place):
            counts.pruned[SAME_BEHAVIOUR] += len(fits) - ran
            return
        left = [number for number in fits if (*parent, (number, place.site)) not in self.seen]
        classed = bool(parent) and not place.again
        same = sum(1 for number in left if classed and self.classes.leader(place.callee, number) != number)
        if same:
            counts.pruned[SAME_CLASS] += same
        counts.cut += len(left) - same

    def _tried(self, parent: Picks, place: Place) -> Iterator[Seen | None]:
        for number in place.fits:
            yield self.seen.get((*parent, (number, place.site)))
