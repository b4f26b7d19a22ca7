"""Game days in words: what every format says alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

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
    WeaknessKind,
    counted,
)
from agentops_eval.reports._text import one_line

KINDS: Mapping[WeaknessKind, str] = {
    WeaknessKind.DEVIATED: "the steady state did not hold",
    WeaknessKind.UNSAFE: "unsafe",
    WeaknessKind.UNDECLARED: "degraded, and nobody declared it",
    WeaknessKind.NOT_STEADY: "not steady to begin with",
    WeaknessKind.ABORTED: "ended early",
    WeaknessKind.NOT_RUN: "not carried out",
    WeaknessKind.NOT_RESTORED: "not undone",
}
_PARTS = {
    "before": "steady state before",
    "method": "method",
    "during": "steady state during",
    "after": "steady state after",
    "rollbacks": "rollback",
    "gate": "gate",
}
_TEXT = 300


def verdict(report: GamedayReport) -> str:
    """What a day came to, as pages colour it: steady, weak, or broken where it was not carried out."""
    if report.steady:
        return "steady"
    broken = {WeaknessKind.NOT_RUN, WeaknessKind.NOT_RESTORED, WeaknessKind.NOT_STEADY}
    kinds = {one.kind for one in report.weaknesses}
    return "weak" if kinds - broken else "broken"


def headline(report: GamedayReport) -> str:
    """What a day came to, in one line."""
    if report.journals and all(journal.dry for journal in report.journals):
        return "a dry run: nothing was done"
    if report.steady:
        return f"steady: {counted(len(report.journals), 'experiment')} held"
    if report.weaknesses:
        return counted(len(report.weaknesses), "finding")
    return f"not carried out: {ending(report)}"


def ending(report: GamedayReport) -> str:
    """How a day ended, and why."""
    if report.ending is None:
        return "it did not end: whoever ran it was killed"
    words = {
        GamedayEnding.FINISHED: "carried out to its end",
        GamedayEnding.HELD: "held at a gate",
        GamedayEnding.ABORTED: "ended by an abort condition",
        GamedayEnding.STOPPED: "stopped",
    }
    return f"{words[report.ending]}{f': {report.reason}' if report.reason else ''}"


def outcome(journal: Journal) -> str:
    """What an experiment came to, in a word or two."""
    if journal.dry:
        return "dry run"
    if journal.status is None:
        return "did not end"
    if journal.before is not None and journal.before.met is False:
        return "not steady before"
    if journal.status is not JournalStatus.COMPLETED:
        return str(journal.status)
    return "deviated" if journal.deviated else "steady"


def state_word(state: SteadyState | None) -> str:
    """Whether a look at the steady state was met."""
    if state is None:
        return "not looked at"
    return {True: "met", False: "not met", None: "not finished"}[state.met]


def rollbacks_word(journal: Journal) -> str:
    """What became of what had to be undone."""
    runs = journal.rollbacks
    undone = {run.name for run in runs if run.status is ActivityStatus.SUCCEEDED}
    failed = [run.name for run in runs if run.name not in undone]
    if failed or journal.not_restored:
        return f"not undone: {', '.join(dict.fromkeys([*failed, *journal.not_restored]))}"
    if journal.status is None and not journal.dry:
        return "not known: it did not end"
    count = len(undone) + len([one for one in journal.restored if one])
    return f"{count} undone" if count else "nothing to undo"


def seconds_between(start: str, end: str) -> float:
    """Seconds between two times as journals write them, 0 where they are none."""
    try:
        return max((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0


def date_text(at: str) -> str:
    """A time as journals write it, for people: ``2026-05-01 09:00:00 UTC``; what is none, as it is."""
    try:
        return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S %Z}".rstrip()
    except ValueError:
        return at


def clock_text(seconds: float) -> str:
    """A time since the beginning: ``0:00:12.5``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:04.1f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of a timeline. ``tone`` is good, bad or plain."""

    at_s: float
    experiment: int
    what: str
    tone: str = "plain"


def moments(report: GamedayReport) -> Iterator[Moment]:
    """The timeline in words."""
    names: dict[tuple[int, object], str] = {}
    for entry in report.timeline:
        _note_name(entry, names)
        yield from _told(entry, names, since=report.start)


def moments_of(entry: JournalEntry, before: Iterable[JournalEntry]) -> Iterator[Moment]:
    """One line of a journal in words, for whoever follows it; ``before`` holds those up to it."""
    names: dict[tuple[int, object], str] = {}
    if entry.kind is EntryKind.END:
        for one in before:
            _note_name(one, names)
    yield from _told(entry, names, since=entry.at)


def _note_name(entry: JournalEntry, names: dict[tuple[int, object], str]) -> None:
    activity = entry.data.get("activity")
    if entry.kind is EntryKind.START and isinstance(activity, Mapping):
        names[entry.experiment, entry.data.get("id")] = str(activity.get("name", ""))


def _told(entry: JournalEntry, names: Mapping[tuple[int, object], str], *, since: str) -> Iterator[Moment]:
    what, tone = _moment(entry, names)
    if what:
        at_s = seconds_between(since, entry.at)
        yield Moment(at_s=at_s, experiment=entry.experiment, what=one_line(what, _TEXT), tone=tone)


def _moment(entry: JournalEntry, names: Mapping[tuple[int, object], str]) -> tuple[str, str]:
    data = entry.data
    match entry.kind:
        case EntryKind.EXPERIMENT:
            experiment = data.get("experiment")
            title = experiment.get("title") if isinstance(experiment, Mapping) else ""
            return f"experiment: {title}", "plain"
        case EntryKind.LOOKED if data.get("met") is not None:
            met = data.get("met") is True
            return f"{_PARTS.get(entry.part, '')} {'met' if met else 'not met'}", "good" if met else "bad"
        case EntryKind.END if entry.part in _PARTS:
            return _ended(entry, names.get((entry.experiment, data.get("id")), ""))
        case EntryKind.RESTORED if data.get("what"):
            what, error = data["what"], data.get("error")
            return (f"not undone: {what}: {error}", "bad") if error else (f"undone: {what}", "good")
        case EntryKind.PAUSE:
            return f"pause of {data.get('seconds')} s", "plain"
        case EntryKind.GATE:
            passed = data.get("passed") is True
            return ("gate passed", "good") if passed else (f"gate: {data.get('why')}", "bad")
        case EntryKind.STOP:
            return f"ended early: {data.get('reason')}", "bad"
        case EntryKind.ENDED:
            steady = data.get("status") == JournalStatus.COMPLETED and data.get("deviated") is not True
            word = "deviated" if data.get("deviated") is True else str(data.get("status"))
            return f"experiment ended: {word}", "good" if steady else "bad"
        case _:
            return "", "plain"


def _ended(entry: JournalEntry, name: str) -> tuple[str, str]:
    data = entry.data
    lines = data.get("exception")
    why = str(lines[-1]).strip() if isinstance(lines, list) and lines else str(data.get("told", ""))
    status = str(data.get("status"))
    bad = status != ActivityStatus.SUCCEEDED or data.get("tolerance_met") is False
    word = "out of its tolerance" if data.get("tolerance_met") is False else status
    told = f"{_PARTS[entry.part]}: {name}, {word}" if bad else f"{_PARTS[entry.part]}: {name}"
    return f"{told}{f' ({why})' if why else ''}", "bad" if bad else "plain"


def run_word(run: ActivityRun) -> str:
    """What an activity gave, in words."""
    if run.exception:
        return run.exception[-1].strip()
    return run.told
