"""CSV: a scenario a row, with columns that are fields."""

from __future__ import annotations

import pytest

from agentops_eval.domain import ScenarioInvalid
from agentops_eval.evals.suites import parse, parse_table
from tests.evals.suites._kit import suite


def test_columns_are_fields_and_cells_are_texts():
    """Dotted columns are entries of mappings; :json columns hold JSON; empty cells and rows say nothing."""
    text = (
        "id,input,expect.answer_contains,expect.answer_number.expected:json,tags,segments.tier,repeat,user.goal\n"
        'a,1042,yes,59.90,"x, y",1,3,\n'
        ",,,,,,,\n"
        'b,"two\nlines",,,,,,\n'
    )
    document = parse(text.encode(), "a.csv")
    first = {
        "id": "a",
        "input": "1042",
        "expect": {"answer_contains": "yes", "answer_number": {"expected": 59.9}},
        "tags": ["x", "y"],
        "segments": {"tier": "1"},
        "repeat": 3,
    }
    assert document.value == {"scenarios": [first, {"id": "b", "input": "two\nlines"}]}
    assert [document.line_of(("scenarios", number)) for number in (0, 1)] == [2, 4]


def test_evaluators_of_ones_own_keep_their_dots():
    """The name of a user's evaluator is one name, dots and all."""
    found = suite("id,input,expect.shop.checks:polite\na,hello,kind\n", "a.csv")
    (expectation,) = found.scenarios[0].expect
    assert (expectation.evaluator, expectation.arguments) == ("shop.checks:polite", "kind")


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_the_separator_is_that_of_the_head(separator):
    """Spreadsheets write commas, semicolons or tabs, with a byte order mark and line ends of their own."""
    text = "\ufeff" + "\r\n".join(separator.join(row) for row in (["id", "input"], ["a", "hello"]))
    assert parse(text.encode(), "a.csv").value == {"scenarios": [{"id": "a", "input": "hello"}]}


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("id,input,id\na,b,c\n", "a.csv:1", "the column"),
        ("id,id:json\na,1\n", "a.csv:1", "the column"),
        ("id,input\na,hello, you\n", "a.csv:2", "the row has 3 cells"),
        ('id,input\na,"hello\n', "a.csv:", "is not CSV"),
        ("id,tags:json\na,[1\n", "a.csv:2", "is not JSON"),
        ("id,expect.a,expect.a.b\nx,1,2\n", "a.csv:2", "both have a value"),
        ("id,expect.a.b,expect.a\nx,1,2\n", "a.csv:2", "both have a value"),
        ("id,\nx,1\n", "a.csv:2", "a column without a name"),
    ],
    ids=["twice", "twice as json", "too many", "open quote", "bad json", "both", "both, turned", "unnamed"],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, where, said):
    """Each error names the line of the row, and what is wrong in it."""
    with pytest.raises(ScenarioInvalid) as caught:
        parse(text.encode(), "a.csv")
    assert caught.value.where.startswith(where)
    assert said in caught.value.what


def test_tables_are_csv_json_and_json_lines():
    """The same rows come of each form of table, typed where the form has types."""
    rows = [{"order": "1042", "word": "shipped"}, {"order": "7"}]
    assert parse_table(b"order,word\n1042,shipped\n7,\n", "t.csv") == rows
    assert parse_table(b'{"order": "1042", "word": "shipped"}\n{"order": "7"}\n', "t.jsonl") == rows
    assert parse_table(b'[{"order": "1042", "word": "shipped"}, {"order": "7"}]', "t.json") == rows
    assert parse_table(b"order:json\n1042\n", "t.csv") == [{"order": 1042}]


@pytest.mark.parametrize(("data", "name"), [(b"[1]", "t.json"), (b"1\n", "t.jsonl"), (b"a: 1", "t.yaml")])
def test_what_is_no_table_is_refused(data, name):
    """Rows are mappings, and a table is in one of three forms."""
    with pytest.raises(ScenarioInvalid):
        parse_table(data, name)
