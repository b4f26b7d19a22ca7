"""Rows as JSON lines and as CSV become the same samples."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Arm, ErrorSource, Sample
from agentops_eval.gate import Columns
from agentops_eval.harness.gating import Form
from tests.harness.gating._kit import Rows, jsonl, read, refused, table, written

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
NUMBERS = st.floats(width=64) | st.integers(-(2**53), 2**53)
# A first column that is no number of its own: a bare NaN there would be no case.
ROW = st.fixed_dictionaries(
    {"case": WORDS, "passed": st.sampled_from([True, False, None])},
    optional={
        "trial": st.integers(-5, 2**40),
        "cost_usd": NUMBERS | st.none() | st.booleans(),
        "error": st.sampled_from([*ErrorSource, "ConnectTimeout", "", None]),
        "at": st.integers(0, 2**31) | st.just("2026-05-01T12:00:00+02:00"),
        "stage": WORDS,
        "trace": WORDS,
        "recording": WORDS,
        "answer": WORDS,
    },
)


def told(samples: tuple[Sample, ...]) -> list[str]:
    """Samples as texts, in which NaN equals itself."""
    return [repr(one) for one in samples]


@given(st.lists(ROW, min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_a_table_and_json_lines_of_the_same_rows_are_the_same_samples(rows: Rows, separator: str):
    """Whatever the values are, both forms tell them alike."""
    with tempfile.TemporaryDirectory() as folder:
        lines = read(written(Path(folder), jsonl(rows)), "passed", "cost_usd")
        cells = read(written(Path(folder), table(rows, separator), "c.csv"), "passed", "cost_usd")
    assert (lines.form, cells.form) == (Form.JSONL, Form.CSV)
    assert told(lines.samples) == told(cells.samples)


@given(st.lists(ROW, min_size=1, max_size=8))
def test_every_row_is_a_sample_in_its_order(rows: Rows):
    """None is lost, merged or moved, also where a trial is there twice."""
    with tempfile.TemporaryDirectory() as folder:
        found = read(written(Path(folder), jsonl(rows)), "cost_usd")
    assert [one.case for one in found.samples] == [row["case"] for row in rows]
    assert found.rows == len(rows)


def test_a_row_tells_everything_that_a_gate_asks_for(tmp_path: Path):
    """Each column has its place; the answer is kept as a digest."""
    row = {"case": "refund", "trial": 2, "passed": True, "at": "2026-05-01T12:00:00Z", "stage": "canary",
           "arm": "Candidate", "trace": "t.json", "recording": "r1", "answer": "done",
           "cost_usd": 0.5}  # fmt: skip
    path = written(tmp_path, jsonl([row]))
    found = read(path, "passed", "cost_usd", "latency_s")
    answer = hashlib.sha256(b'"done"').hexdigest()
    assert found.samples == (
        Sample(case="refund", trial=2, passed=True, metrics={"cost_usd": 0.5}, recording="r1", answer=answer,
               arm=Arm.CANDIDATE, stage="canary", at_s=1777636800.0, trace="t.json"),
    )  # fmt: skip
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.columns == tuple(row)


def test_columns_are_found_by_their_names_and_ways(tmp_path: Path):
    """A gate file says what a column is called, and where in an object it lies."""
    columns = Columns(
        case="task.id",
        passed="reward",
        at="when",
        metrics={"cost_usd": "spend.usd", "latency_s": "gen_ai.latency"},
    )
    row = {"task": {"id": 7}, "reward": 1.0, "spend": {"usd": 3}, "gen_ai.latency": "1.5", "when": 5}
    found = read(written(tmp_path, jsonl([row])), "passed", "cost_usd", "latency_s", columns=columns)
    (sample,) = found.samples
    assert (sample.case, sample.passed, sample.at_s) == ("7", True, 5.0)
    assert sample.metrics == {"cost_usd": 3.0, "latency_s": 1.5}
    assert found.columns == ("task", "task.id", "reward", "spend", "spend.usd", "gen_ai.latency", "when")


def test_the_metric_of_outcomes_has_a_column_as_any_other(tmp_path: Path):
    """``metrics: {passed: resolved}`` is the same as ``passed: resolved``."""
    path = written(tmp_path, '{"case": "a", "resolved": true}\n')
    for columns in (Columns(metrics={"passed": "resolved"}), Columns(passed="resolved")):
        assert [one.passed for one in read(path, "passed", columns=columns).samples] == [True]


@pytest.mark.parametrize(
    ("spelt", "value"),
    [
        ("NaN", math.nan),
        ('"nan"', math.nan),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ('"inf"', math.inf),
        ("1e999", math.inf),
        ("-1" + "0" * 400, -math.inf),
        ("1e12", 1e12),
        ("true", 1.0),
        ('"false"', 0.0),
        ('" 2.5 "', 2.5),
    ],
)
def test_numbers_are_kept_whatever_they_are(tmp_path: Path, spelt: str, value: float):
    """What is broken or huge reaches the gate, which holds for the sake of it."""
    (sample,) = read(written(tmp_path, f'{{"case": "a", "cost_usd": {spelt}}}\n'), "cost_usd").samples
    assert repr(sample.metrics) == repr({"cost_usd": value})


@pytest.mark.parametrize("spelt", ["null", '""', '"  "'])
def test_what_is_empty_is_missing(tmp_path: Path, spelt: str):
    """It is no zero and no failure."""
    row = f'{{"case": "a", "trial": {spelt}, "passed": {spelt}, "cost_usd": {spelt}, "at": {spelt}}}\n'
    (sample,) = read(written(tmp_path, row), "passed", "cost_usd").samples
    assert sample == Sample(case="a", arm=Arm.CANDIDATE)


@pytest.mark.parametrize(
    ("row", "passed", "error"),
    [
        ({"error": "infrastructure"}, None, ErrorSource.INFRASTRUCTURE),
        ({"error": {"source": "Judge", "kind": "x"}}, None, ErrorSource.JUDGE),
        ({"error": "agent"}, False, ErrorSource.AGENT),
        ({"error": "agent", "passed": True}, True, ErrorSource.AGENT),
        ({"error": "connection refused"}, None, ErrorSource.INFRASTRUCTURE),
        ({"error": True}, None, ErrorSource.INFRASTRUCTURE),
        ({"error": {"kind": "x"}}, None, ErrorSource.INFRASTRUCTURE),
        ({"error": "no such order", "passed": False}, False, None),
        ({"error": "infrastructure", "passed": False}, False, ErrorSource.INFRASTRUCTURE),
        ({"error": "none", "passed": True}, True, None),
        ({"error": math.nan, "passed": True}, True, None),
        ({"error": {}}, None, None),
    ],
)
def test_an_error_is_whose_it_says_it_is(tmp_path: Path, row, passed, error):
    """The agent's own is its failure; another text explains an outcome, or stands for the infrastructure."""
    (sample,) = read(written(tmp_path, jsonl([{"case": "a", **row}]))).samples
    assert (sample.passed, sample.error) == (passed, error)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(12.5, 12.5), ("13.5", 13.5), ("1970-01-01T00:01", 60.0), ("1970-01-01T01:00:00+01:00", 0.0),
     ("1970-01-02", 86400.0), (-3, -3.0)],
)  # fmt: skip
def test_times_are_seconds_or_written_out(tmp_path: Path, told, seconds: float):
    """A time without a zone is UTC, on every machine."""
    (sample,) = read(written(tmp_path, jsonl([{"case": "a", "at": told}]))).samples
    assert sample.at_s == seconds


