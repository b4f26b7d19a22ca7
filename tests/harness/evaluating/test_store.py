"""Files of results: append-only, checked when they are read, whole after a crash."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    Result,
    ResultsInvalid,
    RunError,
    RunMisuse,
    Spend,
    Verdict,
    VerdictValue,
)
from agentops_eval.harness import read_runs
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter, read_results, row_of, run_of
from agentops_eval.harness.evaluating._rows import header_line
from agentops_eval.traces.reading import Problems
from tests.harness.evaluating._kit import PAY, run_suite, suite

HEADER = ResultsHeader(tool="t", suites={"scenarios/shop": "d1"})
ROW = Result(
    suite="scenarios/shop",
    case="pay",
    value=VerdictValue.FAIL,
    verdicts=(Verdict(value=VerdictValue.FAIL, score=0.25, reason="no 🌊", evidence=("ab",), evaluator="x"),),
    spend=Spend(cost_usd=0.5, steps=3),
    output={"a": [1, None]},
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
VERDICTS = st.builds(
    Verdict,
    value=st.sampled_from(VerdictValue),
    score=st.none() | st.floats(0, 1),
    reason=st.text(max_size=20),
    evaluator=st.text(max_size=5),
)
ERRORS = st.builds(RunError, source=st.sampled_from(ErrorSource), kind=st.text(max_size=5))
RESULTS = st.builds(
    Result,
    suite=st.text(max_size=5),
    case=st.text(max_size=5),
    trial=st.integers(1, 9),
    variant=st.text(max_size=5),
    ending=st.sampled_from(Ending),
    value=st.sampled_from(VerdictValue),
    verdicts=st.lists(VERDICTS, max_size=3).map(tuple),
    error=st.none() | ERRORS,
    output=JSON,
    tags=st.lists(st.text(max_size=3), max_size=2).map(tuple),
    seed=st.none() | st.integers(0, 9),
)


def _write(path: Path, *rows: Result, resume: bool = False) -> None:
    with ResultsWriter(path, HEADER, resume=resume) as writer:
        for row in rows:
            writer.append(row)


@given(st.lists(RESULTS, max_size=5, unique_by=lambda one: (one.suite, one.case, one.variant, one.trial)))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[Result]) -> None:
    """Every result comes back equal, in order, whatever text is in it."""
    path = tmp_path_factory.mktemp("results") / "r.jsonl"
    _write(path, *rows)
    assert list(read_results(path).rows) == rows


def test_rows_tell_scripts_what_they_need(tmp_path: Path) -> None:
    """Case, trial and passed stand in every row; what is unknown is null, not false."""
    assert (row_of(ROW)["case"], row_of(ROW)["trial"], row_of(ROW)["passed"]) == ("pay", 1, False)
    assert row_of(replace(ROW, ending=Ending.NEEDS_RECORDING))["passed"] is None


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"fail"', b'"pass"'), (b"0.25", b"0.95"), (b"pay", b"bay")],
    ids=["value", "score", "case"],
)
def test_an_edited_row_is_named(tmp_path: Path, old: bytes, new: bytes) -> None:
    """Results are never edited: the line that was is told."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW, replace(ROW, trial=2))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(old, new, 1)]))
    with pytest.raises(ResultsInvalid) as caught:
        read_results(path)
    assert caught.value.where == f"{path}:3"


def test_a_row_that_was_taken_out_is_noticed(tmp_path: Path) -> None:
    """Each row's digest covers the one before it."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW, replace(ROW, trial=2), replace(ROW, trial=3))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[3]]))
    with pytest.raises(ResultsInvalid, match="not as it was written"):
        read_results(path)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_that_a_crash_cut_off_is_left_out_and_taken_away(tmp_path: Path, cut: int) -> None:
    """What was whole before stays; going on writes the trial again."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW, replace(ROW, trial=2))
    path.write_bytes(path.read_bytes()[:-cut])
    assert [row.trial for row in read_results(path).rows] == [1]
    assert read_results(path).torn
    _write(path, replace(ROW, trial=2), resume=True)
    assert [row.trial for row in read_results(path).rows] == [1, 2]
    assert not read_results(path).torn


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Without --resume a file that is there is an error."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW)
    with pytest.raises(RunMisuse, match="results in that file already"):
        _write(path, ROW)
    assert len(read_results(path).rows) == 1


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    """The second one is refused while the first is at work."""
    path = tmp_path / "r.jsonl"
    with ResultsWriter(path, HEADER), pytest.raises(RunMisuse, match="another process"):
        _write(path, ROW, resume=True)


def test_going_on_with_other_scenarios_is_refused(tmp_path: Path) -> None:
    """A file of results is of one set of scenarios; the one that changed is named."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW)
    other = ResultsHeader(suites={"scenarios/shop": "d2"})
    with pytest.raises(ResultsInvalid) as caught, ResultsWriter(path, other, resume=True):
        pass
    assert "scenarios/shop" in caught.value.difference


def test_going_on_with_another_agent_is_refused(tmp_path: Path) -> None:
    """What one agent passed is no pass of another."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW)
    other = replace(HEADER, agent="shop:other")
    with pytest.raises(ResultsInvalid) as caught, ResultsWriter(path, other, resume=True):
        pass
    assert caught.value.difference == "agent: none there, shop:other here"


