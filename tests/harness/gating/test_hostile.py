"""Files that are broken, swapped, hostile or no samples at all."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import AgentopsError, Arm, SamplesInvalid
from agentops_eval.gate import Columns
from agentops_eval.harness.gating import _lines, _rows, read_samples
from tests.harness.gating._kit import jsonl, read, refused, table, written

ROW = '{"case": "a", "trial": 1, "passed": true}\n'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        pytest.param(f'{ROW}{{"case": "b", "passed": "yes"}}\n', 2, "passed is 'yes'", id="outcome-word"),
        pytest.param(
            f'{ROW}{{"case": "b", "passed": 0.7}}\n', 2, "a score is no outcome", id="outcome-score"
        ),
        pytest.param(f'{ROW}{{"case": "b", "passed": NaN}}\n', 2, "passed is nan", id="outcome-nan"),
        pytest.param(f'{ROW}{{"case": "b", "passed": [1]}}\n', 2, "passed is [1]", id="outcome-list"),
        pytest.param(
            f'{ROW}{{"case": "b", "cost_usd": "cheap"}}\n', 2, "cost_usd is 'cheap'", id="metric-word"
        ),
        pytest.param(
            f'{ROW}{{"case": "b", "cost_usd": "1_000"}}\n', 2, "cost_usd is '1_000'", id="metric-underscore"
        ),
        pytest.param(f'{ROW}{{"case": "b", "cost_usd": {{}}}}\n', 2, "cost_usd is {}", id="metric-object"),
        pytest.param(f'{ROW}{{"case": "b", "trial": 1.5}}\n', 2, "trial is 1.5", id="trial-half"),
        pytest.param(f'{ROW}{{"case": "b", "trial": true}}\n', 2, "trial is True", id="trial-yes"),
        pytest.param(f'{ROW}{{"case": "b", "trial": NaN}}\n', 2, "trial is nan", id="trial-nan"),
        pytest.param(f'{ROW}{{"case": ["b"]}}\n', 2, "case is ['b']", id="case-list"),
        pytest.param(f'{ROW}{{"trial": 1}}\n', 2, "the row lacks case", id="case-absent"),
        pytest.param(f'{ROW}{{"case": "", "trial": 1}}\n', 2, "the row lacks case", id="case-empty"),
        pytest.param(f'{ROW}{{"case": "b", "at": "yesterday"}}\n', 2, "at is 'yesterday'", id="time-word"),
        pytest.param(f'{ROW}{{"case": "b", "at": 1777636800000}}\n', 2, "no milliseconds", id="time-in-ms"),
        pytest.param(f'{ROW}{{"case": "b", "at": NaN}}\n', 2, "at is nan", id="time-nan"),
        pytest.param(
            f'{ROW}{{"case": "b", "arm": "control"}}\n', 2, "expected: baseline or candidate", id="arm-word"
        ),
        pytest.param(
            f'{ROW}{{"case": "b", "arm": "baseline"}}\n', 2, "both sides may be swapped", id="arm-swapped"
        ),
        pytest.param(f"{ROW}{{'case': 1}}\n", 2, "this line is no JSON", id="quotes-single"),
        pytest.param(f"{ROW}[1]\n", 2, "this line is [1], and no row", id="row-list"),
        pytest.param(f"{ROW}{'[' * 100_000}\n", 2, "this line is no JSON", id="nested-deep"),
        pytest.param('{"case": "a", passed: true}\n', 1, "this line is no JSON", id="first-line"),
        pytest.param(f"{ROW}\n{ROW[:9]}\n", 3, "this line is no JSON", id="blank-line"),
    ],
)
def test_what_cannot_be_meant_is_an_error_with_its_line(tmp_path: Path, text: str, line: int, what: str):
    """It names the column, the value and what was expected."""
    path = written(tmp_path, text)
    error = refused(path, "passed", "cost_usd")
    assert error.where == f"{path}:{line}"
    assert what in str(error)
    assert (error.code, error.exit_code) == ("AE507", 2)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        pytest.param("case,passed\na,maybe\n", 2, "passed is 'maybe'", id="words"),
        pytest.param("case,cost_usd\na,'1'\n", 2, "cost_usd is", id="quotes"),
        pytest.param("case,passed\na\n", 2, "1 cell, and the header 2", id="few"),
        pytest.param("case,passed\na,true,1\n", 2, "3 cells, and the header 2", id="many"),
        pytest.param("case,case\na,b\n", 1, "'case' is there twice", id="twice"),
        pytest.param('case,passed\n"a" b,true\n', 2, "no row of a table", id="open-quote"),
        pytest.param("case,passed\na\xe9,true\n", 2, "not UTF-8", id="latin"),
        pytest.param("some words\n", 1, "neither a table", id="prose"),
    ],
)
def test_cells_that_cannot_be_meant_are_errors_too(tmp_path: Path, text: str, line: int, what: str):
    """A table says as much of what is wrong as JSON lines do."""
    path = written(tmp_path, text.encode("latin-1"), "c.csv")
    error = refused(path, "passed", "cost_usd")
    assert error.where == f"{path}:{line}"
    assert what in str(error)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"\n\n", "there is no sample in it", id="blank"),
        pytest.param(b"case,passed\n", "there is no sample in it", id="header"),
        pytest.param(ROW[:20].encode(), "cut off", id="torn"),
        pytest.param(b"\0\1\2\3" * 40, "binary file", id="binary"),
        pytest.param("case,passed\na,true\n".encode("utf-16"), "another encoding than UTF-8", id="utf-16"),
        pytest.param(b"{\n", "neither rows nor traces", id="brace"),
        pytest.param(f"[{ROW}]".encode(), "neither rows nor traces", id="array"),
        pytest.param(
            json.dumps([json.loads(ROW)], indent=1).encode(), "neither rows nor traces", id="pretty-array"
        ),
        pytest.param(b'{"resourceSpans": []}\n', "there is no sample in it", id="no-spans"),
        pytest.param(b"\x1f\x8b\x08", "neither rows nor traces", id="gzip"),
    ],
)
def test_a_file_without_samples_is_an_error(tmp_path: Path, data: bytes, what: str):
    """Nothing is not evidence."""
    assert what in str(refused(written(tmp_path, data, "x"), "passed"))


def test_what_is_not_there_is_told_with_the_nearest_name(tmp_path: Path):
    """A misspelt file, an empty folder, a file that may not be read."""
    written(tmp_path, ROW, "candidate.jsonl")
    assert "did you mean 'candidate.jsonl'?" in str(refused(tmp_path / "candidat.jsonl"))
    (tmp_path / "empty").mkdir()
    assert "no file of traces" in str(refused(tmp_path / "empty"))
    assert "cannot be read" in str(refused(tmp_path / "candidate.jsonl" / "x"))


def test_a_line_that_a_crash_cut_off_is_left_out_and_told(tmp_path: Path):
    """What a row whole before it says stays; it blocks nothing, and names its line."""
    path = written(tmp_path, ROW + ROW[:20])
    found = read(path)
    assert found.rows == 1
    assert [(one.code, one.blocks) for one in found.doubts] == [("torn-line", False)]
    assert f"{path}:2" in found.doubts[0].message


def test_a_quote_without_an_end_blocks_where_it_swallows_rows(tmp_path: Path):
    """All lines behind it are one cell: the runs that failed may be among them."""
    path = written(tmp_path, 'case,passed\na,true\n"b,true\nc,false\nd,false\n', "c.csv")
    found = read(path)
    assert [one.case for one in found.samples] == ["a"]
    assert [(one.code, one.blocks) for one in found.doubts] == [("open-quote", True)]
    assert f"{path}:3 has no end; the 3 lines" in found.doubts[0].message
    whole = written(tmp_path, 'case,passed,answer\na,true,"two\nlines"\nb,false,"to\nrn', "w.csv")
    assert [(one.case, one.passed) for one in read(whole).samples] == [("a", True)]
    assert [one.blocks for one in read(whole).doubts] == [True]


@given(st.integers(0, 80))
def test_no_prefix_of_a_file_tells_a_sample_that_the_whole_does_not(tmp_path_factory, cut: int):
    """A file may be read at any moment while it is written."""
    rows = [{"case": 'a "x"\nb', "cost_usd": 0.125}, {"case": "b", "cost_usd": 0.25}]
    folder = tmp_path_factory.mktemp("cut")
    for name, text in (("c.jsonl", jsonl(rows)), ("c.csv", table(rows))):
        whole = read(written(folder, text, name), "cost_usd").samples
        with suppress(SamplesInvalid):  # as long as no row is whole
            part = read(written(folder, text[:cut], name), "cost_usd").samples
            assert part == whole[: len(part)]


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_samples_or_a_plain_error(tmp_path_factory, data: bytes):
    """Nothing that a file holds makes the reader break off otherwise."""
    path = written(tmp_path_factory.mktemp("any"), data, "x")
    with suppress(AgentopsError):
        assert read_samples(path, arm=Arm.BASELINE, metrics=["cost_usd"], traffic=[""]).rows > 0


def test_lines_are_bounded_and_long_cells_are_read(tmp_path: Path):
    """A cell of megabytes is data; a line beyond the limit is an error, also one without an end."""
    long = "x" * 2_000_000
    assert read(written(tmp_path, jsonl([{"case": "a", "more": long}]))).rows == 1
    assert read(written(tmp_path, table([{"case": "a", "more": long}]), "c.csv")).rows == 1
    path = written(tmp_path, ROW + '{"case": "' + "x" * (_lines.LONGEST_LINE + 10))
    error = refused(path)
    assert (error.what, error.where) == ("the line is longer than 10,485,760 bytes", f"{path}:2")


def test_rows_are_bounded():
    """More rows than a limit are an error, and no machine that stands still."""
    rows = _rows.Rows("x", arm=Arm.BASELINE, columns=Columns(), metrics=(), most_rows=2)
    rows.take(1, {"case": "a"})
    rows.take(2, {"case": "b"})
    with pytest.raises(SamplesInvalid, match="more than 2 rows"):
        rows.take(3, {"case": "c"})


def test_hostile_texts_are_data(tmp_path: Path):
    """Escapes, markup, formulas, halves of characters and names of fields stay what they are."""
    cases = [
        "\x1b[2J",
        "<script>",
        "=1+1",
        "../../etc",
        "__class__",
        "case",
        "a\tb",
        "\N{RIGHT-TO-LEFT OVERRIDE}",
    ]
    found = read(written(tmp_path, jsonl([{"case": case} for case in cases])))
    assert [one.case for one in found.samples] == cases
    (half,) = read(written(tmp_path, '{"case": "\\ud800x"}\n')).samples
    assert half.case.encode() == b"\\ud800x"
    error = refused(
        written(tmp_path, '{"case": "a", "cost_usd": "\\u001b[2J' + "y" * 999 + '"}\n'), "cost_usd"
    )
    assert "\x1b" not in str(error)
    assert len(str(error)) < 400


def test_many_strange_columns_take_no_memory(tmp_path: Path):
    """Only so many names are kept for who misspelt one."""
    found = read(written(tmp_path, jsonl([{"case": "a", f"c{at}": 1} for at in range(3000)])))
    assert len(found.columns) <= 1001


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path):
    """As a shell's ``<(...)`` hands it over."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(ROW * 2))
    writer.start()
    found = read(pipe)
    writer.join()
    assert found.rows == 2
