"""JSON and JSON lines are read strictly, with the line of everything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.documents import json_rows, json_value
from agentops_eval.domain import GateInvalid
from tests.documents._kit import GATE_FILE, read, refused

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"a": 1,\n "b": 2,\n "a": 3}', 3, 'the field "a" is there twice, on line 1 and here'),
        ('[{"a": {"b": 1, "b": 2}}]', 1, 'the field "b" is there twice'),
        ('{"b": {"a": 1, "a": 2}}}\n,]', 1, 'the field "a" is there twice'),
        ('{"a": NaN}', 1, "NaN is no number of JSON"),
        ('{"a": -Infinity}', 1, "Infinity is no number of JSON"),
        ('{"a": 1e999}', 1, "too large a number"),
        (f'{{"a": {"9" * 5000}}}', 1, "too large a number"),
        ('{"a":\n\n}', 3, "Expecting value"),
        ('{"a": "\\ud800"}', 1, "half of a surrogate pair"),
        ("[" * 100_000, 1, "more than 64 levels deep"),
        ("[" * 65 + "]" * 65, 0, "more than 64 levels deep"),
        (f"[{'0,' * 1_000_001}0]", 0, "more than 1,000,000 values"),
    ],
    ids=lambda one: None if isinstance(one, int) else repr(one)[:24],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, line, said):
    """Each error names the line, and what is wrong there."""
    error = refused(text, "a.json")
    assert error.where == (f"a.json:{line}" if line else "a.json")
    assert said in error.what


@given(JSON)
def test_values_come_back_and_every_place_has_its_line(value):
    """A JSON text gives its value, and each place in it the line on which the printed text has it."""
    text = json.dumps(value, indent=1)
    document = read(text, "a.json")
    assert document.value == value
    lines = text.split("\n")
    for place, inner in places(value):
        line = lines[document.line_of(place) - 1].strip()
        name = f"{json.dumps(place[-1])}: " if place and isinstance(place[-1], str) else ""
        shown = (
            json.dumps(inner)
            if not isinstance(inner, (dict, list)) or not inner
            else "{["[isinstance(inner, list)]
        )
        assert line.rstrip(",") == name + shown


def places(value, at=()):
    yield at, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in parts:
        yield from places(item, (*at, key))


def test_rows_come_with_their_lines():
    """Each line that is not empty is a value; empty ones are only counted."""
    assert json_rows('{"a": 1}\n\n[2]\n', "a.jsonl", GATE_FILE) == [(1, {"a": 1}), (3, [2])]


@pytest.mark.parametrize(
    ("text", "said"),
    [("nope", "Expecting value"), ('{"id": "a", "id": "b"}', 'the field "id" is there twice')],
    ids=["not json", "twice"],
)
def test_a_bad_row_is_refused_with_the_line_of_its_file(text, said):
    """Errors of a row, and of a cell that holds JSON, name the line of the file."""
    with pytest.raises(GateInvalid, match=said) as caught:
        json_rows(f"{{}}\n{text}\n", "a.jsonl", GATE_FILE)
    assert caught.value.where == "a.jsonl:2"
    with pytest.raises(GateInvalid, match=said) as caught:
        json_value(text, "a.csv", GATE_FILE, line=7)
    assert caught.value.where == "a.csv:7"
