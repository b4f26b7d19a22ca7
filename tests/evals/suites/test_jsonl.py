"""JSON lines are scenarios, with the line of each."""

from __future__ import annotations

import pytest

from agentops_eval.domain import ScenarioInvalid
from agentops_eval.evals.suites import parse
from tests.evals.suites._kit import suite


def test_lines_are_scenarios_and_the_first_may_be_the_head():
    """A first line that asks nothing has the fields of the file; empty lines are only counted."""
    head = '{"suite": "orders", "agent": "shop:refund"}\n\n'
    rows = '{"id": "a", "input": "hello"}\n{"id": "b", "input": "you"}\n'
    found = suite(head + rows, "a.jsonl")
    assert (found.name, [one.id for one in found.scenarios]) == ("orders", ["a", "b"])
    assert [one.where for one in found.scenarios] == ["a.jsonl:3", "a.jsonl:4"]
    assert [one.where for one in suite(rows, "a.jsonl").scenarios] == ["a.jsonl:1", "a.jsonl:2"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"id": "a", "input": "x"}\nnope\n', 2, "Expecting value"),
        ('{"scenarios": []}\n', 1, "each has a line of its own"),
        ('\n{"id": "a", "id": "b"}\n', 2, 'the field "id" is there twice'),
    ],
    ids=["not json", "a document", "twice"],
)
def test_a_bad_line_is_refused_with_its_number(text, line, said):
    """Errors of JSON lines name the line of the file."""
    with pytest.raises(ScenarioInvalid) as caught:
        parse(text.encode(), "a.jsonl")
    assert (caught.value.where, said in caught.value.what) == (f"a.jsonl:{line}", True)
