"""What a stream of evidence comes to: of each kind and subject the little that decides, in any order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import translate
from heapq import heappush, heappushpop
from typing import NamedTuple

from agentops_eval.domain import OTHER_HARM, Evidence, VerdictValue, shorten
from agentops_eval.scorecard._criteria import KNOWN_HARMS, Check, Criterion

_TOLD = 200

MOST_CITED = 50
"""So many items are cited for one thing, the latest ones; no criterion asks for more subjects."""


class Cited(NamedTuple):
    """An item, as much of it as a scorecard tells. Of several the largest is kept, whatever the order."""

    moment: datetime
    digest: str
    subject: str
    source: str
    told: str = ""


class Asked:
    """One criterion, and of what does not show it the latest. ``at`` is the moment of the scorecard."""

    def __init__(self, criterion: Criterion, at: datetime) -> None:
        check = criterion.check or Check(kind="attestation", subject=criterion.id)
        self.criterion = criterion
        self.check = check
        self.lacking: Cited | None = None
        self.expired: Cited | None = None
        self.untold: Cited | None = None
        self._oldest = None if check.max_age_days is None else at - timedelta(days=check.max_age_days)
        self._fits = re.compile(translate(check.subject)).match

    def is_about(self, subject: str) -> bool:
        """Whether evidence about that subject may show it."""
        return self._fits(subject) is not None

    def is_met(self, cited: Cited, measures: Mapping[str, float], *, in_force: bool) -> bool:
        """Whether a pass without harm shows it; what is missing where it does not is kept."""
        short = [one.lacking(measures) for one in self.check.measures if not one.holds(measures)]
        if short:
            if in_force:
                self.lacking = latest(self.lacking, cited._replace(told="; ".join(short)))
            return False
        if not in_force or (self._oldest is not None and cited.moment < self._oldest):
            self.expired = latest(self.expired, cited)
            return False
        return True


@dataclass(slots=True)
class Subject:
    """What is known of one kind and subject: the latest item that shows each criterion, and what came after.

    ``passed`` is the moment of the latest pass without harm, whatever it shows.
    """

    asked: Sequence[Asked]
    met: list[Cited | None]
    failed: Cited | None = None
    passed: datetime | None = None
    harms: dict[str, Cited] | None = None

    def take(self, cited: Cited, measures: Mapping[str, float], *, in_force: bool) -> None:
        """A pass without harm."""
        self.passed = cited.moment if self.passed is None else max(self.passed, cited.moment)
        for at, asked in enumerate(self.asked):
            if asked.is_met(cited, measures, in_force=in_force):
                self.met[at] = latest(self.met[at], cited)

    def take_failure(self, cited: Cited, harms: Iterable[str]) -> None:
        """A failure, or anything that shows harm."""
        self.failed = latest(self.failed, cited)
        for harm in harms:
            self.harms = self.harms or {}
            known = harm if harm in KNOWN_HARMS else OTHER_HARM
            self.harms[known] = latest(self.harms.get(known), cited)

    def take_unknown(self, cited: Cited) -> None:
        """Nothing could be told: that is kept for the reason, and takes nothing back."""
        for asked in self.asked:
            asked.untold = latest(asked.untold, cited)

    def holding(self) -> Iterator[tuple[Asked, Cited]]:
        """The criteria that it shows, each with its item; of equal moments the failure wins."""
        for asked, cited in zip(self.asked, self.met, strict=True):
            if cited is not None and (self.failed is None or self.failed.moment < cited.moment):
                yield asked, cited

    def failing(self) -> Iterator[tuple[Asked, Cited]]:
        """The criteria that it fails, where no pass came after the latest failure."""
        if self.failed is not None and (self.passed is None or self.passed <= self.failed.moment):
            for asked in self.asked:
                yield asked, self.failed

    def standing(self) -> Iterator[tuple[str, Cited]]:
        """Harms that nothing later took back; of equal moments the harm wins."""
        for harm, cited in (self.harms or {}).items():
            if self.passed is None or self.passed <= cited.moment:
                yield harm, cited


class Latest:
    """How many items there are, and the latest of them; no more than a scorecard cites."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[Cited] = []

    def add(self, cited: Cited) -> None:
        """One more."""
        self.count += 1
        if self.count <= MOST_CITED:
            heappush(self._kept, cited)
        else:
            heappushpop(self._kept, cited)

    def items(self) -> Sequence[Cited]:
        """The latest first."""
        return sorted(self._kept, reverse=True)


class Fold:
    """Takes items in any order. It keeps what its criteria need of each kind and subject, and no item."""

    def __init__(self, criteria: Sequence[Criterion], at: datetime) -> None:
        self.asked = [Asked(one, at) for one in criteria]
        self.subjects: dict[tuple[str, str], Subject] = {}
        self._by_kind: dict[str, list[Asked]] = {}
        for one in self.asked:
            self._by_kind.setdefault(one.check.kind, []).append(one)

    def take(self, evidence: Evidence, digest: str, moment: datetime, *, in_force: bool) -> None:
        """One item. A failure, a harm, and a pass that takes one back count whether in force or not."""
        kind, name = evidence.kind, evidence.subject
        subject = self.subjects.get((kind, name))
        if subject is None:
            asked = tuple(one for one in self._by_kind.get(kind, ()) if one.is_about(name))
            subject = self.subjects[kind, name] = Subject(asked, [None] * len(asked))
        cited = Cited(moment, digest, name, evidence.source)
        if evidence.harms or evidence.verdict is VerdictValue.FAIL:
            subject.take_failure(cited._replace(told=shorten(evidence.says, _TOLD)), evidence.harms)
        elif evidence.verdict is VerdictValue.PASS:
            subject.take(cited, evidence.measures, in_force=in_force)
        else:
            subject.take_unknown(cited._replace(told=shorten(evidence.says, _TOLD)))

    def outcomes(self) -> Mapping[str, tuple[Latest, Latest]]:
        """By criterion: the items that show it, one of each subject, and the failures that stand."""
        found = {one.criterion.id: (Latest(), Latest()) for one in self.asked}
        for subject in self.subjects.values():
            for asked, cited in subject.holding():
                found[asked.criterion.id][0].add(cited)
            for asked, cited in subject.failing():
                found[asked.criterion.id][1].add(cited)
        return found


def latest(kept: Cited | None, cited: Cited) -> Cited:
    """The later of two items; of equal moments always the same one."""
    return cited if kept is None else max(kept, cited)


def moment_of(text: str) -> datetime | None:
    """A moment in UTC; None for a text that is none, or that tells no zone."""
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
