"""A watch decides at each look, by evidence that only grows."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import DecisionValue, RunMisuse, WatchInvalid
from agentops_eval.gate import Gate, Quality, Stage, in_order
from agentops_eval.harness.gating import Look, Watched, open_watch, read_watch_log
from tests.examples import examples
from tests.harness.gating._growing import (
    NEVER,
    PAIRS,
    PASSED,
    TWO_STEPS,
    Row,
    appended,
    cases,
    grown,
    sessions,
    watched,
)

HOLD, PROMOTE, ROLLBACK = DecisionValue.HOLD, DecisionValue.PROMOTE, DecisionValue.ROLLBACK


def look_at(asked: Watched, *, now_s: float = 100.0) -> Look:
    """One look by a process of its own."""
    with open_watch(asked, created=1.0) as watch:
        return watch.look(now_s=now_s)


def test_files_that_are_not_there_yet_are_waited_for(tmp_path: Path) -> None:
    """No file, and a file without a whole line, are no evidence and no error."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    look = look_at(asked)
    assert (look.number, look.decision.value, look.decision.n) == (0, HOLD, 0)
    said = f"{asked.baseline} and {asked.candidate} are not there yet: they are waited for"
    assert told(look) == [said]
    asked.baseline.write_bytes(b'{"case": "c1", "pas')
    look = look_at(asked)
    assert look.number == 0
    assert told(look) == [
        f"{asked.candidate} is not there yet: it is waited for",
        "the baseline has no samples",
    ]


def told(look: Look) -> list[str]:
    return [one.message for one in look.decision.reasons if one.code in {"absent", "waiting", "no-data"}]


def test_samples_that_wait_are_not_told_to_be_missing(tmp_path: Path) -> None:
    """Where none counts yet it is said how many there are, and what they wait for."""
    asked = watched(tmp_path)
    appended(asked.baseline, cases(3, rate=1, seed=1))
    asked.candidate.touch()
    assert told(look_at(asked)) == [
        "no sample counts yet: 3 wait for samples of the candidate",
        "the candidate has no samples",
    ]
    appended(asked.candidate, cases(2, rate=1, seed=1, first=9))
    said = "no sample counts yet: 5 wait for the other arm's trials of their cases"
    assert told(look_at(asked)) == [said]


def test_sessions_that_wait_say_for_what(tmp_path: Path) -> None:
    """The first block of traffic is open until another begins."""
    asked = watched(tmp_path, TWO_STEPS)
    grown(asked, *sessions(8, share=0.2, rates=(1, 1), seed=2, stage="five"))
    assert told(look_at(asked)) == ["no sample counts yet: 8 wait for later sessions of both arms"]


def test_each_look_adds_the_cases_that_both_arms_have_by_then(tmp_path: Path) -> None:
    """Pairs join as they become whole, the rest waits."""
    asked = watched(tmp_path)
    with open_watch(asked, created=1.0) as watch:
        grown(asked, cases(30, rate=0.9, seed=1), cases(10, rate=0.9, seed=2))
        first = watch.look(now_s=1.0)
        appended(asked.candidate, cases(20, rate=0.9, seed=3, first=10))
        second = watch.look(now_s=2.0)
    assert (first.number, first.decision.n, first.new, first.waiting) == (1, 10, 20, 20)
    assert (second.number, second.decision.n, second.new, second.waiting) == (2, 30, 40, 0)


def test_a_look_at_the_same_files_is_the_look_before(tmp_path: Path) -> None:
    """Nothing new is no new look, neither in one process nor in the next."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    grown(asked, cases(30, rate=0.9, seed=1), cases(30, rate=0.9, seed=2))
    with open_watch(asked, created=1.0) as watch:
        first, again = watch.look(now_s=1.0), watch.look(now_s=2.0)
    later = look_at(asked)
    assert [one.fresh for one in (first, again, later)] == [True, False, False]
    assert {one.decision.digest for one in (first, again, later)} == {first.decision.digest}
    assert len(read_watch_log(tmp_path / "log.jsonl").looks) == 1


def test_a_torn_last_line_is_left_for_the_next_look(tmp_path: Path) -> None:
    """A row that is being written counts when it is whole."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    grown(asked, cases(3, rate=1, seed=1), cases(2, rate=1, seed=1))
    with asked.candidate.open("ab") as file:
        file.write(b'{"case": "c2", "pas')
    assert look_at(asked).decision.n == 2
    with asked.candidate.open("ab") as file:
        file.write(b'sed": true}\n')
    assert look_at(asked).decision.n == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-30]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"true", b"null", 1)),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["cut", "rewritten", "emptied", "gone"],
)
def test_evidence_that_changed_under_the_log_is_an_error(tmp_path: Path, spoil) -> None:
    """What was counted has to be there still, as it was; the error names the file and both sizes."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    grown(asked, cases(30, rate=0.9, seed=1), cases(30, rate=0.9, seed=2))
    look_at(asked)
    spoil(asked.candidate)
    with pytest.raises(WatchInvalid, match="changed under the watch") as caught:
        look_at(asked)
    assert caught.value.where == str(asked.candidate)
    assert "bytes that were read at earlier looks" in caught.value.difference


def test_a_file_in_place_of_another_is_an_error_too(tmp_path: Path) -> None:
    """Arms that were swapped since the last look are noticed."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    grown(asked, cases(9, rate=0.5, seed=1), cases(9, rate=0.5, seed=2))
    look_at(asked)
    swapped = watched(tmp_path, log=asked.log)
    asked.baseline.rename(tmp_path / "x")
    asked.candidate.rename(asked.baseline)
    (tmp_path / "x").rename(asked.candidate)
    with pytest.raises(WatchInvalid):
        look_at(swapped)


