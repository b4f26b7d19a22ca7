"""Outcomes of trials from anywhere: rows as JSON lines or CSV, and what is wrong with others."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ErrorSource, ResultsInvalid, Sample
from agentops_eval.harness import Outcomes, read_outcomes
from agentops_eval.harness import _outcomes as reader

ROW = '{"case": "a", "trial": 1, "passed": true}'
HEADER = '{"agentops_results": 1, "tool": "agentops-eval", "suites": {"shop": "0f"}}\n'
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
SOURCES = ["", *[one.value for one in ErrorSource]]


def trials(names: st.SearchStrategy[str]):
    """Outcomes with their errors, by case and trial."""
    keys = st.tuples(names, st.integers(-5, 2**60))
    outcomes = st.tuples(st.sampled_from([True, False, None]), st.sampled_from(SOURCES))
    return st.dictionaries(keys, outcomes, min_size=1, max_size=15)


def read(text: str | bytes, **more: str) -> Outcomes:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return read_outcomes(io.BytesIO(data), name="o.jsonl", **more)


def told(found: Outcomes) -> list[tuple[str, int, bool | None, str]]:
    return [(one.case, one.trial, one.passed, one.error.value if one.error else "") for one in found.samples]


@given(trials(st.text(min_size=1, max_size=8)))
def test_json_lines_come_back_as_they_were_written(rows: dict[tuple[str, int], tuple[bool | None, str]]):
    """Whatever a case is called, its trials are read as the file tells them."""
    text = "\n".join(
        json.dumps({"case": case, "trial": trial, "passed": passed, "error": error or None, "more": [{}]})
        for (case, trial), (passed, error) in rows.items()
    )
    assert told(read(text)) == [(*key, *value) for key, value in rows.items()]


@given(
    trials(st.text(PRINTABLE, min_size=1, max_size=8)),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_tables_come_back_as_they_were_written(rows, separator: str, end: str):
    """CSV by commas, semicolons or tabs, with an empty cell where nobody can say."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=separator, lineterminator=end)
    writer.writerow(["Case", "trial", " passed ", "error"])
    for (case, trial), (passed, error) in rows.items():
        writer.writerow([case, trial, "" if passed is None else passed, error])
    assert told(read("\ufeff" + table.getvalue())) == [(*key, *value) for key, value in rows.items()]


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        ("true", True),
        ("false", False),
        ("1", True),
        ("0", False),
        ("1.0", True),
        ("0.0", False),
        ("null", None),
    ],
)
def test_outcomes_are_yes_no_or_unknown(passed: str, expected: bool | None):
    """1 and 0 are yes and no, as rewards write them; null is unknown."""
    (sample,) = read(f'{{"case": 7, "trial": 2.0, "passed": {passed}}}').samples
    assert (sample.case, sample.trial, sample.passed) == ("7", 2, expected)


@pytest.mark.parametrize("source", ["infrastructure", "judge", "simulator", "agent", "Infrastructure"])
def test_errors_name_whose_fault_it_was(source: str):
    """As a word, or as a mapping with a source; such a row needs no outcome."""
    word, mapping = (
        read(json.dumps({"case": "a", "trial": 1, "error": error})).samples[0]
        for error in (source, {"source": source, "kind": "ConnectError"})
    )
    assert word == mapping == Sample(case="a", trial=1, error=ErrorSource(source.lower()))


def test_rows_of_a_run_are_read_with_suite_variant_and_recording():
    """What ``eval run`` wrote: a header, and of each trial the last row counts."""
    broke = {"case": "a", "suite": "shop", "trial": 1, "passed": None, "ending": "error",
             "error": {"source": "infrastructure", "kind": "X"}, "digest": "1"}  # fmt: skip
    again = {"case": "a", "suite": "shop", "trial": 1, "passed": True, "recording": "r", "digest": "2"}
    other = {"case": "a", "suite": "shop", "trial": 1, "passed": False, "variant": "v2", "digest": "3"}
    text = HEADER + "".join(json.dumps(row) + "\n" for row in (broke, again, other))
    found = read(text)
    assert told(found) == [("shop/a", 1, True, ""), ("shop/a [v2]", 1, False, "")]
    assert (found.samples[0].recording, found.variants, found.torn) == ("r", ("", "v2"), False)
    assert told(read(text, variant="v2")) == [("shop/a [v2]", 1, False, "")]
    assert told(read(text, variant="")) == [("shop/a", 1, True, "")]


def test_a_run_that_was_killed_leaves_a_line_that_is_left_out():
    """The last line of a run may be torn; that of any other file may not."""
    found = read(f"{HEADER}{ROW}\n{ROW[:20]}")
    assert (told(found), found.torn) == ([("a", 1, True, "")], True)
    with pytest.raises(ResultsInvalid, match="no row"):
        read(f"{ROW}\n{ROW[:20]}")


