"""What a store of evidence shows as it stands: the latest of each kind, what is open, what is refused."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.domain import Evidence, Json, VerdictValue
from agentops_eval.harness.evidencing import (
    EVIDENCE,
    Doubt,
    KeptEvidence,
    Reading,
    is_taken,
    moment,
    name_kept,
)
from agentops_eval.reports import ImpactView, findings_of, impact_view

MOST_DECISIONS, MOST_REFUSED = 200, 200
_LARGEST_PROOF = 16 * 1024 * 1024
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Standing:
    """What is known of one key. ``in_force`` is the latest item that counts."""

    latest: KeptEvidence
    in_force: KeptEvidence | None = None
    passed: datetime = _NEVER
    failed: KeptEvidence | None = None
    harmed: KeptEvidence | None = None

    def take(self, kept: KeptEvidence, item: Evidence) -> None:
        self.latest = _later(self.latest, kept)
        if kept.counts:
            self.in_force = _later(self.in_force, kept)
        if item.harms:
            self.harmed = _later(self.harmed, kept)
        elif item.verdict is VerdictValue.FAIL:
            self.failed = _later(self.failed, kept)
        elif item.verdict is VerdictValue.PASS:
            self.passed = max(self.passed, _moment(kept))

    @property
    def open(self) -> KeptEvidence | None:
        """What no later pass took back: harm before a failure; of equal moments the worse wins."""
        found = (one for one in (self.harmed, self.failed) if one is not None and _moment(one) >= self.passed)
        return next(found, None)


def _moment(kept: KeptEvidence) -> datetime:
    found = moment(kept.evidence.at) if kept.evidence is not None else None
    return found or _NEVER


def _later(one: KeptEvidence | None, other: KeptEvidence) -> KeptEvidence:
    return other if one is None or _moment(other) >= _moment(one) else one


@dataclass(slots=True)
class Shown:
    """A store, read once. It keeps an item or a few for each agent, kind and subject."""

    standings: dict[str, dict[tuple[str, str], _Standing]] = field(default_factory=dict)
    items: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    more_refused: int = 0
    _decisions: list[tuple[datetime, int, KeptEvidence]] = field(default_factory=list)
    decisions_left: int = 0

    @property
    def count(self) -> int:
        """How many items there are."""
        return self.items.total()

    @property
    def agents(self) -> set[str]:
        """Whom the items are of."""
        return {agent for agent in self.items if agent}

    @property
    def kinds(self) -> set[str]:
        """Of what kinds there is something."""
        return {kind for some in self.standings.values() for kind, _ in some}

    @property
    def latest(self) -> list[KeptEvidence]:
        """Of each key the item that is shown for it: what is open, else what is in force, else the last."""
        return [one.open or one.in_force or one.latest for one in self._every()]

    @property
    def open(self) -> list[KeptEvidence]:
        """What is open: harm first, then the latest."""
        found = [kept for one in self._every() if (kept := one.open) is not None]
        return sorted(found, key=lambda kept: (bool(_of(kept).harms), _moment(kept)), reverse=True)

    def _every(self) -> Iterator[_Standing]:
        for some in self.standings.values():
            yield from some.values()

    def of_kind(self, kind: str, agent: str) -> list[KeptEvidence]:
        """Of each subject of an agent the item that is open, or counts; by its subject."""
        some = self.standings.get(agent, {}).items()
        found = ((subject, one.open or one.in_force) for (found, subject), one in some if found == kind)
        return [kept for _, kept in sorted(found, key=lambda one: one[0]) if kept is not None]

    def in_force(self, agent: str) -> list[KeptEvidence]:
        """What counts of an agent, the earliest first."""
        some = self.standings.get(agent, {}).values()
        return sorted((one.in_force for one in some if one.in_force is not None), key=_moment)

    @property
    def decisions(self) -> list[KeptEvidence]:
        """The latest decisions of gates, the last first."""
        return [kept for *_, kept in sorted(self._decisions, key=lambda one: one[:2], reverse=True)]

    def take(self, kept: KeptEvidence) -> None:
        """One item."""
        item = kept.evidence
        self.items["" if item is None else item.agent] += 1
        if kept.doubt not in (None, Doubt.EXPIRED):
            self._refuse(kept)
        if item is None or not is_taken(kept):
            return
        some = self.standings.setdefault(item.agent, {})
        standing = some.get((item.kind, item.subject))
        if standing is None:
            standing = some[item.kind, item.subject] = _Standing(kept)
        standing.take(kept, item)
        if item.kind == "gate":
            self._decide(kept)

    def _refuse(self, kept: KeptEvidence) -> None:
        if len(self.refused) < MOST_REFUSED:
            self.refused.append(f"{kept.place}: {kept.reason}")
        else:
            self.more_refused += 1

    def _decide(self, kept: KeptEvidence) -> None:
        entry = (_moment(kept), self.count, kept)
        if len(self._decisions) < MOST_DECISIONS:
            heapq.heappush(self._decisions, entry)
        else:
            heapq.heappushpop(self._decisions, entry)
            self.decisions_left += 1


def shown_in(root: Path, now: datetime) -> Shown:
    """Read the store below ``root``, as of ``now``. Raises OSError."""
    found = Shown()
    for kept in Reading(root, now=now):
        found.take(kept)
    return found


def _of(kept: KeptEvidence) -> Evidence:
    assert kept.evidence is not None
    return kept.evidence


def proof_of(root: Path, item: Evidence) -> Mapping[str, Json]:
    """The document that proves an item; empty where it is none, or none that can be read."""
    path = inside(root, item.source)
    try:
        if path is None or path.suffix != ".json" or path.stat().st_size > _LARGEST_PROOF:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def inside(root: Path, source: str) -> Path | None:
    """A file of the project by the name that an item gives it; None for what is not there, or elsewhere.

    Hidden files but our own are not there either: what proves anything never is one, and passwords often are.
    """
    try:
        path, whole = (root / source).resolve(), root.resolve()
        there = bool(source) and path.is_relative_to(whole) and path.is_file()
        hidden = there and any(one.startswith(".") for one in _not_ours(path.relative_to(whole).parts))
    except (OSError, ValueError, RuntimeError):
        return None
    return path if there and not hidden else None


def _not_ours(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a path below our own folder, or all of them."""
    return parts[1:] if parts[0] == EVIDENCE.parts[0] else parts