def test_trials_that_come_late_are_left_out_and_counted(tmp_path: Path) -> None:
    """A case that counts is frozen: a later trial of it would change what earlier looks saw."""
    asked = watched(tmp_path)
    grown(asked, cases(30, rate=0.9, seed=1), cases(30, rate=0.9, seed=2))
    with open_watch(asked, created=1.0) as watch:
        before = watch.look(now_s=1.0)
        appended(asked.candidate, cases(5, rate=0.0, seed=3, trial=2))
        after = watch.look(now_s=2.0)
    assert after.late == 5
    assert before.decision.metrics == after.decision.metrics
    assert "late" in [one.code for one in after.decision.reasons]


def test_a_case_waits_for_the_trials_that_are_asked_for(tmp_path: Path) -> None:
    """With trials, a case counts when both arms have so many; without, when they have as many."""
    both = cases(4, rate=1, seed=1), cases(4, rate=1, seed=1)
    asked = watched(tmp_path, trials=2)
    grown(asked, *both)
    assert look_at(asked).decision.n == 0
    assert look_at(watched(tmp_path)).decision.n == 4
    grown(asked, *([{**row, "trial": 2} for row in rows] for rows in both))
    assert look_at(asked).decision.n == 4


def test_nothing_is_promoted_while_cases_are_missing(tmp_path: Path) -> None:
    """A candidate that has not run what the baseline has is held, however good the rest is."""
    gate = Gate(metrics=(PASSED,), quality=Quality(most_missing=0.1))
    asked = watched(tmp_path, gate)
    lines = cases(300, rate=0.97, seed=1)
    grown(asked, [*lines, *cases(60, rate=0.9, seed=2, first=300)], lines)
    held = look_at(asked)
    assert held.decision.value is HOLD
    assert "60 of 360 cases" in next(one.message for one in held.decision.reasons if one.code == "pending")
    appended(asked.candidate, cases(40, rate=0.97, seed=3, first=300))
    assert look_at(asked).decision.value is PROMOTE


def test_an_event_that_must_never_be_waits_for_no_pair(tmp_path: Path) -> None:
    """A payment that nobody approved rolls back at once: in a case of one arm, and in a late trial."""
    gate = Gate(metrics=(PASSED, NEVER))
    asked = watched(tmp_path, gate)
    rows = cases(30, rate=1, seed=1, payments=0)
    grown(asked, rows, [*rows, {"case": "alone", "passed": True, "payments": 1}])
    assert look_at(asked).decision.value is ROLLBACK

    late = watched(tmp_path, gate, log=tmp_path / "log.jsonl")
    asked.candidate.write_text("", encoding="utf-8")
    appended(asked.candidate, rows)
    assert look_at(late).decision.value is not ROLLBACK
    appended(asked.candidate, [{"case": "c3", "trial": 2, "passed": True, "payments": 2}])
    look = look_at(late)
    assert (look.decision.value, look.ended) == (ROLLBACK, True)


