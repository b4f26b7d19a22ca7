"""Lint as an evaluator."""

from __future__ import annotations

import pytest

from tests.evals._judged import FAIL, PASS, UNKNOWN, judged, refused
from tests.traces._live import Live


def refund(**more):
    """A run in which a refund is issued, unapproved."""
    live = Live()
    root = live.agent()
    live.span(
        "execute_tool refund",
        root,
        gen_ai__operation__name="execute_tool",
        gen_ai__tool__name="refund",
        **more,
    )
    return live.normal.trace


@pytest.mark.parametrize(
    ("arguments", "found", "why"),
    [
        pytest.param(None, PASS, "no finding is an error", id="default"),
        pytest.param({"destructive_tools": ["refund"]}, FAIL, "AL401", id="destructive"),
        pytest.param({"ignore": ["AL4"], "destructive_tools": ["refund"]}, PASS, "", id="ignored"),
        pytest.param({"select": ["AL1"], "destructive_tools": ["refund"]}, PASS, "", id="selected"),
        pytest.param({"levels": {"AL401": "info"}, "destructive_tools": ["refund"]}, PASS, "", id="level"),
        pytest.param({"fail_on": "info"}, FAIL, "AL", id="strict"),
    ],
)
def test_lint(arguments, found, why):
    """It fails on findings of the level, and names rule and message."""
    verdict = judged("lint", arguments, trace=refund())
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason


def test_a_run_without_spans_is_unknown():
    """Nothing was checked."""
    assert judged("lint").value is UNKNOWN


def test_the_evidence_is_the_span():
    """The finding's span can be looked up."""
    trace = refund()
    verdict = judged("lint", {"destructive_tools": ["refund"]}, trace=trace)
    assert set(verdict.evidence) <= {span.span_id for span in trace.spans}
    assert verdict.evidence


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(["AL999"], "no lint rule 'AL999'", id="rule"),
        pytest.param({"fail_on": "fatal"}, "fatal", id="level"),
    ],
)
def test_rules_that_do_not_exist_are_refused(arguments, why):
    """Before any run."""
    assert why in refused("lint", arguments)
