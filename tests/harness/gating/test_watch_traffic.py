"""Sessions of live traffic count in closed units, whatever the pace of the two files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate import Asks, Gate, Stage, of_traffic
from agentops_eval.harness.gating import open_watch, read_watch_log
from agentops_eval.harness.gating._counted import Counted
from agentops_eval.harness.gating._taking import WatchOptions, added_now
from tests.examples import examples
from tests.harness.gating._growing import PASSED, TWO_STEPS, Row, appended, grown, sessions, watched
from tests.harness.gating.test_watch import look_at

LIVE = Gate(metrics=(PASSED,), stages=(Stage(name="five", share=0.2),))


def rows_as_samples(rows: list[Row], arm: Arm) -> list[Sample]:
    return [
        Sample(case=str(row["case"]), passed=bool(row["passed"]), at_s=row.get("at"), arm=arm)  # type: ignore[arg-type]
        for row in rows
    ]


def units_of(counted: Counted, gate: Gate) -> list[tuple[list[str], list[str]]]:
    found = counted.sessions(gate.stages[0].name)
    share = gate.stages[0].share
    assert share is not None
    units = of_traffic(found[Arm.BASELINE], found[Arm.CANDIDATE], share=share, seed=0, block=gate.block)
    return [
        ([rows[0].case for rows in one.baseline], [rows[0].case for rows in one.candidate]) for one in units
    ]


@examples(60)
@given(
    seed=st.integers(0, 999),
    block=st.integers(1, 3),
    pace=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8),
    grain=st.sampled_from([1, 5]),
    times=st.booleans(),
)
def test_units_that_count_are_never_changed(
    seed: int, block: int, pace: list[tuple[int, int]], grain: int, times: bool
) -> None:
    """Later looks add units behind those that were there, at any pace, with coarse times and with none."""
    gate = Gate(metrics=(PASSED,), stages=LIVE.stages, block=block)
    base, mine = sessions(120, share=0.3, rates=(0.9, 0.8), seed=seed)
    for row in (*base, *mine):
        row["at"] = int(row["at"]) // grain if times else None
    counted, seen = Counted(gate), [0, 0]
    before: list[tuple[list[str], list[str]]] = []
    for at, step in enumerate(pace):
        seen = [start + more for start, more in zip(seen, step, strict=True)]
        files = {
            Arm.BASELINE: rows_as_samples(base[: seen[0]], Arm.BASELINE),
            Arm.CANDIDATE: rows_as_samples(mine[: seen[1]], Arm.CANDIDATE),
        }
        found = added_now(gate, counted, files, WatchOptions(), now_s=1_000.0 + at)
        assert found.late == 0
        counted = counted.after(found)
        after = units_of(counted, gate)
        assert after[: len(before)] == before
        before = after


def test_traffic_counts_up_to_where_both_files_have_come(tmp_path: Path) -> None:
    """Rows of the faster file wait for the slower one: sessions of one time are compared."""
    asked = watched(tmp_path, LIVE)
    base, mine = sessions(400, share=0.2, rates=(0.9, 0.9), seed=1)
    with open_watch(asked, created=1.0) as watch:
        grown(asked, base, mine[:20])
        reached = float(str(mine[19]["at"]))
        first = watch.look(now_s=1.0)
        assert first.new + first.waiting == len(base) + 20
        assert first.new <= sum(float(str(row["at"])) < reached for row in (*base, *mine))
        appended(asked.candidate, mine[20:])
        second = watch.look(now_s=2.0)
    assert first.decision.n < second.decision.n <= len(mine)
    assert second.late == 0


def test_a_session_that_began_before_what_counts_is_too_late(tmp_path: Path) -> None:
    """A session from the past would change which sessions make a unit."""
    asked = watched(tmp_path, LIVE)
    with open_watch(asked, created=1.0) as watch:
        grown(asked, *sessions(400, share=0.2, rates=(0.9, 0.9), seed=1))
        first = watch.look(now_s=1.0)
        appended(asked.candidate, [{"case": "old", "at": 3.5, "passed": False}])
        second = watch.look(now_s=2.0)
    assert (second.late, second.new) == (1, 0)
    assert second.decision.n == first.decision.n


def test_a_session_counts_when_it_is_quiet(tmp_path: Path) -> None:
    """With time to settle, later rows of a session are in it; without, they are too late."""
    base, mine = sessions(200, share=0.2, rates=(1, 1), seed=1)
    more = [{**row, "trial": 2, "at": 199.5} for row in mine if float(str(row["at"])) > 150]
    late = {}
    for settle_s in (0.0, 60.0):
        folder = tmp_path / str(settle_s)
        folder.mkdir()
        asked = watched(folder, LIVE, settle_s=settle_s)
        with open_watch(asked, created=1.0) as watch:
            grown(asked, base, mine)
            watch.look(now_s=1.0)
            appended(asked.candidate, more)
            late[settle_s] = watch.look(now_s=2.0).late
    assert late == {0.0: pytest.approx(len(more), abs=2), 60.0: 0}


def test_sessions_without_times_count_when_they_are_seen(tmp_path: Path) -> None:
    """The time of the look stands in for theirs, and is in the log: the next process sees the same."""
    asked = watched(tmp_path, LIVE, log=tmp_path / "log.jsonl")
    base, mine = sessions(400, share=0.2, rates=(0.9, 0.9), seed=1)
    untimed = [[{"case": row["case"], "passed": row["passed"]} for row in rows] for rows in (base, mine)]
    grown(asked, untimed[0][:200], untimed[1][:40])
    first = look_at(asked, now_s=100.0)
    grown(asked, untimed[0][200:], untimed[1][40:])
    second = look_at(asked, now_s=200.0)
    assert 0 < first.decision.n < second.decision.n
    assert second.late == 0


def test_each_stage_has_evidence_of_its_own(tmp_path: Path) -> None:
    """The second stage closes the first, and goes on with its evidence."""
    asked = watched(tmp_path, TWO_STEPS)
    with open_watch(asked, created=1.0) as watch:
        grown(asked, *sessions(2_000, share=0.2, rates=(0.98, 0.98), seed=1, stage="five"))
        first = watch.look(now_s=1.0)
        grown(asked, *sessions(600, share=0.5, rates=(0.98, 0.98), seed=2, start=5_000, stage="half"))
        second = watch.look(now_s=2.0)
    assert (first.decision.stage, first.decision.value, first.ended) == ("five", "promote", False)
    assert (second.decision.stage, second.decision.value, second.ended) == ("half", "promote", True)


def test_at_full_share_sessions_join_in_the_order_of_their_file(tmp_path: Path) -> None:
    """A session that goes on keeps those behind it back, so that none is put in front of another later."""
    gate = Gate(metrics=(PASSED,), stages=(*LIVE.stages, Stage(name="all", share=1.0, asks=Asks.NO_HARM)))
    asked = watched(tmp_path, gate, log=tmp_path / "log.jsonl")
    rows = [("a", 1), ("b", 2), ("c", 3), ("b", 9), ("d", 4), ("e", 10), ("f", 11)]
    for part in (rows[:4], rows[4:]):
        appended(
            asked.candidate, [{"case": case, "at": at, "stage": "all", "passed": True} for case, at in part]
        )
        look_at(asked)
    logged = read_watch_log(tmp_path / "log.jsonl").looks
    assert [[one.sample.case for one in row.added.taken] for row in logged] == [
        ["a"],
        ["b", "b", "c", "d", "e"],
    ]


def test_at_full_share_the_candidate_alone_counts(tmp_path: Path) -> None:
    """The last step has no baseline to wait for."""
    gate = Gate(metrics=(PASSED,), stages=(*LIVE.stages, Stage(name="all", share=1.0, asks=Asks.NO_HARM)))
    asked = watched(tmp_path, gate, log=tmp_path / "log.jsonl")
    _, mine = sessions(50, share=1.0, rates=(1, 1), seed=1, stage="all")
    grown(asked, *sessions(300, share=0.2, rates=(1, 0.9), seed=1, start=-900, stage="five"))
    appended(asked.candidate, mine)
    assert look_at(asked).decision.stage == "all"
    taken = read_watch_log(tmp_path / "log.jsonl").looks[0].added.taken
    assert sum(one.sample.stage == "all" for one in taken) == 49  # the last one may go on


@pytest.mark.parametrize(("failing", "value", "blocks"), [(False, "promote", None), (True, "hold", True)])
def test_what_fails_slowly_and_comes_too_late_is_no_promotion(
    tmp_path: Path, *, failing: bool, value: str, blocks: bool | None
) -> None:
    """A new version times out: its failures are appended when later sessions have long been counted."""
    stages = (Stage(name="half", share=0.5, min_n=275),)
    asked = watched(tmp_path, Gate(metrics=(PASSED,), stages=stages))
    base, mine = sessions(1_200, share=0.5, rates=(0.98, 0.98), seed=2)
    slow = [{**row, "passed": False} for row in mine[1::10]]
    grown(asked, base, [row for at, row in enumerate(mine) if at % 10 != 1])
    with open_watch(asked, created=1.0) as watch:
        assert watch.look(now_s=1.0).decision.n < 275
        appended(asked.candidate, slow if failing else [])
        more = sessions(100, share=0.5, rates=(0.98, 0.98), seed=3, start=1_200)
        grown(asked, *more)
        last = watch.look(now_s=2.0)
    told = [one for one in last.decision.reasons if one.code == "late"]
    assert (last.decision.value, [one.blocks for one in told]) == (value, [blocks] if failing else [])
    assert all("--settle" in one.remedy for one in told)