def test_a_rollback_is_the_end(tmp_path: Path) -> None:
    """After a rollback no later evidence is looked at, in this process or another."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    grown(asked, cases(100, rate=0.95, seed=1), cases(100, rate=0.3, seed=2))
    ended = look_at(asked)
    grown(asked, cases(900, rate=0.3, seed=3, first=100), cases(900, rate=1.0, seed=4, first=100))
    after = look_at(asked)
    assert (ended.decision.value, ended.ended) == (ROLLBACK, True)
    assert (after.decision.value, after.ended, after.number) == (ROLLBACK, True, ended.number)
    assert after.decision.digest == ended.decision.digest


def test_a_stage_is_closed_when_the_next_has_evidence(tmp_path: Path) -> None:
    """Evidence of an earlier stage that comes later is left out: the later stage has bet by then."""
    gate = Gate(metrics=(PASSED,), stages=(Stage(name="offline"), Stage(name="shadow")))
    asked = watched(tmp_path, gate)
    with open_watch(asked, created=1.0) as watch:
        for stage, first in (("offline", 0), ("shadow", 0)):
            rows = cases(30, rate=0.9, seed=1, first=first, stage=stage)
            grown(asked, rows, rows)
            assert watch.look(now_s=1.0).late == 0
        rows = cases(5, rate=0.9, seed=2, first=50, stage="offline")
        grown(asked, rows, rows)
        last = watch.look(now_s=2.0)
    assert (last.late, last.decision.n, last.decision.stage) == (10, 60, "shadow")


def test_a_folder_and_one_file_for_two_things_are_refused(tmp_path: Path) -> None:
    """What cannot be watched is said before anything is."""
    with pytest.raises(RunMisuse, match="folder"):
        look_at(Watched(gate=watched(tmp_path).gate, baseline=tmp_path, candidate=tmp_path / "c"))
    with pytest.raises(RunMisuse, match="--baseline and --log name the same file"):
        look_at(watched(tmp_path, log=tmp_path / "b.jsonl"))


rows_of = st.lists(st.tuples(st.integers(0, 11), st.booleans(), st.booleans()), max_size=60)


def _split(rows: list[tuple[int, bool, bool]], cuts: list[int]) -> list[tuple[list[Row], list[Row]]]:
    """What is appended before each look: a case number, the arm, the outcome."""
    parts: list[tuple[list[Row], list[Row]]] = []
    start = 0
    for cut in [*sorted(cuts), len(rows)]:
        both: tuple[list[Row], list[Row]] = ([], [])
        for case, mine, passed in rows[start:cut]:
            both[mine].append({"case": f"c{case}", "passed": passed})
        parts.append(both)
        start = max(start, cut)
    return parts


@examples(40)
@given(rows=rows_of, cuts=st.lists(st.integers(0, 60), max_size=6), crashes=st.integers(0, 2**31))
def test_the_past_never_changes_whatever_comes_and_whenever_it_is_looked_at(
    rows: list[tuple[int, bool, bool]], cuts: list[int], crashes: int
) -> None:
    """Orders only grow at the end, cases count once, and a watch that crashed decides as one that did not."""
    chance = random.Random(crashes)
    with TemporaryDirectory() as name:
        folder = Path(name)
        asked, whole = watched(folder, log=folder / "log.jsonl"), watched(folder)
        with open_watch(whole, created=1.0) as alone:
            for both in _split(rows, cuts):
                grown(asked, *both)
                with open_watch(asked, created=1.0) as watch:
                    look = watch.look(now_s=1.0)
                    if chance.random() < 0.3:  # what is cut off by a crash, nobody was told of
                        look = watch.look(now_s=2.0)
                expected = alone.look(now_s=1.0)
                assert look.decision.digest == expected.decision.digest
                assert (look.late, look.waiting) == (expected.late, expected.waiting)
        order: list[str] = []
        for row in read_watch_log(folder / "log.jsonl").looks:
            order += row.added.order.get("offline", ())
        assert len(order) == len(set(order)) == look.decision.n
        assert set(order) <= {f"c{case}" for case, *_ in rows}


def test_cases_join_in_the_seeded_order(tmp_path: Path) -> None:
    """The order of one look's cases is that of the seed, whatever the order of their rows."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl", seed=3)
    rows = cases(30, rate=0.9, seed=1)
    grown(asked, rows, rows[::-1])
    look_at(asked)
    logged = read_watch_log(tmp_path / "log.jsonl")
    assert logged.header.seed == 3
    assert logged.looks[0].added.order["offline"] == tuple(in_order([f"c{at}" for at in range(30)], seed=3))


def test_one_look_decides_as_a_decision_about_the_same_samples(tmp_path: Path) -> None:
    """A watch that looks once at whole files is a decision about them."""
    from agentops_eval.domain import Arm
    from agentops_eval.gate import decide
    from agentops_eval.harness.gating import read_samples

    asked = watched(tmp_path)
    grown(asked, cases(200, rate=0.9, seed=1), cases(200, rate=0.8, seed=2))
    samples = [
        sample
        for arm, path in ((Arm.BASELINE, asked.baseline), (Arm.CANDIDATE, asked.candidate))
        for sample in read_samples(path, arm=arm, stage="offline").samples
    ]
    plain, look = decide(PAIRS, samples), look_at(asked)
    assert look.decision.metrics == plain.metrics
    assert look.decision.order == plain.order
