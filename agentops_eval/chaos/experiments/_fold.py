"""What the lines of a journal's file add up to: journals, and what is still owed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentops_eval.domain import (
    ActivityRun,
    ActivityStatus,
    EntryKind,
    Journal,
    JournalEntry,
    JournalInvalid,
    JournalStatus,
    Json,
    SteadyState,
)

BEFORE, METHOD, AFTER, DURING, ROLLBACKS = "before", "method", "after", "during", "rollbacks"
"""The parts of an experiment that activities and looks belong to."""


@dataclass(slots=True, kw_only=True)
class _Look:
    part: str
    runs: list[int] = field(default_factory=list)
    met: bool | None = None


@dataclass(slots=True, kw_only=True)
class _Sum:
    """One experiment, as far as its lines tell."""

    journal: Journal = field(default_factory=Journal)
    runs: dict[int, ActivityRun] = field(default_factory=dict)
    parts: dict[str, list[int]] = field(default_factory=dict)
    looks: dict[int, _Look] = field(default_factory=dict)
    left: dict[tuple[int, str], str] = field(default_factory=dict)
    ended: bool = False

    def add(self, entry: JournalEntry) -> None:
        """Take one line in."""
        data = entry.data
        match entry.kind:
            case EntryKind.EXPERIMENT:
                self.journal = _begun(entry)
            case EntryKind.LOOK:
                if entry.part not in (BEFORE, AFTER, DURING):
                    raise ValueError(entry.part)
                self.looks[_number(data, "look")] = _Look(part=entry.part)
            case EntryKind.LOOKED:
                met = data.get("met")
                self.looks[_number(data, "look")].met = met if isinstance(met, bool) else None
            case EntryKind.START:
                self._start(entry)
            case EntryKind.END:
                number = _number(data, "id")
                self.runs[number] = _ended(self.runs[number], entry)
            case EntryKind.RESTORED:
                self._restored(data)
            case EntryKind.STOP:
                self.journal = replace(self.journal, reason=str(data.get("reason", "")))
            case EntryKind.ENDED:
                self._end(entry)
            case _:
                pass

    def _start(self, entry: JournalEntry) -> None:
        number = _number(entry.data, "id")
        activity = entry.data.get("activity")
        self.runs[number] = ActivityRun(
            activity=activity if isinstance(activity, Mapping) else {},
            start=entry.at,
            dry=entry.data.get("dry") is True,
        )
        look = entry.data.get("look")
        if isinstance(look, int):
            self.looks[look].runs.append(number)
        else:
            self.parts.setdefault(entry.part, []).append(number)

    def _restored(self, data: Mapping[str, Json]) -> None:
        what, why, number = str(data.get("what", "")), str(data.get("error", "")), _number(data, "id")
        key = (number, "" if number else what)  # rollbacks have no number
        if why:
            self.left[key] = f"{what}: {why}"
            return
        self.left.pop(key, None)
        if what:
            self.journal = replace(self.journal, restored=(*self.journal.restored, what))

    def _end(self, entry: JournalEntry) -> None:
        duration = entry.data.get("duration", 0.0)
        self.ended = True
        self.journal = replace(
            self.journal,
            end=entry.at,
            status=JournalStatus(str(entry.data.get("status"))),
            deviated=entry.data.get("deviated") is True,
            duration_s=duration if isinstance(duration, (int, float)) else 0.0,
        )

    def total(self) -> Journal:
        """The journal that the lines add up to."""
        if self.ended:
            cut = {n: run for n, run in self.runs.items() if run.status is None}
            self.runs |= {n: replace(run, status=ActivityStatus.ABORTED) for n, run in cut.items()}
        states: dict[str, list[SteadyState]] = {BEFORE: [], AFTER: [], DURING: []}
        for look in self.looks.values():
            runs = tuple(self.runs[number] for number in look.runs)
            states[look.part].append(SteadyState(met=look.met, probes=runs))
        return replace(
            self.journal,
            not_restored=tuple(self.left.values()),
            before=states[BEFORE][0] if states[BEFORE] else None,
            after=states[AFTER][0] if states[AFTER] else None,
            during=tuple(states[DURING]),
            run=tuple(self.runs[number] for number in self.parts.get(METHOD, ())),
            rollbacks=tuple(self.runs[number] for number in self.parts.get(ROLLBACKS, ())),
        )


def _begun(entry: JournalEntry) -> Journal:
    data = entry.data
    source, notes = data.get("experiment"), data.get("notes")
    return Journal(
        experiment=source if isinstance(source, Mapping) else {},
        start=entry.at,
        version=str(data.get("version", "")),
        platform=str(data.get("platform", "")),
        node=str(data.get("node", "")),
        path=str(data.get("path", "")),
        notes=tuple(map(str, notes)) if isinstance(notes, list) else (),
        dry=data.get("dry") is True,
    )


def _ended(run: ActivityRun, entry: JournalEntry) -> ActivityRun:
    data = entry.data
    met, lines, duration = data.get("tolerance_met"), data.get("exception"), data.get("duration")
    return replace(
        run,
        status=ActivityStatus(str(data.get("status"))),
        output=data.get("output"),
        end=entry.at,
        duration_s=duration if isinstance(duration, (int, float)) else 0.0,
        tolerance_met=met if isinstance(met, bool) else None,
        exception=tuple(map(str, lines)) if isinstance(lines, list) else (),
        told=str(data.get("told", "")),
    )


def _number(data: Mapping[str, Json], name: str) -> int:
    found = data.get(name)
    return found if isinstance(found, int) else 0


def journals_of(entries: Iterable[JournalEntry]) -> tuple[Journal, ...]:
    """The journals of all experiments that a file tells of, in order, finished or not.

    Raises JournalInvalid for lines that do not go together.
    """
    sums: dict[int, _Sum] = {}
    for entry in entries:
        if entry.experiment:
            try:
                sums.setdefault(entry.experiment, _Sum()).add(entry)
            except (KeyError, ValueError):
                what = f"line {entry.number} of the journal does not go with those before it"
                raise JournalInvalid(what, remedy="restore the file") from None
    return tuple(one.total() for _, one in sorted(sums.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What one experiment that was cut off has left: things to undo by number, the last first.

    ``rolled_back`` has the places of the rollbacks that are done. ``ended`` is what its last line said, where
    it ended and not everything could be undone then.
    """

    experiment: int
    begun_at: str = ""
    ended: Mapping[str, Json] = field(default_factory=dict)
    undo: tuple[tuple[int, Mapping[str, Json]], ...] = ()
    rolled_back: frozenset[int] = frozenset()
    source: Mapping[str, Json] = field(default_factory=dict)
    path: str = ""
    digest: str = ""


