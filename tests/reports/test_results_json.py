"""The report as JSON: valid whatever the values are, with the keys that its page lists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Result, Spend, Verdict, VerdictValue
from agentops_eval.reports import Report, results_json
from tests.cli._kit import printed_keys
from tests.reports._results import HOSTILE, broken, hostile, passed, report

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/reports.md"
ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def written(given_report: Report):
    return json.loads(json.dumps(results_json(given_report), allow_nan=False))


@given(ANY, st.floats() | st.none(), st.floats() | st.none())
def test_any_value_is_valid_json(output, score, cost):
    """Numbers that JSON cannot hold are spelled out, and nothing is lost beside them."""
    verdicts = (Verdict(value=VerdictValue.PASS, score=score),)
    results = [Result(suite="s", case="c", verdicts=verdicts, output=output, spend=Spend(cost_usd=cost))]
    document = written(Report(results=results))
    assert document["cases"][0]["trials"][0]["verdicts"][0]["value"] == "pass"


def test_its_keys_are_those_of_the_page():
    """Every key of a whole report is in the page's table, and the reverse."""
    text = PAGE.read_text(encoding="utf-8").partition("## JSON")[2].partition("\n## ")[0]
    known = set(re.findall(r"^\| `([a-z][^`]*)` \|", text, re.MULTILINE))
    whole = report()
    spoilt = broken("spoilt", segments={"a": "b"}, tags=("x",))
    document = written(Report(results=[*whole.results, spoilt], info=whole.info, comparison=whole.comparison,
                              diffs=whole.diffs, prompts=whole.prompts))  # fmt: skip
    assert printed_keys(document, known) == known


def test_nothing_is_shortened():
    """Scripts get values whole."""
    long = "x" * 100_000
    document = written(Report(results=[passed(output=long)]))
    assert document["cases"][0]["trials"][0]["output"] == long


def test_an_empty_report_is_not_green():
    """Without results nothing passed."""
    summary = written(Report())["summary"]
    assert (summary["green"], summary["headline"], summary["cases"]["total"]) == (False, "nothing ran", 0)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_come_back_as_they_were(text):
    """JSON escapes what it has to; nothing else is changed."""
    document = written(hostile(text))
    assert document["cases"][0]["trials"][0]["output"] == text