@pytest.mark.parametrize("length", range(len(header_line(HEADER))))
def test_a_header_that_was_cut_off_is_begun_anew(tmp_path: Path, length: int) -> None:
    """A crash before the first row leaves nothing that keeps the run from going on."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(header_line(HEADER)[:length])
    _write(path, ROW, resume=True)
    assert read_results(path).rows == (ROW,)


@pytest.mark.parametrize("data", [b"{", b"notes of mine", b'{"agentops_results":1,"tool":"other'])
def test_a_file_of_others_is_not_taken_over(tmp_path: Path, data: bytes) -> None:
    """Going on with what is no beginning of these results is refused, and the file stays."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(data)
    whole = header_line(HEADER).startswith(data)
    with suppress(ResultsInvalid):
        _write(path, ROW, resume=True)
    assert path.read_bytes().startswith(data)
    assert (len(path.read_bytes()) > len(data)) == whole


def test_a_file_that_does_not_hold_all_trials_says_so(tmp_path: Path) -> None:
    """A run that was killed after its first trial is told from a whole one."""
    path = tmp_path / "r.jsonl"
    _write(path, ROW)
    assert read_results(path).unfinished == ""
    with ResultsWriter(tmp_path / "half.jsonl", replace(HEADER, planned=3)) as writer:
        writer.append(ROW)
    assert read_results(tmp_path / "half.jsonl").unfinished == "half.jsonl holds 1 of 3 planned trials"


@pytest.mark.parametrize(
    "data", [b"", b"{}\n", b"[1]\n", b"nonsense", b"\xff\xfe\n", b'{"agentops_results":9}\n']
)
def test_other_files_are_no_results(tmp_path: Path, data: bytes) -> None:
    """Whatever else is there is told in one error, never read as an empty result."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(data)
    with pytest.raises(ResultsInvalid):
        read_results(path)


def test_finished_cases_do_not_run_again(tmp_path: Path) -> None:
    """Going on runs what has no verdict yet, and gives all results."""
    out = tmp_path / "r.jsonl"
    thrice = suite(replace(PAY, repeat=3))
    run_suite(tmp_path, thrice, record="once")
    gone = min((tmp_path / "golden_traces/scenarios/shop").glob("pay-trial-3*"))
    kept = gone.read_bytes()
    gone.unlink()
    first = run_suite(tmp_path, thrice, out=out)
    assert [one.ending for one in first] == [Ending.JUDGED, Ending.JUDGED, Ending.NEEDS_RECORDING]
    gone.write_bytes(kept)
    before = out.read_bytes()
    again = run_suite(tmp_path, thrice, out=out, resume=True)
    assert [one.value for one in again] == [VerdictValue.PASS] * 3
    assert out.read_bytes().startswith(before)
    assert len(out.read_bytes().splitlines()) == 1 + 3 + 1


KILLED = """
import sys, time
from pathlib import Path
from dataclasses import replace
from tests.harness.evaluating import _kit
from agentops_eval.domain import Result, VerdictValue
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter
header = ResultsHeader(tool="t", suites={"scenarios/shop": "d1"})
with ResultsWriter(Path(sys.argv[1]), header) as writer:
    for number in range(1, 100_000):
        writer.append(Result(suite="s", case="c", trial=number, value=VerdictValue.PASS, output="x" * 500))
        print(number, flush=True)
"""


FULL = """
import resource, sys
from pathlib import Path
from agentops_eval.domain import Result, VerdictValue
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with ResultsWriter(Path(sys.argv[1]), ResultsHeader(suites={"scenarios/shop": "d1"})) as writer:
        for number in range(1, 100):
            writer.append(Result(suite="s", case="c", trial=number, value=VerdictValue.PASS))
except OSError as error:
    print(error.filename)
"""


def test_a_full_disk_is_told_by_the_name_of_the_file(tmp_path: Path) -> None:
    """What was written before is there, and the run goes on from there."""
    path = tmp_path / "r.jsonl"
    words = [sys.executable, "-c", FULL, str(path)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == str(path)
    found = read_results(path)
    assert (found.torn, len(found.rows) > 1) == (True, True)
    _write(path, ROW, resume=True)
    assert len(read_results(path).rows) == len(found.rows) + 1


def test_a_killed_process_loses_no_row_that_it_reported(tmp_path: Path) -> None:
    """kill -9 at any moment leaves every finished row readable."""
    path = tmp_path / "r.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, cwd=Path.cwd(), text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= 25:
                break
        child.send_signal(signal.SIGKILL)
        reported = max([25, *(int(one) for one in child.stdout if one.endswith("\n"))])
    found = read_results(path)
    assert len(found.rows) >= reported
    assert [row.trial for row in found.rows] == list(range(1, len(found.rows) + 1))


def test_traces_are_kept_once_and_can_be_shown(tmp_path: Path) -> None:
    """Each trace lies beside the results under its digest, in a form that ``trace show`` reads."""
    out = tmp_path / "r.jsonl"
    twice = suite(replace(PAY, repeat=2))
    run_suite(tmp_path, twice, record="once")
    found = run_suite(tmp_path, twice, out=out)
    for one in found:
        kept = json.loads((tmp_path / one.trace_file).read_text())
        spans = kept["resourceSpans"][0]["scopeSpans"][0]["spans"]
        assert {span["traceId"] for span in spans} == {one.trace_id}
        assert "agentops.world" not in json.dumps(kept)


def test_a_trace_without_a_call_is_read_back(tmp_path: Path) -> None:
    """An agent that does nothing in its world leaves a trace like any other."""
    out = tmp_path / "r.jsonl"
    idle = suite(replace(PAY, agent="tests.harness.evaluating._kit:idle"))
    run_suite(tmp_path, idle, record="once")
    (row,) = run_suite(tmp_path, idle, out=out)
    assert run_of(row, out).trace.trace_id == row.trace_id
    kept = tmp_path / row.trace_file
    assert [len(run.trace) for run in read_runs([kept], Problems())] == [1]