def details_of(root: Path, item: Evidence) -> tuple[str, ...]:
    """What the proof of a finding tells beyond the item, a line each."""
    return tuple(_details(proof_of(root, item), item))


def _details(proof: Mapping[str, Json], item: Evidence) -> Iterator[str]:
    for weakness in _listed(proof.get("weaknesses")):
        yield str(weakness)
    for row in _rows(proof.get("results")):
        if row.get("suite") == item.subject and row.get("value") != VerdictValue.PASS:
            yield f"{row.get('case')}, trial {row.get('trial')}: {row.get('value')}, {row.get('ending')}"
    for replay in _rows(proof.get("replays")):
        if replay.get("golden") == item.subject and replay.get("diverged"):
            yield str(replay["diverged"])
    decision = proof.get("decision")
    if isinstance(decision, Mapping):
        for reason in _rows(decision.get("reasons")):
            yield f"{reason.get('code')}: {reason.get('message')}"
    for check in _rows(proof.get("checks")):
        if check.get("check") == item.subject:
            yield from map(str, _listed(check.get("evidence")))


def impacts_of(root: Path, item: Evidence) -> tuple[ImpactView, ...]:
    """The runs under faults that show a finding, as its proof tells of them."""
    return tuple(_impacts(proof_of(root, item), item))


def _impacts(proof: Mapping[str, Json], item: Evidence) -> Iterator[ImpactView]:
    for check in _rows(proof.get("checks")):
        if check.get("check") == item.subject:
            yield from findings_of(check.get("findings"))
    yield from findings_of(proof.get("findings"))
    runs = [*_rows(proof.get("impacts"))]
    for journal in _rows(proof.get("journals")):
        runs += [run for run in _rows(journal.get("runs")) if "blast_radius" in run]
    for run in runs:
        if item.kind == "gameday" or name_kept(str(run.get("faults", ""))) == item.subject:
            view = impact_view(run)
            if view is not None:
                yield view


def _rows(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in _listed(value) if isinstance(one, Mapping)]


def _listed(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def versions_of(item: Evidence) -> dict[str, str]:
    """The versions that an item is about, without what is not known."""
    return {name: text for name, text in asdict(item.versions).items() if text}
