"""The examples of the page of evaluators do what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from agentops_eval.domain import Effect, Expectation, Run, Scenario, Spend, ToolCall, Verdict, VerdictValue
from agentops_eval.evals import build
from agentops_eval.evals.answers import EVALUATORS as ANSWERS
from agentops_eval.evals.limits import EVALUATORS as LIMITS
from agentops_eval.evals.states import EVALUATORS as STATES
from tests.traces._live import Live

PAGE = Path(__file__, "../../../docs/reference/evaluators.md").resolve().read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```\n(?:```\n(.*?)\n```\n)?", PAGE, re.MULTILINE | re.DOTALL)
OURS = {**ANSWERS, **STATES, **LIMITS}


def the_run() -> Run:
    """The run of the page, with a trace of its calls."""
    told = yaml.safe_load(BLOCKS[0][0])["run"]
    live = Live()
    root = live.agent()
    for number, call in enumerate(told["calls"]):
        named = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": call["name"]}
        live.span(f"execute_tool {call['name']}", root, at=number * 10, **named)
    calls = tuple(ToolCall(**{**call, "effect": Effect(call["effect"])}) for call in told.pop("calls"))
    more = {"answers": tuple(told.pop("answers")), "spend": Spend(**told.pop("spend"))}
    return Run(scenario="refund", calls=calls, trace=live.normal.trace, **more, **told)


def examples() -> Iterator[tuple[str, Any, str]]:
    """Every evaluator of every block with its arguments, and the reason with which it should fail."""
    for text, reason in BLOCKS[1:]:
        expect = yaml.safe_load(text)["expect"]
        for one in [expect] if isinstance(expect, Mapping) else expect:
            for name, arguments in one.items():
                yield name, arguments, reason


EXAMPLES = list(examples())


def verdict_on(name: str, arguments: Any) -> Verdict:
    built = build(Expectation(evaluator=name, arguments=arguments, where=f"page {name}"), OURS[name])
    return built(the_run(), Scenario(id="refund"))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_holds(number):
    """It passes on the page's run, or fails with the reason that the page shows."""
    name, arguments, reason = EXAMPLES[number]
    verdict = verdict_on(name, arguments)
    wanted = VerdictValue.FAIL if reason else VerdictValue.PASS
    assert verdict.value is wanted, verdict.reason
    assert not reason or verdict.reason == reason


def test_every_evaluator_has_an_example_and_a_line():
    """The page leaves none out, and names none that does not exist."""
    assert {name for name, _, _ in EXAMPLES} == set(OURS)
    listed = re.findall(r"^\| \[`(\w+)`\]\(#\w+\)", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(OURS)
    assert set(re.findall(r"^## (\w+_?\w*)$", PAGE, re.MULTILINE)) >= set(OURS)


def test_the_thirteen_classes_are_mapped():
    """Each row names what to take instead: an evaluator or a rubric."""
    table = PAGE.partition("## What cloud platforms evaluate")[2]
    rows = [row for row in table.splitlines() if row.startswith("| ") and "---" not in row][1:]
    assert len(rows) == 13
    assert all("`" in row for row in rows)
