"""Samples as Parquet, where DuckDB is installed."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from agentops_eval.domain import ExtraMissing
from agentops_eval.gate import Columns
from agentops_eval.harness.gating import Form
from tests.harness.gating._kit import read, refused, written

HAS_DUCKDB = find_spec("duckdb") is not None
needs_duckdb = pytest.mark.skipif(not HAS_DUCKDB, reason="DuckDB is not installed: pip install '.[scale]'")


def parquet(path: Path, query: str) -> Path:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


@needs_duckdb
def test_a_table_of_any_types_is_read(tmp_path: Path):
    """Numbers, decimals, booleans, times with and without a zone, and structs."""
    query = """SELECT 'a' AS "case", 2::TINYINT AS trial, true AS passed, 'nan'::DOUBLE AS latency_s,
        1.25::DECIMAL(9, 2) AS cost_usd, TIMESTAMPTZ '1970-01-01 01:00:00+00' AS "at", {'x': 1.5} AS more
        UNION ALL SELECT 'b', NULL, NULL, NULL, NULL, NULL, NULL"""
    path = parquet(tmp_path / "odd*[name]?.parquet", query)
    columns = Columns(metrics={"score": "more.x"})
    found = read(path, "passed", "latency_s", "cost_usd", "score", columns=columns)
    first, second = found.samples
    assert (found.form, first.case, first.trial, first.passed, first.at_s) == (
        Form.PARQUET,
        "a",
        2,
        True,
        3600.0,
    )
    assert repr(first.metrics) == "{'latency_s': nan, 'cost_usd': 1.25, 'score': 1.5}"
    assert (second.case, second.trial, second.passed, second.metrics) == ("b", 1, None, {})


@needs_duckdb
def test_times_without_a_zone_are_utc(tmp_path: Path):
    """Whatever the machine's zone is."""
    path = parquet(tmp_path / "t", 'SELECT 1 AS "case", TIMESTAMP \'2026-05-01 12:00:00\' AS "at"')
    assert read(path).samples[0].at_s == datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()


@needs_duckdb
def test_what_is_no_parquet_and_a_wrong_row_are_errors(tmp_path: Path):
    """Both say where."""
    assert "no Parquet file" in str(refused(written(tmp_path, b"PAR1 broken", "x.parquet")))
    path = parquet(tmp_path / "y.parquet", "SELECT 1 AS \"case\", 'maybe' AS passed")
    assert refused(path).where == f"{path}:1"


@pytest.mark.skipif(HAS_DUCKDB, reason="DuckDB is installed")
def test_without_duckdb_the_extra_is_named(tmp_path: Path):
    """The error says how to install it."""
    with pytest.raises(ExtraMissing, match=r"agentops-eval\[scale\]"):
        read(written(tmp_path, b"PAR1", "x"))