BAD = {
    "not a row": ("17", 1, "columns case, trial and passed"),
    "an array": (f"[{ROW}]", 1, "jq"),
    "cut off": (f'{ROW}\n{{"case": "b"', 2, "no row"),
    "no case": ('{"trial": 1, "passed": true}', 1, "lacks case"),
    "no trial": ('{"case": "a", "passed": true}', 1, "lacks trial"),
    "no outcome": ('{"case": "a", "trial": 1}', 1, "lacks passed"),
    "an outcome in words": ('{"case": "a", "trial": 1, "passed": "true"}', 1, "'true', not true, false"),
    "a score": ('{"case": "a", "trial": 1, "passed": 0.5}', 1, "a score is no outcome"),
    "NaN": ('{"case": "a", "trial": 1, "passed": NaN}', 1, "no row"),
    "a list as outcome": ('{"case": "a", "trial": 1, "passed": []}', 1, r"\[\], not true"),
    "an empty case": ('{"case": "", "trial": 1, "passed": true}', 1, "not a name"),
    "a case that is yes": ('{"case": true, "trial": 1, "passed": true}', 1, "not a name"),
    "a trial in words": ('{"case": "a", "trial": "x", "passed": true}', 1, "not a whole number"),
    "half a trial": ('{"case": "a", "trial": 1.5, "passed": true}', 1, "not a whole number"),
    "a trial that is yes": ('{"case": "a", "trial": true, "passed": true}', 1, "not a whole number"),
    "anybody's error": ('{"case": "a", "trial": 1, "passed": true, "error": "timeout"}', 1, "whose fault"),
    "an error without source": ('{"case": "a", "trial": 1, "error": {"kind": "X"}}', 1, "lacks its source"),
    "a number as suite": ('{"case": "a", "trial": 1, "passed": true, "suite": 3}', 1, "not a text"),
    "twice": (f"{ROW}\n\n{ROW}", 3, "there twice"),
    "a header in the middle": (f"{ROW}\n{HEADER}", 2, "lacks case"),
    "a column too few": ("case,trial,passed\na,1", 2, "2 columns, the header 3"),
    "a table without outcome": ("case,trial\na,1", 1, "missing: passed"),
    "a table's outcome in words": ("case,trial,passed\na,1,yes", 2, "'yes', not true"),
    "a table's trial without end": (f"case,trial,passed\na,{'9' * 5000},1", 2, "not a whole number"),
    "nested without end": ('{"case": "a", "more": ' + "[" * 100_000, 1, "no row"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_row_is_named_with_its_line(name: str):
    """The error says the file, the line, and what is wrong there, and it is short."""
    text, number, message = BAD[name]
    with pytest.raises(ResultsInvalid, match=message) as caught:
        read(text)
    assert caught.value.where == f"o.jsonl:{number}"
    assert caught.value.remedy
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("data", [b"", b"\n \n", HEADER.encode(), b"case,trial,passed\n"],
                         ids=["empty", "blank", "header", "columns"])  # fmt: skip
def test_a_file_without_a_trial_is_an_error(data: bytes):
    """No rows are no rate of anything."""
    with pytest.raises(ResultsInvalid, match=r"empty|holds no trial"):
        read(data)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"case,trial,passed\na\xff,1,1"], ids=["junk", "latin"])
def test_bytes_that_are_no_utf8_are_named(data: bytes):
    """A file in another encoding is said to be one."""
    with pytest.raises(ResultsInvalid, match="not UTF-8"):
        read(data)


def test_a_variant_that_is_not_there_is_an_error():
    """The nearest variant is named."""
    row = '{"case": "a", "trial": 1, "passed": true, "variant": "prompt-v2"}'
    with pytest.raises(ResultsInvalid, match="did you mean 'prompt-v2'"):
        read(row, variant="promptv2")


class Endless(io.RawIOBase):
    """A line that never ends, told in pieces."""

    def __init__(self) -> None:
        self.given = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        """So much of the line as was asked for."""
        assert size is not None
        assert size > 0
        self.given += size
        return b"{" * size


def test_a_line_without_end_is_not_read_whole():
    """Reading stops at the longest line that a row may be."""
    endless = Endless()
    with pytest.raises(ResultsInvalid, match="longer than 16 MiB"):
        read_outcomes(endless, name="o.jsonl")  # type: ignore[arg-type]
    assert endless.given == reader.LONGEST_LINE + 1


def test_more_rows_than_memory_has_room_for_are_refused():
    """The file is not read to its end, and the line says where it was too much."""
    file = io.BytesIO(b"".join(b'{"case": "a", "trial": %d, "passed": true}\n' % at for at in range(9)))
    with pytest.raises(ResultsInvalid, match="more than 7 rows") as caught:
        read_outcomes(file, name="o.jsonl", most_rows=7)
    assert caught.value.where == "o.jsonl:8"
    assert file.read(1)
