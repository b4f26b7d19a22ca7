"""docs/reference/gate-file.md says what gate files are read with, and its examples are gate files."""

from __future__ import annotations

import re

import pytest

from agentops_eval.gate import Kind
from tests.gate._page import PAGE, TABLES, table, tables
from tests.gate._written import gate

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_the_structs(name):
    """Tables are what structs, defaults and ends say (written by python -m tests.gate._page)."""
    assert tables(TEXT)[name] == table(TABLES[name])


@pytest.mark.parametrize("text", EXAMPLES, ids=[f"{n}" for n in range(1, len(EXAMPLES) + 1)])
def test_examples_are_gate_files(text):
    """Every example of the page is read without a problem."""
    assert gate(text).metrics


def test_every_kind_is_explained():
    """The page has a row for each kind of metric."""
    assert [kind for kind in Kind if f"\n| `{kind}` |" not in TEXT] == []
