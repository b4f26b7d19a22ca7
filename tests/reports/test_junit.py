"""Findings as JUnit XML: well-formed whatever they say, failing where they should."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Finding, Level
from agentops_eval.reports import junit_xml
from tests.reports.test_sarif import FINDINGS, RULES


def parsed(findings, fail_on=Level.ERROR, suite="s"):
    return ET.fromstring(junit_xml(findings, RULES, suite=suite, fail_on=fail_on))


@given(FINDINGS, st.sampled_from([*Level, None]), st.text(max_size=9))
def test_any_text_is_well_formed(findings, fail_on, suite):
    """Control characters, markup and lone surrogates stand as text; the counts agree with the cases."""
    whole = parsed(findings, fail_on, suite)
    (body,) = whole
    cases = body.findall("testcase")
    assert len(cases) == int(whole.attrib["tests"]) == int(body.attrib["tests"])
    failed = [case for case in cases if case.find("failure") is not None]
    assert len(failed) == int(whole.attrib["failures"])
    bad = {one.rule for one in findings if fail_on is not None and one.level.rank <= fail_on.rank}
    assert len(failed) == len(bad)


def test_a_rule_is_a_test_and_its_findings_are_the_failure():
    """The failure tells how many there are, each with its place, and the fix; milder ones are output."""
    findings = [
        Finding(rule="X2", level=Level.ERROR, message="<gone> & \x00", where="a.jsonl:7", span="chat"),
        Finding(rule="X2", level=Level.ERROR, message="again"),
        Finding(rule="X1", level=Level.WARN, message="dear"),
    ]
    dear, gone = parsed(findings)[0].findall("testcase")
    assert (gone.attrib["name"], gone.attrib["classname"]) == ("X2 gone", "s.state")
    failure = gone.find("failure")
    assert failure.attrib["message"] == "2 x <gone> & \\x00"
    assert "error <gone> & \\x00 [chat a.jsonl:7]" in failure.text
    assert failure.text.endswith("fix: look\n")
    assert (dear.find("failure"), dear.find("system-out").text) == (None, "warn dear []\n")


def test_milder_levels_fail_on_demand_and_never_means_never():
    """What fails is the caller's choice."""
    finding = [Finding(rule="X1", level=Level.WARN, message="dear")]
    assert parsed(finding, Level.WARN).attrib["failures"] == "1"
    assert parsed(finding, None).attrib["failures"] == "0"
    assert parsed([], Level.INFO).attrib["tests"] == "2"


def test_many_findings_are_counted():
    """A hundred are written out, the others are a number."""
    finding = Finding(rule="X2", level=Level.ERROR, message="gone")
    text = parsed([finding] * 150)[0].findall("testcase")[1].find("failure").text
    assert text.count("error gone") == 100
    assert "and 50 more" in text
