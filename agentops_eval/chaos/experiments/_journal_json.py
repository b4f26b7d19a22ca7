"""A journal as Chaos Toolkit writes it, and back; the lines of a journal's file, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

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
    to_json,
)

_OURS = ("path", "reason", "restored", "not_restored", "notes", "dry")


def journal_json(journal: Journal) -> dict[str, Json]:
    """The journal with Chaos Toolkit's keys; what only we know is under ``agentops``."""
    ours = {name: to_json(getattr(journal, name)) for name in _OURS}
    return {
        "chaoslib-version": journal.version,
        "platform": journal.platform,
        "node": journal.node,
        "experiment": dict(journal.experiment),
        "start": journal.start,
        "status": None if journal.status is None else str(journal.status),
        "deviated": journal.deviated,
        "steady_states": {
            "before": _state_json(journal.before),
            "after": _state_json(journal.after),
            "during": [_state_json(one) for one in journal.during],
        },
        "run": [_run_json(one) for one in journal.run],
        "rollbacks": [_run_json(one) for one in journal.rollbacks],
        "end": journal.end,
        "duration": journal.duration_s,
        "agentops": {name: value for name, value in ours.items() if value not in ("", [], False)},
    }


def _state_json(state: SteadyState | None) -> Json:
    if state is None:
        return None
    return {"steady_state_met": state.met, "probes": [_run_json(one) for one in state.probes]}


def _run_json(run: ActivityRun) -> dict[str, Json]:
    told: dict[str, Json] = {
        "activity": dict(run.activity),
        "output": run.output,
        "start": run.start,
        "status": None if run.status is None else str(run.status),
        "end": run.end,
        "duration": run.duration_s,
    }
    if run.tolerance_met is not None:
        told["tolerance_met"] = run.tolerance_met
    if run.exception:
        told["exception"] = list(run.exception)
    if run.told:
        told["told"] = run.told
    if run.dry:
        told["dry"] = True
    return told


class _Run(msgspec.Struct, kw_only=True):
    activity: dict[str, Any]
    output: Any = None
    start: str | None = ""
    status: ActivityStatus | None = None
    end: str | None = ""
    duration: float | None = 0.0
    tolerance_met: bool | None = None
    exception: list[str] | str | None = None
    told: str = ""
    dry: bool = False

    def made(self) -> ActivityRun:
        """As the domain says it."""
        lines = [self.exception] if isinstance(self.exception, str) else self.exception or []
        return ActivityRun(
            activity=self.activity,
            status=self.status,
            output=self.output,
            start=self.start or "",
            end=self.end or "",
            duration_s=self.duration or 0.0,
            tolerance_met=self.tolerance_met,
            exception=tuple(lines),
            told=self.told,
            dry=self.dry,
        )


class _State(msgspec.Struct, kw_only=True):
    steady_state_met: bool | None = None
    probes: list[_Run] = []

    def made(self) -> SteadyState:
        """As the domain says it."""
        return SteadyState(met=self.steady_state_met, probes=tuple(one.made() for one in self.probes))


class _States(msgspec.Struct, kw_only=True):
    before: _State | None = None
    after: _State | None = None
    during: list[_State | None] | None = None


class _Ours(msgspec.Struct, kw_only=True):
    path: str = ""
    reason: str = ""
    restored: list[str] = []
    not_restored: list[str] = []
    notes: list[str] = []
    dry: bool = False


class _Journal(msgspec.Struct, kw_only=True, rename={"version": "chaoslib-version"}):
    experiment: dict[str, Any]
    version: str = ""
    platform: str = ""
    node: str = ""
    start: str = ""
    status: JournalStatus | None = None
    deviated: bool = False
    steady_states: _States = msgspec.field(default_factory=_States)
    run: list[_Run] = []
    rollbacks: list[_Run] | None = None
    end: str = ""
    duration: float = 0.0
    agentops: _Ours = msgspec.field(default_factory=_Ours)


def journal_from_json(document: object, *, where: str = "") -> Journal:
    """The journal that Chaos Toolkit or ``journal_json`` wrote; keys that are not known are passed over.

    Raises JournalInvalid where it is something else; ``where`` names the file.
    """
    try:
        read = msgspec.convert(document, _Journal)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        what = f"this is no journal: {error}"
        remedy = "give what `chaos run --json` or Chaos Toolkit's --journal-path wrote"
        raise JournalInvalid(what, where=where, remedy=remedy) from None
    states, ours = read.steady_states, read.agentops
    return Journal(
        experiment=read.experiment,
        start=read.start,
        end=read.end,
        duration_s=read.duration,
        status=read.status,
        deviated=read.deviated,
        before=None if states.before is None else states.before.made(),
        after=None if states.after is None else states.after.made(),
        during=tuple(one.made() for one in states.during or () if one is not None),
        run=tuple(one.made() for one in read.run),
        rollbacks=tuple(one.made() for one in read.rollbacks or ()),
        version=read.version,
        platform=read.platform,
        node=read.node,
        path=ours.path,
        reason=ours.reason,
        restored=tuple(ours.restored),
        not_restored=tuple(ours.not_restored),
        notes=tuple(ours.notes),
        dry=ours.dry,
    )


def entry_json(entry: JournalEntry) -> dict[str, Json]:
    """One line of a journal's file."""
    told: dict[str, Json] = {"kind": str(entry.kind), "at": entry.at, "n": entry.number}
    if entry.experiment:
        told["experiment"] = entry.experiment
    if entry.part:
        told["part"] = entry.part
    if entry.data:
        told["data"] = dict(entry.data)
    return told


class _Entry(msgspec.Struct, kw_only=True):
    kind: EntryKind
    at: str
    n: int
    experiment: int = 0
    part: str = ""
    data: dict[str, Any] = {}


def entries_from_lines(lines: Iterable[bytes], *, where: str = "") -> tuple[JournalEntry, ...]:
    """The entries of a journal's file; a last line that was cut off, as by a crash, is left out.

    Raises JournalInvalid, naming the line, for anything else that is not as it was written.
    """
    found: list[JournalEntry] = []
    for number, line in enumerate(lines, start=1):
        if not line.endswith(b"\n"):
            break
        try:
            read = msgspec.json.decode(line, type=_Entry)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            what = f"a line of the journal is not as it was written: {error}"
            raise JournalInvalid(what, where=f"{where}:{number}", remedy="restore the file") from None
        if read.n != number:
            what = f"line {number} of the journal is numbered {read.n}: lines are missing or were moved"
            raise JournalInvalid(what, where=f"{where}:{number}", remedy="restore the file")
        found.append(
            JournalEntry(
                kind=read.kind,
                at=read.at,
                number=read.n,
                experiment=read.experiment,
                part=read.part,
                data=read.data,
            )
        )
    return tuple(found)


def data_of(entry: JournalEntry, name: str) -> Mapping[str, Json]:
    """A mapping inside of an entry's data, empty where there is none."""
    found = entry.data.get(name)
    return found if isinstance(found, Mapping) else {}
