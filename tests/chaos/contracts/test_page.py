"""docs/reference/degradation-file.md says what degradation files are read with, and its examples are read."""

from __future__ import annotations

import re

import pytest

from agentops_eval.chaos.contracts import contract_of
from tests.chaos.contracts._page import PAGE, TABLES, table, tables


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_made_of_the_fields(name: str) -> None:
    """Names, kinds of values and words are those of the reader."""
    assert tables(PAGE.read_text(encoding="utf-8"))[name] == table(TABLES[name])


def test_the_examples_are_degradation_files() -> None:
    """Every YAML text of the page is read without a problem."""
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    for text in examples:
        contract_of(text.encode(), "degradation.yaml", resolve=lambda _: lambda _: True)