def owed_of(entries: Sequence[JournalEntry]) -> tuple[Owed, ...]:
    """What has to be undone after a crash, the last experiment first; those that ended whole owe nothing."""
    begun = {entry.experiment: entry for entry in entries if entry.kind is EntryKind.EXPERIMENT}
    found = [_owed(number, entry, entries) for number, entry in sorted(begun.items(), reverse=True)]
    return tuple(one for one in found if one is not None)


def _owed(number: int, begun: JournalEntry, entries: Sequence[JournalEntry]) -> Owed | None:
    mine = [entry for entry in entries if entry.experiment == number]
    restored = {
        _number(entry.data, "id")
        for entry in mine
        if entry.kind is EntryKind.RESTORED and not entry.data.get("error")
    }
    undo = [
        (_number(entry.data, "id"), undoing)
        for entry in mine
        if entry.kind is EntryKind.OWED and isinstance(undoing := entry.data.get("undo"), Mapping)
    ]
    left = tuple(one for one in reversed(undo) if one[0] not in restored)
    ended = [entry.data for entry in mine if entry.kind is EntryKind.ENDED]
    last: Mapping[str, Json] = ended[-1] if ended else {}
    if last and not left and not last.get("not_restored"):
        return None
    source = begun.data.get("experiment")
    return Owed(
        experiment=number,
        begun_at=begun.at,
        ended=last,
        undo=left,
        rolled_back=_rolled_back(mine),
        source=source if isinstance(source, Mapping) else {},
        path=str(begun.data.get("path", "")),
        digest=str(begun.data.get("digest", "")),
    )


def _rolled_back(mine: Sequence[JournalEntry]) -> frozenset[int]:
    """The places of the rollbacks that were carried out."""
    places = {
        _number(entry.data, "id"): _number(entry.data, "place")
        for entry in mine
        if entry.kind is EntryKind.START and entry.part == ROLLBACKS
    }
    succeeded = {
        places[_number(entry.data, "id")]
        for entry in mine
        if entry.kind is EntryKind.END
        and _number(entry.data, "id") in places
        and entry.data.get("status") == ActivityStatus.SUCCEEDED
    }
    return frozenset(succeeded)


def entry_id(entry: JournalEntry) -> int:
    """The greatest number that an entry gives to something, 0 where it gives none."""
    return max(_number(entry.data, "id"), _number(entry.data, "look"))
