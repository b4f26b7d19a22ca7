"""docs/reference/scenarios.md says what the structs say, and its examples are scenario files."""

from __future__ import annotations

import re

import pytest

from tests.evals.suites._kit import suite
from tests.evals.suites._page import PAGE, TABLES, table, tables

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(yaml|csv)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_the_structs(name):
    """Each table of fields is what its struct says (written by python -m tests.evals.suites._page)."""
    assert tables(TEXT)[name] == table(TABLES[name])


@pytest.mark.parametrize(("form", "text"), EXAMPLES, ids=[f"{n}" for n in range(1, len(EXAMPLES) + 1)])
def test_examples_are_scenario_files(form, text):
    """Every example of the page is read without a problem, and has scenarios."""
    assert suite(text, f"scenarios/example.{form}").scenarios


def test_the_matrix_makes_the_candidates_that_the_page_names():
    """The candidates of the example are those that the sentence below it names."""
    example = next(text for _, text in EXAMPLES if "matrix:" in text)
    named = re.search(r"makes the baseline and the candidates (.*)\.", TEXT)
    assert named is not None
    assert [variant.name for variant in suite(example).variants] == ["", *re.findall(r"`([^`]+)`", named[1])]
