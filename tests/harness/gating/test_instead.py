"""What cannot be read names what was meant, and what it offers works."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agentops_eval.domain import WatchInvalid
from agentops_eval.gate import Columns
from agentops_eval.harness.gating import Form
from agentops_eval.harness.gating._extents import Extent, extent_of
from tests.harness.gating._kit import jsonl, read, refused, written

A, B = {"case": "a", "passed": True}, {"case": "b", "passed": False}


@pytest.mark.parametrize(
    ("suffix", "texts", "form"),
    [
        ("jsonl", (jsonl([A]), jsonl([B]).rstrip()), Form.JSONL),
        ("csv", ("case,passed\na,1\n", "case,passed\nb,0\n"), Form.CSV),
    ],
)
def test_a_folder_of_rows_offers_the_command_that_makes_one_file(tmp_path: Path, suffix, texts, form):
    """The command runs as it stands, also where a name has a blank and a last line has no end."""
    folder = tmp_path / "my rows"
    folder.mkdir()
    for name, text in zip("ab", texts, strict=True):
        written(folder, text, f"{name}.{suffix}")
    error = refused(folder)
    assert error.what == "a folder is read as traces, and this one has rows"
    command = error.remedy.removeprefix("rows are read from one file: ")
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    found = read(tmp_path / f"rows.{suffix}")
    assert (found.form, [one.case for one in found.samples]) == (form, ["a", "b"])


def test_a_folder_of_results_offers_one_of_them(tmp_path: Path):
    """Results are a chain of digests, and do not join; a folder with neither offers what can be read."""
    (tmp_path / "results").mkdir()
    (tmp_path / "prose").mkdir()
    path = written(tmp_path / "results", '{"agentops_results":1,"tool":"t"}\n', "base.jsonl")
    written(tmp_path / "prose", "well, this is prose\n", "README.md")
    assert refused(tmp_path / "results").remedy == f"give one of its files, such as {path}"
    assert "OTLP export" in refused(tmp_path / "prose").remedy


def test_a_missing_file_offers_near_names_alone(tmp_path: Path):
    """That the endings are alike makes no name near."""
    written(tmp_path, "", "o4.json")
    written(tmp_path, "", "baseline.jsonl")
    assert "did you mean" not in refused(tmp_path / "nope.jsonl").remedy
    assert refused(tmp_path / "baselin.jsonl").remedy == "did you mean 'baseline.jsonl'?"
    assert refused(tmp_path / "o4.jsonl").remedy == "did you mean 'o4.json'?"


@pytest.mark.parametrize("name", ["id", "case_id", "session", "session_id", "conversation_id", "Name"])
def test_rows_without_a_case_are_offered_the_column_of_an_id(tmp_path: Path, name: str):
    """In a table and in JSON, as an edit of the gate file that makes the rows readable."""
    for path in (
        written(tmp_path, f"{name},passed\nx,1\n", "c.csv"),
        written(tmp_path, jsonl([{name: "x", "passed": True}])),
    ):
        assert refused(path).remedy == f"name its column in the gate file:  columns: {{case: {name}}}"
        assert read(path, columns=Columns(case=name)).samples[0].case == "x"


def test_a_column_with_a_role_of_its_own_is_never_offered(tmp_path: Path):
    """The outcome, the trace and metrics tell no case, however alike their names are."""
    rows = jsonl([{"passed": True, "trace": "t", "casex": 1}])
    assert "did you mean" not in refused(written(tmp_path, rows), "casex").remedy
    assert "did you mean 'casex'?" in refused(written(tmp_path, rows)).remedy
    columns = Columns(case="passe")
    error = refused(written(tmp_path, jsonl([{"passed": True}])), columns=columns)
    assert "did you mean" not in error.remedy


def test_a_row_whose_case_is_empty_is_told_to_have_one(tmp_path: Path):
    """The column is there: nothing is to be renamed."""
    error = refused(written(tmp_path, jsonl([A, {"case": None, "id": 7}])))
    assert (error.where[-2:], error.remedy) == (":2", "give each row its case")


def test_one_is_told_in_the_singular(tmp_path: Path):
    """Messages with a count are right for 1, too."""
    assert "has 1 cell, and the header 2" in str(refused(written(tmp_path, "case,passed\na\n", "c.csv")))
    with pytest.raises(WatchInvalid, match="bytes that were read at earlier looks: 1; there are 0 now"):
        extent_of(written(tmp_path, "", "log.jsonl"), Extent(bytes=1, sha256="0"))