def test_trials_without_a_number_are_counted_by_case_and_stage(tmp_path: Path):
    """In the order of the file."""
    rows = [
        {"case": "a"},
        {"case": "b"},
        {"case": "a"},
        {"case": "a", "stage": "s"},
        {"case": "a", "trial": 9},
    ]
    found = read(written(tmp_path, jsonl(rows)))
    assert [one.trial for one in found.samples] == [1, 1, 2, 1, 9]


def test_a_trial_that_is_there_twice_stays_twice(tmp_path: Path):
    """It is for the gate to hold, and to say so."""
    found = read(written(tmp_path, jsonl([{"case": "a", "trial": 1}] * 2)))
    assert [(one.case, one.trial) for one in found.samples] == [("a", 1), ("a", 1)]


def test_traffic_without_cases_is_a_session_a_row(tmp_path: Path):
    """In a stage of pairs it is an error; sessions of both arms have different names."""
    path = written(tmp_path, jsonl([{"passed": True}, {"passed": False, "case": "s1"}, {"passed": True}]))
    found = read(path, stage="canary", traffic=["canary"])
    assert [one.case for one in found.samples] == ["candidate-row-1", "s1", "candidate-row-3"]
    assert {one.stage for one in found.samples} == {"canary"}
    assert "without a case nothing can be paired" in str(refused(path, stage="canary", traffic=["other"]))


