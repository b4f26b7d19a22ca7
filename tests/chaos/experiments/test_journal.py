"""Journals: Chaos Toolkit's shape out and in, and the lines that they add up from."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos.experiments import (
    entries_from_lines,
    entry_json,
    exit_code_of,
    journal_from_json,
    journal_json,
    journals_of,
    owed_of,
    report_of,
    weaknesses_of,
)
from agentops_eval.domain import (
    ActivityRun,
    ActivityStatus,
    EntryKind,
    Journal,
    JournalEntry,
    JournalInvalid,
    JournalStatus,
    SteadyState,
    WeaknessKind,
)
from tests.examples import examples

FOREIGN = {
    "chaoslib-version": "1.44.0",
    "platform": "Linux",
    "node": "ci-7",
    "experiment": {"title": "The cache goes away", "description": "d", "method": []},
    "start": "2026-01-01T10:00:00+00:00",
    "status": "completed",
    "deviated": True,
    "steady_states": {
        "before": {"steady_state_met": True, "probes": []},
        "after": {
            "steady_state_met": False,
            "probes": [
                {
                    "activity": {"type": "probe", "name": "health", "provider": {"type": "http"}},
                    "output": {"status": 500},
                    "start": "2026-01-01T10:00:01+00:00",
                    "status": "succeeded",
                    "end": "2026-01-01T10:00:02+00:00",
                    "duration": 1.0,
                    "tolerance_met": False,
                }
            ],
        },
        "during": [],
    },
    "run": [],
    "rollbacks": [],
    "end": "2026-01-01T10:00:02+00:00",
    "duration": 2.0,
    "something-else": 1,
}


def test_a_journal_of_chaos_toolkit_is_read_and_shows_its_weakness() -> None:
    """Its deviation becomes a finding, with the probe that shows it."""
    journal = journal_from_json(FOREIGN)
    assert (journal.title, journal.deviated, journal.steady) == ("The cache goes away", True, False)
    (found,) = weaknesses_of(journal, owner="role:on-call")
    assert (found.kind, found.activity, found.owner) == (WeaknessKind.DEVIATED, "health", "role:on-call")
    assert "500" in found.what


def test_a_journal_survives_writing_and_reading() -> None:
    """What is written is read as it was, and has every key of Chaos Toolkit's journals."""
    journal = journal_from_json(FOREIGN)
    told = journal_json(journal)
    assert journal_from_json(json.loads(json.dumps(told))) == journal
    assert set(FOREIGN) - {"something-else"} <= set(told)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"experiment": 1},
        {"experiment": {}, "status": "well"},
        {"experiment": {}, "status": "\ud800"},
    ],
)
def test_what_is_no_journal_is_an_error_of_ours(document: Any) -> None:
    """The error names the file."""
    with pytest.raises(JournalInvalid) as caught:
        journal_from_json(document, where="x.json")
    assert caught.value.where == "x.json"


def entry(number: int, kind: EntryKind, part: str = "", **data: Any) -> JournalEntry:
    """A line of the first experiment."""
    at = f"2026-01-01T10:00:{number:02d}+00:00"
    return JournalEntry(kind=kind, at=at, number=number, experiment=1, part=part, data=data)


