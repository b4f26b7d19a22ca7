"""A decision as JSON: valid whatever the values are, complete, and read back as it was."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Decision, EvidencePoint, MetricDecision, ResultsInvalid
from agentops_eval.reports import decision_from_json, decision_json
from tests.cli._kit import printed_keys
from tests.reports._results import HOSTILE
from tests.reports.gate._decisions import decision, hostile, metric, planned, promoted, rolled_back

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/gate-decision.md"
NUMBERS = st.none() | st.floats()


def written(given_decision: Decision) -> str:
    return json.dumps(decision_json(given_decision), allow_nan=False)


@given(NUMBERS, NUMBERS, st.floats(), st.floats())
def test_any_number_is_valid_json_and_the_same_bytes_again(estimate, low, evidence, log):
    """What JSON cannot hold is null, and reading and writing once more changes nothing."""
    point = EvidencePoint(n=1, promote=log, rollback=-log, bound_promote=low)
    told = decision(
        metrics=[metric(estimate=estimate, low=low, e_promote=evidence, z_promote=log, path=(point,))]
    )
    text = written(told)
    assert written(decision_from_json(json.loads(text))) == text


def test_every_field_is_told():
    """No field of a decision, a metric, a reason, a case or a point is missing."""
    document = decision_json(decision())
    assert {field.name for field in fields(Decision)} | {"format", "version"} == set(document)
    known = {field.name for field in fields(MetricDecision)} - {"low", "high"} | {"interval"}
    assert known == set(document["metrics"][0])
    assert list(document)[:3] == ["format", "version", "value"]
    assert set(document["reasons"][0]) == {"code", "message", "metric", "remedy", "blocks"}
    assert set(document["metrics"][0]["path"][0]) == {field.name for field in fields(EvidencePoint)}


def test_infinities_are_null_and_come_back():
    """An interval without an end, evidence beyond any number, and evidence that is all gone."""
    told = rolled_back()
    found = decision_json(told)["metrics"][0]
    assert (found["interval"], found["e_rollback"], found["e_promote"]) == ([0.0004, None], None, 0.0)
    assert found["path"][-1]["promote"] is found["path"][-1]["rollback"] is None
    read = decision_from_json(json.loads(written(told))).metrics[0]
    assert (read.high, read.e_rollback, read.peak_rollback) == (None, math.inf, math.inf)
    assert (read.path[-1].promote, read.path[-1].rollback) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    "told", [decision(), promoted(), decision(metrics=[planned()])], ids=["hold", "promote", "planned"]
)
def test_what_is_read_renders_as_what_was_written(told):
    """Nine digits are kept, and everything else is equal."""
    read = decision_from_json(json.loads(written(told)))
    assert replace(read, metrics=()) == replace(told, metrics=())
    for one, other in zip(read.metrics, told.metrics, strict=True):
        assert replace(one, path=()) == replace(other, path=())
        for mine, theirs in zip(one.path, other.path, strict=True):
            assert mine.promote == pytest.approx(theirs.promote, rel=1e-8)


def test_numbers_have_nine_significant_digits():
    """Digits that differ between machines are not written."""
    found = decision_json(decision(metrics=[metric(estimate=1 / 3, e_promote=2e30 / 3, baseline=-0.0)]))
    told = found["metrics"][0]
    assert (told["estimate"], told["e_promote"]) == (0.333333333, 6.66666667e29)
    assert math.copysign(1, told["baseline"]) == 1


@pytest.mark.parametrize(
    ("document", "difference"),
    [
        ([], "format: 'list'"),
        ({"format": "agentops-report"}, "format: 'agentops-report'"),
        ({"format": "agentops-decision", "version": 2}, "version: 2, wanted 1"),
        ({"format": "agentops-decision", "version": 1}, "value"),
        ({"format": "agentops-decision", "version": 1, "value": "ship"}, "$.value"),
        ({"format": "agentops-decision", "version": 1, "value": "hold", "metrics": 7}, "int"),
        ({"format": "agentops-decision", "version": 1, "value": "hold", "metrics": [[]]}, "list"),
        ({"format": "agentops-decision", "version": 1, "value": "hold", "left_out": {"a": "b"}}, "left_out"),
    ],
    ids=["list", "report", "version", "no-value", "value", "metrics", "metric", "left-out"],
)
def test_what_is_no_decision_says_where_and_what(document, difference):
    """Another document, another version, and a wrong value are AE502 with the file and the difference."""
    with pytest.raises(ResultsInvalid) as caught:
        decision_from_json(document, where="decision.json")
    assert caught.value.where == "decision.json"
    assert difference in caught.value.difference
    assert "gate decide" in caught.value.remedy


def test_keys_that_are_not_known_are_passed_over():
    """A later release may tell more."""
    document = {**decision_json(decision()), "later": 1}
    document["metrics"][0]["later"] = {}
    assert decision_from_json(document).value == "hold"


def test_its_keys_are_those_of_the_page():
    """Every key is in the page's table, and the reverse."""
    text = PAGE.read_text(encoding="utf-8").partition("## JSON")[2].partition("\n## ")[0]
    known = set(re.findall(r"^\| `([a-z][^`]*)` \|", text, re.MULTILINE))
    assert printed_keys(json.loads(written(decision())), known) == known


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_come_back_as_they_were(text):
    """JSON escapes what it has to; nothing else is changed."""
    read = decision_from_json(json.loads(written(hostile(text))))
    assert (read.gate, read.reasons[0].message, read.worst[0].case) == (text, text, text)
