"""The page of the evaluators says what is there, and its examples hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from agentops_eval.domain import CONDITION_WORDS, Expectation
from agentops_eval.evals import build, parameters_of
from agentops_eval.evals.tools import EVALUATORS
from agentops_eval.evals.tools._align import ORDERS
from agentops_eval.evals.tools._expected import MODES

PAGE = (Path(__file__).parents[3] / "docs/reference/evaluators-tools.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def section(name: str) -> str:
    """What stands below a heading."""
    return re.split(r"^## ", PAGE.partition(f"\n## {name}\n")[2], flags=re.MULTILINE)[0]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_is_an_evaluator(number: int):
    """Each entry of an example builds: its words and arguments exist."""
    for entry in yaml.safe_load(EXAMPLES[number])["expect"]:
        ((name, arguments),) = entry.items()
        assert callable(build(Expectation(evaluator=name, arguments=arguments), EVALUATORS[name]))


@pytest.mark.parametrize("name", sorted(EVALUATORS))
def test_every_argument_is_documented(name: str):
    """The section of an evaluator names each of its arguments, and an example uses it."""
    text = section(name)
    assert [one for one in parameters_of(EVALUATORS[name]) if f"`{one}`" not in text] == []
    assert f"- {name}:" in text


def test_every_word_order_and_mode_is_documented():
    """The tables have a row for each."""
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert rows >= {*ORDERS, *MODES}
    words = set(re.findall(r"^\| `\{(\w+):", PAGE, re.MULTILINE))
    assert words | {"within"} == set(CONDITION_WORDS)


def test_the_script_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]):
    """The example for scripts runs, and its output is that of the page."""
    code, printed = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", PAGE, re.DOTALL).groups()
    exec(compile(code, "page", "exec"), {})  # our own page
    assert capsys.readouterr().out == printed