ROLLBACK = {"type": "action", "name": "mend", "provider": {"type": "process", "path": "true"}}
LINES = (
    entry(1, EntryKind.EXPERIMENT, experiment={"title": "t", "method": []}, path="t.yaml", digest="d"),
    entry(2, EntryKind.LOOK, "before", look=1),
    entry(3, EntryKind.START, "before", id=2, look=1, activity={"name": "health"}),
    entry(4, EntryKind.END, "before", id=2, status="succeeded", output=200, tolerance_met=True),
    entry(5, EntryKind.LOOKED, "before", look=1, met=True),
    entry(6, EntryKind.OWED, id=3, undo={"type": "toxiproxy", "ledger": "x"}),
    entry(7, EntryKind.START, "method", id=4, activity={"name": "break"}),
    entry(8, EntryKind.END, "method", id=4, status="succeeded", output=None),
    entry(9, EntryKind.START, "method", id=5, activity={"name": "linger"}),
    entry(10, EntryKind.START, "rollbacks", id=6, place=0, activity=ROLLBACK),
    entry(11, EntryKind.END, "rollbacks", id=6, status="succeeded", output=None),
    entry(12, EntryKind.RESTORED, id=3, what="the wire is as it was"),
    entry(13, EntryKind.STOP, reason="interrupted: Ctrl-C", status="interrupted"),
    entry(14, EntryKind.ENDED, status="interrupted", deviated=False, duration=14.0),
)


def test_lines_add_up_to_a_journal() -> None:
    """Looks, activities and rollbacks are where they belong; what was under way counts as aborted."""
    (journal,) = journals_of(LINES)
    assert journal.before == SteadyState(
        met=True,
        probes=(
            ActivityRun(
                activity={"name": "health"},
                status=ActivityStatus.SUCCEEDED,
                output=200,
                start=LINES[2].at,
                end=LINES[3].at,
                tolerance_met=True,
            ),
        ),
    )
    assert [(run.name, run.status) for run in journal.run] == [
        ("break", ActivityStatus.SUCCEEDED),
        ("linger", ActivityStatus.ABORTED),
    ]
    assert [run.name for run in journal.rollbacks] == ["mend"]
    assert (journal.restored, journal.reason) == (("the wire is as it was",), "interrupted: Ctrl-C")
    assert journal.status is JournalStatus.INTERRUPTED


@pytest.mark.parametrize("cut", range(1, len(LINES) + 1))
def test_any_beginning_of_the_lines_tells_what_is_owed(cut: int) -> None:
    """Wherever a process was killed: what it acted on and did not undo is owed, and nothing else."""
    lines = LINES[:cut]
    assert len(journals_of(lines)) == 1
    owed = owed_of(lines)
    if cut == len(LINES):
        assert owed == ()
        return
    (found,) = owed
    assert found.undo == (((3, {"type": "toxiproxy", "ledger": "x"}),) if 6 <= cut < 12 else ())
    assert found.rolled_back == (frozenset({0}) if cut >= 11 else frozenset())


def test_what_could_not_be_undone_stays_owed() -> None:
    """An experiment that ended with something left is taken up again, and keeps its verdict."""
    failed = entry(12, EntryKind.RESTORED, id=3, what="the wire", error="no server")
    ended = entry(14, EntryKind.ENDED, status="completed", deviated=True, not_restored=["the wire"])
    lines = (*LINES[:11], failed, ended)
    (found,) = owed_of(lines)
    assert found.undo[0][0] == 3
    assert found.ended["deviated"] is True
    (journal,) = journals_of(lines)
    assert journal.not_restored == ("the wire: no server",)
    assert exit_code_of(weaknesses_of(journal)) == 2
    later = (*lines, entry(15, EntryKind.RESTORED, id=3, what="the wire"))
    assert journals_of(later)[0].not_restored == ()


def test_toxics_that_could_be_taken_off_later_are_undone_whatever_that_was_called() -> None:
    """The number of what was owed tells which it is: another process finds other words for it."""
    failed = entry(12, EntryKind.RESTORED, id=3, what="the toxics at URL", error="no server")
    again = entry(13, EntryKind.RESTORED, id=3, what="toxiproxy", error="no server still")
    later = entry(14, EntryKind.RESTORED, id=3, what="URL was as before")
    assert journals_of((*LINES[:11], failed, again))[0].not_restored == ("toxiproxy: no server still",)
    assert journals_of((*LINES[:11], failed, again, later))[0].not_restored == ()