def test_a_table_of_one_column_is_one_where_the_column_is_known(tmp_path: Path):
    """Outcomes of traffic may stand alone."""
    found = read(written(tmp_path, "passed\ntrue\n\nfalse\n", "c.csv"), stage="s", traffic=["s"])
    assert [(one.case, one.passed) for one in found.samples] == [
        ("candidate-row-2", True),
        ("candidate-row-4", False),
    ]


def test_metrics_that_no_row_tells_are_no_error(tmp_path: Path):
    """The gate holds for the sake of them, and finds the name that was meant among the columns."""
    found = read(written(tmp_path, jsonl([{"case": "a", "cost": 1}])), "cost_usd")
    assert found.samples[0].metrics == {}
    assert "cost" in found.columns


def test_a_column_that_the_gate_file_names_must_be_there(tmp_path: Path):
    """Unless all rows broke off; the error tells the nearest one."""
    columns = Columns(metrics={"cost_usd": "spend.usd"})
    path = written(tmp_path, jsonl([{"case": "a", "spend": {"usdd": 1}}]))
    error = refused(path, "cost_usd", columns=columns)
    assert "columns there: case, spend, spend.usdd" in str(error)
    assert "did you mean 'spend.usdd'?" in error.remedy
    broken = written(tmp_path, jsonl([{"case": "a", "error": "infrastructure"}]))
    assert read(broken, "cost_usd", columns=columns).rows == 1
    empty = written(tmp_path, "case,spend.usd\na,\n", "c.csv")
    assert read(empty, "cost_usd", columns=columns).samples[0].metrics == {}


def test_answers_are_alike_where_their_json_is(tmp_path: Path):
    """The order of keys is no difference; another answer, an empty one too, is one."""
    answers = [{"a": 1, "b": [2]}, {"b": [2], "a": 1}, "", None, "x"]
    rows = [{"case": str(at), "answer": answer} for at, answer in enumerate(answers)]
    digests = [one.answer for one in read(written(tmp_path, jsonl(rows))).samples]
    assert digests[0] == digests[1]
    assert digests[3] == ""
    assert len(set(digests)) == 4


@pytest.mark.parametrize("name", ["c.jsonl", "c.csv", "c.txt", "c"])
def test_the_form_is_told_by_what_a_file_holds(tmp_path: Path, name: str):
    """Its name may say anything."""
    rows: Rows = [{"case": "a", "passed": True, "messages": [{"role": "user", "content": "hi"}]}]
    assert read(written(tmp_path, "\ufeff" + jsonl(rows), name)).form is Form.JSONL
    assert read(written(tmp_path, "\ufeff" + table([{"case": "a", "passed": 1}]), name)).form is Form.CSV
    (sample,) = read(written(tmp_path, json.dumps(rows[0]), name)).samples
    assert sample.passed is True
