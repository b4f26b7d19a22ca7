"""Runs of a public benchmark as samples, where development data is present."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from agentops_eval.gate import Columns
from agentops_eval.harness.gating import Form
from tests.harness.gating._kit import read, written

pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder"
)
COLUMNS = Columns(case="task_id", passed="reward")


def test_runs_of_a_benchmark_are_samples(tmp_path: Path):
    """Rows with whole conversations in them, of 25 tasks with 4 trials each, of which 31 passed."""
    with tarfile.open(Path(os.environ["AGENTOPS_DEV_DATA"]) / "tau-bench/runs.tar.xz") as tar:
        (data,) = [tar.extractfile(one).read() for one in tar if one.isfile()]
    found = read(written(tmp_path, data), "passed", columns=COLUMNS)
    assert (found.form, found.rows, found.doubts) == (Form.JSONL, 100, ())
    assert len({one.case for one in found.samples}) == 25
    assert sum(one.passed is True for one in found.samples) == 31
    assert {one.trial for one in found.samples} == {0, 1, 2, 3}


def test_exports_of_instrumentations_are_samples():
    """Every file of the folder is read, and tells at least whether its runs ended."""
    found = read(Path(os.environ["AGENTOPS_DEV_DATA"]) / "otel-traces", "passed", "latency_s", "tokens")
    assert found.rows > 8
    assert all("latency_s" in one.metrics for one in found.samples if one.passed is not None)
