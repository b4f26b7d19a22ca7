"""The log of a watch is whole after whatever happens to it."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Arm, DecisionValue, ErrorSource, RunMisuse, Sample, WatchInvalid
from agentops_eval.harness.gating import Watched, open_watch, read_watch_log
from agentops_eval.harness.gating._counted import Added, Taken
from agentops_eval.harness.gating._extents import Extent
from agentops_eval.harness.gating._watch_rows import LookRow, look_line, read_row
from tests.harness.gating._growing import PAIRS, appended, cases, grown, watched
from tests.harness.gating.test_watch import look_at


@pytest.fixture
def asked(tmp_path: Path) -> Watched:
    """A watch that was looked with three times."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    for part in range(3):
        first = part * 10
        grown(asked, *(cases(10, rate=0.9, seed=arm + part, first=first) for arm in (0, 7)))
        look_at(asked)
    return asked


def logged(asked: Watched) -> Path:
    assert asked.log is not None
    return asked.log


def test_a_log_has_a_line_a_look_and_stands_for_itself(asked: Watched) -> None:
    """The header tells what is watched; each look its samples, its decision and how far files went."""
    found = read_watch_log(logged(asked))
    assert (found.header.gate_digest, found.header.seed, found.header.baseline) == (
        "d1",
        PAIRS.seed,
        str(asked.baseline),
    )
    assert [(row.look, row.value, len(row.added.taken)) for row in found.looks] == [
        (number, DecisionValue.HOLD, 20) for number in (1, 2, 3)
    ]
    assert found.looks[-1].extents[Arm.BASELINE].bytes == asked.baseline.stat().st_size
    last = json.loads(logged(asked).read_text(encoding="utf-8").splitlines()[-1])
    assert set(last["metrics"]["passed"]) == {"n", "e_promote", "e_rollback"}


@pytest.mark.parametrize("line", [0, 1, 3])
def test_a_line_that_was_edited_is_named(asked: Watched, line: int) -> None:
    """Whatever was changed, the log is not gone on with."""
    lines = logged(asked).read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"0", b"1", 1)
    logged(asked).write_bytes(b"".join(lines))
    with pytest.raises(WatchInvalid) as caught:
        look_at(asked)
    assert caught.value.where == f"{logged(asked)}:{line + 1}"


def test_a_line_that_was_taken_out_is_noticed(asked: Watched) -> None:
    """Each digest covers the line before."""
    lines = logged(asked).read_bytes().splitlines(keepends=True)
    logged(asked).write_bytes(b"".join([*lines[:2], lines[3]]))
    with pytest.raises(WatchInvalid, match="or the one before it is not"):
        look_at(asked)


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_line_that_a_crash_cut_off_is_taken_away(asked: Watched, kept: int) -> None:
    """Nobody was told of that look: it is taken once more, and decides the same."""
    lines = logged(asked).read_bytes().splitlines(keepends=True)
    before = read_watch_log(logged(asked)).looks[-1]
    logged(asked).write_bytes(b"".join(lines[:-1]) + lines[-1][:kept])
    look = look_at(asked)
    again = read_watch_log(logged(asked)).looks[-1]
    assert (look.number, look.fresh) == (3, True)
    assert (again.added, again.value) == (before.added, before.value)


def test_half_a_header_is_begun_anew_and_another_file_is_left_alone(tmp_path: Path) -> None:
    """A crash in the first line costs nothing; a file that is no log is never written to."""
    asked = watched(tmp_path, log=tmp_path / "log.jsonl")
    logged(asked).write_bytes(b'{"agentops_gate_log":1,"ga')
    look_at(asked)
    assert read_watch_log(logged(asked)).looks == ()
    logged(asked).write_bytes(b"my notes")
    with pytest.raises(WatchInvalid):
        look_at(asked)
    assert logged(asked).read_bytes() == b"my notes"


def test_a_device_without_an_end_is_no_log() -> None:
    """No more of it is read than a first line may have."""
    with pytest.raises(WatchInvalid, match="empty"):
        read_watch_log(Path("/dev/zero"))


def test_a_log_of_other_rules_is_refused_with_both_sides(asked: Watched, tmp_path: Path) -> None:
    """Another seed or another number of trials would give the log another past."""
    with pytest.raises(WatchInvalid) as caught:
        look_at(watched(tmp_path, log=asked.log, seed=8, trials=2))
    assert caught.value.difference.splitlines() == [
        "seed: 7 in the log, 8 here",
        "trials: None in the log, 2 here",
    ]


def test_two_watches_of_one_log_are_one_too_many(asked: Watched) -> None:
    """The second is refused while the first is there, and goes on afterwards."""
    with open_watch(asked, created=1.0), pytest.raises(RunMisuse, match="another process"):
        look_at(asked)
    assert look_at(asked).number == 3


def test_a_disk_without_room_leaves_the_log_whole(asked: Watched, tmp_path: Path) -> None:
    """A look that cannot be written is an error, is not counted, and is taken again when there is room."""
    appended(asked.baseline, cases(200, rate=0.9, seed=5, first=30))
    appended(asked.candidate, cases(200, rate=0.9, seed=6, first=30))
    before = logged(asked).read_bytes()
    program = dedent(
        """
        import pathlib, sys
        from tests.harness.gating._growing import watched
        from tests.harness.gating.test_watch import look_at
        folder = pathlib.Path(sys.argv[1])
        look_at(watched(folder, log=folder / "log.jsonl"))
        """
    )

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, len(before) + 100))

    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)],
        preexec_fn=no_room,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert "File too large" in done.stderr
    assert logged(asked).read_bytes() == before
    assert look_at(asked).decision.n == 230


texts = st.text(max_size=12).filter(lambda text: text.isprintable())
numbers = st.floats(width=64)
samples = st.builds(
    Sample,
    case=texts,
    trial=st.integers(1, 99),
    passed=st.sampled_from([True, False, None]),
    metrics=st.dictionaries(texts, numbers, max_size=2),
    error=st.sampled_from([None, *ErrorSource]),
    recording=texts,
    arm=st.sampled_from(list(Arm)),
    stage=texts,
    at_s=st.none() | numbers,
    answer=texts,
    trace=texts,
)


@given(
    taken=st.lists(st.builds(Taken, row=st.integers(0, 10**6), sample=samples), max_size=3), at=st.floats(0)
)
def test_a_look_is_read_back_as_it_was(taken: list[Taken], at: float) -> None:
    """Any sample comes back, also with numbers that are none, and in standard JSON."""
    from agentops_eval.domain import Decision

    if not math.isfinite(at):
        at = 0.0
    row = LookRow(
        look=1,
        at=at,
        extents={arm: Extent() for arm in Arm},
        added=Added(taken=tuple(taken), order={"s": ("a", "b")}, pending=1, waiting=2, late=3),
        value=DecisionValue.HOLD,
        reasons=("evidence",),
    )
    line, digest = look_line(row, Decision(value=DecisionValue.HOLD), after="x")
    json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    read, same = read_row(line, after="x", where="log:1")
    assert same == digest
    assert repr(read) == repr(row)  # NaN is not equal to itself