@pytest.mark.parametrize("ending", [None, "x", 1, [], {}])
def test_a_day_that_ends_in_a_way_nobody_knows_is_no_journal(ending: Any) -> None:
    """Its line is named, and no report is made up."""
    with pytest.raises(JournalInvalid, match="line 15 "):
        report_of((*LINES, entry(15, EntryKind.CLOSED, experiment=0, ending=ending)))


def test_a_last_line_that_was_cut_off_is_left_out() -> None:
    """A crash in the middle of a write loses that line alone."""
    rows = [json.dumps(entry_json(one)).encode() + b"\n" for one in LINES]
    rows[-1] = rows[-1][:20]
    assert entries_from_lines(rows) == LINES[:-1]


@pytest.mark.parametrize("bad", [b"{}\n", b"nonsense\n", b'{"kind":"start","at":"","n":9}\n', b"\xff\n"])
def test_any_other_line_that_is_not_as_written_is_named(bad: bytes) -> None:
    """A line that was edited, or is missing, is an error with its number."""
    rows = [json.dumps(entry_json(LINES[0])).encode() + b"\n", bad, b"{}\n"]
    with pytest.raises(JournalInvalid) as caught:
        entries_from_lines(rows, where="x.jsonl")
    assert caught.value.where == "x.jsonl:2"


@given(st.lists(st.sampled_from(LINES[1:]), max_size=12))
@examples(60)
def test_lines_in_any_order_never_break_a_report(lines: list[JournalEntry]) -> None:
    """A journal that was put together by hand gives some report, or the error that says what is wrong."""
    numbered = [LINES[0], *lines]
    with suppress(JournalInvalid):
        assert report_of(numbered).journals
    assert len(owed_of(numbered)) <= 1


def run(name: str, provider: dict[str, Any], output: Any, **more: Any) -> ActivityRun:
    """An activity that was carried out."""
    activity: dict[str, Any] = {"type": "action", "name": name, "provider": provider}
    return ActivityRun(activity=activity, status=ActivityStatus.SUCCEEDED, output=output, **more)


@pytest.mark.parametrize(
    ("mode", "kind", "code"),
    [
        ("full", None, 0),
        ("degraded-as-declared", None, 0),
        ("failed-safe", None, 0),
        ("degraded-undeclared", WeaknessKind.UNDECLARED, 1),
        ("failed-unsafe", WeaknessKind.UNSAFE, 1),
        ("hung", WeaknessKind.UNSAFE, 1),
        ("unknown", WeaknessKind.NOT_RUN, 2),
    ],
)
def test_an_agents_mode_is_a_finding_of_its_own(mode: str, kind: WeaknessKind | None, code: int) -> None:
    """Unsafe runs are found without any hypothesis; one that left its recording has shown nothing."""
    output = {"mode": mode, "faults": "tool_error", "reasons": [{"harm": "x", "text": "it paid twice"}]}
    journal = Journal(status=JournalStatus.COMPLETED, run=(run("break", {"type": "agent"}, output),))
    found = weaknesses_of(journal)
    assert [one.kind for one in found] == ([] if kind is None else [kind])
    assert exit_code_of(found) == code


def test_a_look_may_accept_a_mode_that_nobody_declared() -> None:
    """Where a probe names the mode, it is no finding; that of an unsafe one cannot be accepted."""
    look = run(
        "look", {"type": "impact", "of": "break", "mode": ["degraded-undeclared", "failed-unsafe"]}, True
    )
    for mode, count in (("degraded-undeclared", 0), ("failed-unsafe", 1)):
        broken = run("break", {"type": "agent"}, {"mode": mode})
        journal = Journal(
            status=JournalStatus.COMPLETED, run=(broken,), after=SteadyState(met=True, probes=(look,))
        )
        assert len(weaknesses_of(journal)) == count


def test_a_dry_run_shows_nothing() -> None:
    """Nothing was done, so nothing was found."""
    assert weaknesses_of(Journal(dry=True, status=JournalStatus.COMPLETED)) == ()
