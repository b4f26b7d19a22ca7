"""Results as JUnit XML: of the schema's shape whatever they say, and green only where all trials passed."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ErrorSource, Spend
from agentops_eval.reports import Report, ReportInfo, results_junit
from tests.reports._results import (
    HOSTILE,
    broken,
    failed,
    hostile,
    info,
    needs_recording,
    passed,
    report,
    unknown,
)
from tests.reports.test_cases import TRIALS

# What junit-10.xsd admits of what we could write: attributes (required ones first) and children.
REQUIRED = {
    "testsuites": set(),
    "testsuite": {"name", "tests", "failures", "errors"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name"},
    "failure": set(),
    "error": set(),
    "system-out": set(),
}
OPTIONAL = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"time", "skipped", "timestamp", "hostname", "id", "package", "file", "group", "log", "url"},
    "testcase": {"time", "classname", "group"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "error", "system-out"},
}
SUREFIRE_TIME = re.compile(r"[0-9]{0,}(\.[0-9]{0,3})?")


def parsed(given_report: Report) -> ET.Element:
    whole = ET.fromstring(results_junit(given_report))
    for element in whole.iter():
        assert set(element.attrib) >= REQUIRED[element.tag]
        assert set(element.attrib) <= REQUIRED[element.tag] | OPTIONAL.get(element.tag, set())
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        if element.tag in {"testsuite", "testsuites"}:
            assert SUREFIRE_TIME.fullmatch(element.attrib["time"])
    return whole


def only(*results):
    (case,) = parsed(Report(results=results)).iter("testcase")
    return case


@given(TRIALS, st.text(max_size=9))
def test_counts_agree_with_the_cases(results, text):
    """Failures and errors are counted as they are told, per suite and over all."""
    whole = parsed(Report(results=results, info=ReportInfo(title=text, command=text, versions={text: text})))
    cases = list(whole.iter("testcase"))
    assert int(whole.attrib["tests"]) == len(cases) == len({one.case for one in results})
    for tag, key in (("failure", "failures"), ("error", "errors")):
        assert sum(case.find(tag) is not None for case in cases) == int(whole.attrib[key])
    assert sum(int(one.attrib["tests"]) for one in whole) == len(cases)


@given(TRIALS)
def test_only_what_passed_in_every_trial_is_green(results):
    """A case without failure and error passed all of its trials."""
    for case in parsed(Report(results=results)).iter("testcase"):
        green = case.find("failure") is None and case.find("error") is None
        trials = [one for one in results if one.case == case.attrib["name"]]
        assert green == all(one.passed for one in trials)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_stay_text(text):
    """Whatever an agent wrote, the shape is that of the schema, and no mark for attachments is left."""
    whole = parsed(hostile(text))
    assert len(list(whole.iter("testcase"))) == 2
    for element in whole.iter():
        assert "[[ATTACHMENT" not in (element.text or "")
        if element.tag == "system-out":
            lines = element.text.split("\n")
            assert all(
                re.fullmatch(r"\[\[PROPERTY\|(?:(?!\[\[|\]\]).)*\]\]", one, re.DOTALL) for one in lines
            )


def test_a_failure_names_the_evaluator_and_every_failing_trial():
    """The message is the first reason; the text has each trial's, the remedy and the scenario's place."""
    case = only(passed(trial=1), failed(trial=2, where="s.yaml:7", remedy="approve it"), failed(trial=3))
    failure = case.find("failure")
    assert failure.attrib == {"type": "tools", "message": "tools: amount is 5990, not 59.90"}
    assert failure.text.split("\n") == [
        "trial 2: tools: amount is 5990, not 59.90",
        "trial 3: tools: amount is 5990, not 59.90",
        "remedy: approve it",
        "scenario: s.yaml:7",
    ]
    assert "[[PROPERTY|passed=1 of 3]]" in case.find("system-out").text


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (needs_recording(), "needs_recording"),
        (unknown(), "unknown"),
        (broken(), "infrastructure"),
        (broken(source=ErrorSource.JUDGE), "judge"),
        (broken(source=ErrorSource.SIMULATOR), "simulator"),
    ],
    ids=["needs-recording", "unknown", "infrastructure", "judge", "simulator"],
)
def test_what_nobody_could_judge_is_an_error(result, kind):
    """A dashboard shows it red and apart from failures; it is neither skipped nor green."""
    case = only(result)
    assert case.find("error").attrib["type"] == kind
    assert case.find("failure") is None


def test_suites_are_apart_and_carry_what_is_known_of_the_run():
    """Versions, the rate with its interval and the independent trials are properties of each suite."""
    results = [passed("a"), failed("b", suite="other"), passed("c")]
    whole = parsed(Report(results=results, info=info()))
    assert [(one.attrib["name"], one.attrib["tests"]) for one in whole] == [("other", "1"), ("refunds", "2")]
    for one in whole:
        told = {p.attrib["name"]: p.attrib["value"] for p in one.iter("property")}
        assert told["independent_trials"] == "96"
        assert (told["pass_rate_low"], told["pass_rate_high"]) == ("0.746", "0.8945")
        assert told["version.tools"] == "9b1c07"


def test_time_is_that_of_all_trials():
    """Latencies add up; what is not known adds nothing."""
    case = only(
        passed(spend=Spend(latency_s=1.25)), passed(trial=2, spend=Spend(latency_s=0.5)), passed(trial=3)
    )
    assert case.attrib["time"] == "1.750"


def test_long_texts_and_many_trials_are_bounded():
    """Ten thousand trials of a talkative agent make a file that a CI server still reads."""
    reason = "x" * 100_000
    results = [failed(reason=reason, trial=n) for n in range(10_000)]
    assert len(results_junit(Report(results=results))) < 50_000


def test_the_whole_report_is_of_the_shape():
    """A plausible suite with everything that can be told of it keeps to the schema."""
    assert len(list(parsed(report()).iter("testcase"))) == 40
