"""Results of ``eval run`` become samples."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import (
    Arm,
    Ending,
    ErrorSource,
    Result,
    ResultsInvalid,
    RunError,
    Spend,
    Verdict,
    VerdictValue,
)
from agentops_eval.evals.comparing import measures_of
from agentops_eval.gate import Columns
from agentops_eval.harness.evaluating import ResultsHeader, ResultsWriter
from agentops_eval.harness.gating import Form
from tests.harness.gating._kit import read, refused

PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN
ROW = Result(
    suite="shop",
    case="pay",
    value=PASS,
    verdicts=(Verdict(value=PASS, score=0.75, evaluator="similar"), Verdict(value=PASS, evaluator="mine")),
    spend=Spend(cost_usd=0.5, input_tokens=3, output_tokens=4),
    output={"b": 1, "a": "done"},
    tags=("money",),
    recording="r1",
    trace_file="r.jsonl.traces/ab.otlp.json",
)


def kept(folder: Path, *rows: Result, planned: int = 0) -> Path:
    path = folder / "r.jsonl"
    with ResultsWriter(path, ResultsHeader(tool="t", planned=planned)) as writer:
        writer.extend(rows)
    return path


def test_a_result_is_a_sample_with_what_it_spent_and_its_scores(tmp_path: Path):
    """Its answer is a digest, its trace lies beside the file, its recording is that of the result."""
    path = kept(tmp_path, ROW)
    found = read(path, "passed", "cost_usd", "tokens", "similar", "mine", "absent", stage="offline")
    (sample,) = found.samples
    assert (found.form, found.doubts) == (Form.RESULTS, ())
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (sample.case, sample.trial, sample.passed, sample.tags) == ("shop/pay", 1, True, ("money",))
    assert sample.metrics == {"cost_usd": 0.5, "tokens": 7.0, "similar": 0.75, "mine": 1.0}
    assert (sample.arm, sample.stage, sample.recording) == (Arm.CANDIDATE, "offline", "r1")
    assert sample.answer == hashlib.sha256(b'{"a":"done","b":1}').hexdigest()
    assert sample.trace == str(tmp_path / "r.jsonl.traces/ab.otlp.json")
    assert set(found.columns) == {
        "passed",
        "similar",
        "mine",
        "cost_usd",
        "tokens",
        "input_tokens",
        "output_tokens",
    }


def test_a_metric_may_be_called_otherwise_than_its_evaluator(tmp_path: Path):
    """The gate file names the evaluator; one that judged nothing is an error with the nearest."""
    path = kept(tmp_path, ROW)
    named = {"quality": "similar", "resolved": "passed"}
    (sample,) = read(path, *named, columns=Columns(metrics=named)).samples
    assert sample.metrics == {"quality": 0.75, "resolved": 1.0}
    error = refused(path, "quality", columns=Columns(metrics={"quality": "similiar"}))
    assert "did you mean 'similar'?" in error.remedy


def test_results_of_one_variant_pair_with_those_of_another(tmp_path: Path):
    """The variant's name is left away where there is one alone; else like belongs to like."""
    other = replace(ROW, variant="v2")
    (tmp_path / "b").mkdir()
    assert [one.case for one in read(kept(tmp_path, other)).samples] == ["shop/pay"]
    assert [one.case for one in read(kept(tmp_path / "b", ROW, other)).samples] == [
        "shop/pay",
        "shop/pay [v2]",
    ]


def test_whose_fault_an_ending_was_is_kept(tmp_path: Path):
    """What is not the agent's fault has no outcome."""
    broke = replace(
        ROW,
        ending=Ending.ERROR,
        value=UNKNOWN,
        error=RunError(source=ErrorSource.INFRASTRUCTURE, kind="Timeout"),
    )
    missing = replace(ROW, trial=2, ending=Ending.NEEDS_RECORDING, value=UNKNOWN)
    samples = read(kept(tmp_path, broke, missing), "passed").samples
    assert [(one.passed, one.error) for one in samples] == [
        (None, ErrorSource.INFRASTRUCTURE),
        (None, None),
    ]


def test_an_unfinished_run_is_told_and_blocks(tmp_path: Path):
    """Its missing trials may be those that fail; a line that was cut off is told, too."""
    path = kept(tmp_path, ROW, planned=3)
    with path.open("ab") as file:
        file.write(b'{"case": "x"')
    found = read(path)
    assert [(one.code, one.blocks) for one in found.doubts] == [("torn-line", False), ("unfinished", True)]
    assert "1 of 3 planned trials" in found.doubts[1].message


def test_results_that_were_edited_are_refused(tmp_path: Path):
    """As everywhere else; and a run of which no trial has ended is no evidence."""
    path = kept(tmp_path, ROW)
    path.write_bytes(path.read_bytes().replace(b'"passed":true', b'"passed":false'))
    with pytest.raises(ResultsInvalid, match="not as it was written"):
        read(path)
    path.unlink()
    assert "no trial has ended yet" in str(refused(kept(tmp_path)))


def test_scores_are_means_and_unknown_where_one_is():
    """An evaluator may judge several times; one that cannot say makes the metric missing."""
    verdicts = [Verdict(value=PASS, score=1.0, evaluator="x"), Verdict(value=FAIL, score=0.5, evaluator="x")]
    assert measures_of(replace(ROW, verdicts=tuple(verdicts)))["x"] == 0.75
    verdicts.append(Verdict(value=UNKNOWN, evaluator="x"))
    assert "x" not in measures_of(replace(ROW, verdicts=tuple(verdicts)))
