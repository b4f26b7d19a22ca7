"""Game days to report on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentops_eval.domain import (
    ActivityRun,
    ActivityStatus,
    EntryKind,
    GamedayEnding,
    GamedayReport,
    Journal,
    JournalEntry,
    JournalStatus,
    SteadyState,
    Weakness,
    WeaknessKind,
)
from tests.reports.chaos._impacts import impact


def at(second: int) -> str:
    """A time of the day."""
    return f"2026-05-01T09:{second // 60:02d}:{second % 60:02d}+00:00"


def entry(second: int, kind: EntryKind, part: str = "", experiment: int = 1, **data: Any) -> JournalEntry:
    """A line of its journal."""
    return JournalEntry(
        kind=kind, at=at(second), number=second + 1, experiment=experiment, part=part, data=data
    )


def day(text: str = "the cache goes away", **changes: Any) -> GamedayReport:
    """A day with an experiment that deviated and one that was not begun; ``text`` is wherever one may be."""
    probe: dict[str, Any] = {"type": "probe", "name": text, "provider": {"type": "http"}}
    action: dict[str, Any] = {"type": "action", "name": text, "provider": {"type": "process"}}
    broken = ActivityRun(
        activity=probe, status=ActivityStatus.SUCCEEDED, output=500, tolerance_met=False, told=text
    )
    acted = ActivityRun(activity=action, status=ActivityStatus.FAILED, exception=(text,), start=at(3))
    undone = ActivityRun(activity=action, status=ActivityStatus.SUCCEEDED)
    journal = Journal(
        experiment={"title": text, "method": []},
        start=at(1),
        end=at(9),
        duration_s=8.0,
        status=JournalStatus.COMPLETED,
        deviated=True,
        before=SteadyState(met=True),
        after=SteadyState(met=False, probes=(broken,)),
        run=(acted,),
        rollbacks=(undone,),
        restored=(text,),
        notes=(text,),
    )
    found = Weakness(
        kind=WeaknessKind.DEVIATED,
        experiment=text,
        what=text,
        activity=text,
        owner="role:on-call",
        remedy=f"{text}\nand more",
    )
    timeline = (
        entry(0, EntryKind.DAY, experiment=0, title=text),
        _begun(text),
        entry(2, EntryKind.LOOKED, "before", look=1, met=True),
        entry(3, EntryKind.START, "method", id=2, activity=action),
        entry(5, EntryKind.END, "method", id=2, status="failed", exception=[text]),
        entry(6, EntryKind.LOOKED, "after", look=3, met=False),
        entry(7, EntryKind.START, "rollbacks", id=4, activity=action),
        entry(8, EntryKind.END, "rollbacks", id=4, status="succeeded", told=text),
        entry(8, EntryKind.RESTORED, id=5, what=text),
        entry(9, EntryKind.ENDED, status="completed", deviated=True),
        entry(9, EntryKind.GATE, experiment=0, behind=1, passed=False, why=text),
        entry(10, EntryKind.CLOSED, experiment=0, ending="held", reason=text),
    )
    fields: dict[str, Any] = {
        "title": text,
        "hypothesis": text,
        "roles": {text: "role:on-call"},
        "ending": GamedayEnding.HELD,
        "reason": text,
        "start": at(0),
        "end": at(10),
        "journals": (journal,),
        "weaknesses": (found,),
        "timeline": timeline,
        "planned": (text, text),
        "recovered": (text,),
    }
    return GamedayReport(**{**fields, **changes})


def _begun(text: str) -> JournalEntry:
    data = {"experiment": {"title": text}}
    return JournalEntry(kind=EntryKind.EXPERIMENT, at=at(1), number=2, experiment=1, data=data)


def calm() -> GamedayReport:
    """A day on which everything held."""
    journal = Journal(experiment={"title": "calm"}, status=JournalStatus.COMPLETED, start=at(0), end=at(1))
    return GamedayReport(
        title="a calm day",
        ending=GamedayEnding.FINISHED,
        start=at(0),
        end=at(1),
        journals=(journal,),
        planned=("calm",),
    )


def day_of_agents(text: str = "the cache goes away") -> GamedayReport:
    """A day on which an agent was run under faults; ``text`` is wherever one may be."""
    whole = day(text)
    activity = {"type": "action", "name": text, "provider": {"type": "agent", "agent": text}}
    run = ActivityRun(activity=activity, status=ActivityStatus.SUCCEEDED, output=impact(text or "a"))
    (journal,) = whole.journals
    return replace(whole, journals=(replace(journal, run=(*journal.run, run)),))
