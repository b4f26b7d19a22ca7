"""CSV is read strictly, by the names of its columns, with the line of every row."""

from __future__ import annotations

import pytest

from agentops_eval.documents import csv_rows
from agentops_eval.domain import GateInvalid
from tests.documents._kit import GATE_FILE


def test_rows_have_the_lines_on_which_they_begin():
    """Cells are texts or, in a column that says so, JSON; empty cells and rows are left out."""
    text = 'case;score:json;note\na;0.5;"two\nlines"\n\nb;;\n'
    assert csv_rows(text, "a.csv", GATE_FILE) == [
        (2, {"case": "a", "score": 0.5, "note": "two\nlines"}),
        (5, {"case": "b"}),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("case,case:json\n", 1, 'the column "case" is there twice'),
        ("case\na\nb,c\n", 3, "the row has 2 cells, and there are 1 columns"),
        ("case,\na,b\n", 2, 'the cell "b" stands in a column without a name'),
        ("score:json\nNaN\n", 2, "NaN is no number of JSON"),
        ('case\n"a\n', 2, "the file is not CSV"),
    ],
    ids=["twice", "long", "nameless", "not json", "open"],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, line, said):
    """Each error is that of the kind of file, and names the line."""
    with pytest.raises(GateInvalid) as caught:
        csv_rows(text, "a.csv", GATE_FILE)
    assert (caught.value.where, said in caught.value.what) == (f"a.csv:{line}", True)
