"""What a stream of evidence comes to: of each kind and subject the little that decides, in any order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import translate
from typing import NamedTuple

from agentops_eval.domain import Evidence, VerdictValue
from agentops_eval.scorecard._criteria import KNOWN_HARMS, Check, Criterion

OTHER_HARM = "other"
"""What a harm is called whose name nobody knows: names that agents make up take no room."""


class Cited(NamedTuple):
    """An item, as much of it as a scorecard tells. Of several the largest is kept, whatever the order."""

    moment: datetime
    digest: str
    subject: str
    source: str
    told: str = ""


@dataclass(slots=True)
class Subject:
    """What is known of one kind and subject: its latest failure, pass without harm, and harms."""

    asked: Sequence[Asked] = ()
    failed: Cited | None = None
    passed: datetime | None = None
    harms: dict[str, Cited] = field(default_factory=dict)

    def failing(self) -> bool:
        """Whether no pass came after the latest failure."""
        return self.failed is not None and (self.passed is None or self.passed <= self.failed.moment)

    def standing(self) -> Iterator[tuple[str, Cited]]:
        """Harms that nothing later took back; of equal moments the harm wins."""
        for harm, cited in self.harms.items():
            if self.passed is None or self.passed <= cited.moment:
                yield harm, cited


class Asked:
    """One criterion, and what was seen that may show it. ``at`` is the moment of the scorecard."""

    def __init__(self, criterion: Criterion, at: datetime) -> None:
        check = criterion.check or Check(kind="attestation", subject=criterion.id)
        self.criterion = criterion
        self.check = check
        self.met: dict[str, Cited] = {}
        self.lacking: Cited | None = None
        self.expired: Cited | None = None
        self._oldest = None if check.max_age_days is None else at - timedelta(days=check.max_age_days)
        self._fits = re.compile(translate(check.subject)).match

    def is_about(self, subject: str) -> bool:
        """Whether evidence about that subject may show it."""
        return self._fits(subject) is not None

    def take(self, cited: Cited, measures: Mapping[str, float], *, in_force: bool) -> None:
        """A pass without harm."""
        short = [one.lacking(measures) for one in self.check.measures if not one.holds(measures)]
        if short:
            if in_force:
                self.lacking = latest(self.lacking, cited._replace(told="; ".join(short)))
        elif not in_force or (self._oldest is not None and cited.moment < self._oldest):
            self.expired = latest(self.expired, cited)
        else:
            self.met[cited.subject] = max(self.met.get(cited.subject, cited), cited)


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
            subject = self.subjects[kind, name] = self._subject(kind, name)
        cited = Cited(moment, digest, name, evidence.source)
        if evidence.harms or evidence.verdict is VerdictValue.FAIL:
            subject.failed = latest(subject.failed, cited)
            for harm in evidence.harms:
                known = harm if harm in KNOWN_HARMS else OTHER_HARM
                subject.harms[known] = latest(subject.harms.get(known), cited)
        elif evidence.verdict is VerdictValue.PASS:
            subject.passed = moment if subject.passed is None else max(subject.passed, moment)
            for asked in subject.asked:
                asked.take(cited, evidence.measures, in_force=in_force)

    def _subject(self, kind: str, name: str) -> Subject:
        return Subject(asked=tuple(one for one in self._by_kind.get(kind, ()) if one.is_about(name)))

    def holding(self, asked: Asked) -> list[Cited]:
        """The items that show a criterion, one of each subject, the latest first."""
        kind = asked.check.kind
        alive = []
        for name, cited in asked.met.items():
            failed = self.subjects[kind, name].failed
            if failed is None or failed.moment < cited.moment:
                alive.append(cited)
        return sorted(alive, reverse=True)

    def failing(self) -> Mapping[str, Sequence[Cited]]:
        """The failures that stand, the latest first, by the criteria that they are about."""
        found: dict[str, list[Cited]] = {}
        for one in self.subjects.values():
            if one.failed is not None and one.failing():
                for asked in one.asked:
                    found.setdefault(asked.criterion.id, []).append(one.failed)
        return {id_: sorted(items, reverse=True) for id_, items in found.items()}


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
