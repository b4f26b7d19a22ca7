"""A decision as JUnit XML: green where it is promoted, and nowhere else."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import DecisionValue, Reason
from agentops_eval.reports import decision_junit
from tests.reports._results import HOSTILE
from tests.reports.gate._decisions import decision, hostile, planned, promoted, rolled_back
from tests.reports.test_results_junit import OPTIONAL, REQUIRED


def outcomes(given_decision):
    """Of each test its outcome: passed, or the tag and the type of what is in it; checked for its shape."""
    whole = ET.fromstring(decision_junit(given_decision))
    for element in whole.iter():
        assert REQUIRED[element.tag] <= set(element.attrib)
        if element.tag in OPTIONAL:
            assert set(element.attrib) <= REQUIRED[element.tag] | OPTIONAL[element.tag]
    found = {}
    for case in whole.iter("testcase"):
        bad = [child for child in case if child.tag in {"failure", "error"}]
        found[case.get("name")] = (bad[0].tag, bad[0].get("type")) if bad else "passed"
    for tag in ("failure", "error"):
        number = sum(outcome != "passed" and outcome[0] == tag for outcome in found.values())
        assert whole.get(f"{tag}s") == whole[0].get(f"{tag}s") == str(number)
    assert whole.get("tests") == str(len(found))
    assert whole[0].get("skipped") == "0"
    return found


def test_promoted_is_green():
    """All metrics and the gate pass."""
    assert outcomes(promoted()) == {"passed": "passed", "cost_usd": "passed", "gate": "passed"}


def test_a_hold_is_a_failure_and_not_skipped():
    """A metric that was shown stays green; what holds is red, and so is the gate."""
    held = ("failure", "hold")
    assert outcomes(decision()) == {"passed": held, "cost_usd": "passed", "gate": held}


def test_a_rollback_is_a_failure_of_that_type():
    """Its message is the reason, its text has the figures and the cases."""
    found = outcomes(rolled_back())
    assert found["unapproved_payments"] == found["gate"] == ("failure", "rollback")
    whole = ET.fromstring(decision_junit(rolled_back()))
    failure = whole.find(".//testcase[@name='unapproved_payments']/failure")
    assert failure.get("message") == "1 unapproved payment; none is allowed"
    assert "rollback infinite of 40, enough" in failure.text
    assert (
        "refunds/late-parcel-0: passed 100 % -> 0 %" in whole.find(".//testcase[@name='gate']/failure").text
    )


def test_unusable_data_are_errors():
    """Nobody's version is to blame where traffic was split otherwise than meant, or a metric is missing."""
    said = (
        Reason(code="assignment", message="the arms differ in size"),
        Reason(code="missing-values", message="half of the samples lack it", metric="passed", remedy="look"),
    )
    broken = ("error", "hold")
    assert outcomes(decision(reasons=said)) == {"passed": broken, "cost_usd": "passed", "gate": broken}


def test_a_metric_that_blocks_is_not_green():
    """It may be shown, and still be the reason why nothing is promoted."""
    said = Reason(code="too-few", message="the stage asks for more pairs", metric="score")
    note = Reason(code="note", message="close to its margin", metric="score", blocks=False)
    assert outcomes(decision(metrics=[planned()], reasons=(said,)))["score"] == ("failure", "hold")
    assert outcomes(decision(metrics=[planned()], reasons=(note,)))["score"] == "passed"
    assert outcomes(decision(DecisionValue.PROMOTE, [planned()], reasons=(said,)))["score"] == "passed"


@given(st.text(max_size=60))
def test_any_text_is_well_formed(text):
    """Control characters and half of a pair are shown as escapes."""
    assert len(outcomes(hostile(text))) >= 3


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_text(text):
    """They add no element, and attach no file."""
    whole = ET.fromstring(decision_junit(hostile(text)))
    assert len(list(whole.iter("testcase"))) == 4
    assert "[[ATTACHMENT" not in "".join(whole.itertext())


def test_a_gate_without_metrics_is_one_red_test():
    """Nothing was measured, and nothing is green."""
    assert outcomes(decision(metrics=[])) == {"gate": ("failure", "hold")}
