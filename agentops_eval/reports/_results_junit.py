"""Results as JUnit XML: a case is a test, its trials are what the test says.

The form is that of xunit2 (the schema ``junit-10.xsd`` of Jenkins' xUnit plugin), in which a testcase
has no properties: those of a suite stand in its ``testsuite``, those of a case in its output, in the
notation ``[[PROPERTY|name=value]]`` that several readers of such files know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from xml.etree import ElementTree as ET

from agentops_eval.domain import ErrorSource, VerdictValue
from agentops_eval.reports._cases import CaseView, Status, cases_of, reasons_of, status_of
from agentops_eval.reports._junit import clean
from agentops_eval.reports._report import Report, ReportInfo
from agentops_eval.reports._text import cut, finite

LONGEST_MESSAGE, LONGEST_TEXT, LONGEST_TIME = 500, 10_000, 1e12
MOST_TRIALS, MOST_VERSIONS = 100, 50
"""Trials of one case that are written out; the others are counted."""


def results_junit(report: Report) -> bytes:
    """One test case per case; it fails where a trial fails.

    What is neither passed nor failed is an error: a missing recording, a verdict that nobody could
    give, and what judges, simulators and infrastructure broke. Nothing of that is green, and nothing
    is skipped.
    """
    cases = sorted(cases_of(report.results), key=lambda case: case.suite)
    whole = ET.Element("testsuites", {"name": "agentops-eval", **_counts(cases)})
    for suite, some in groupby(cases, key=lambda case: case.suite):
        whole.append(_suite(suite, list(some), report.info))
    written: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(name: str, cases: list[CaseView], info: ReportInfo) -> ET.Element:
    told = {"name": clean(name) or "suite", **_counts(cases), "skipped": "0"}
    suite = ET.Element("testsuite", told | ({"timestamp": clean(info.when)} if info.when else {}))
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(info).items():
        told = {"name": clean(cut(key, LONGEST_MESSAGE)), "value": clean(cut(value, LONGEST_MESSAGE))}
        ET.SubElement(properties, "property", told)
    suite.extend(map(_case, cases))
    return suite


def _properties(info: ReportInfo) -> Mapping[str, str]:
    """What is true of the whole report: versions, the independent trials, the rate over all suites."""
    found = {f"version.{name}": version for name, version in info.versions.items()}
    if info.command:
        found["command"] = info.command
    if info.independent is not None:
        found["independent_trials"] = str(info.independent)
    rate = info.pass_rate
    if rate is not None and rate.value is not None:
        found["pass_rate"] = f"{rate.value:.6g}"
        if rate.low is not None and rate.high is not None:
            found["pass_rate_low"], found["pass_rate_high"] = f"{rate.low:.6g}", f"{rate.high:.6g}"
    return found


def _case(case: CaseView) -> ET.Element:
    told = {
        "classname": clean(case.suite),
        "name": clean(f"{case.case}[{case.variant}]" if case.variant else case.case),
        "time": _seconds([case]),
    }
    found = ET.Element("testcase", told)
    if case.status is not Status.PASSED:
        tag = "failure" if case.status is Status.FAILED else "error"
        message = {"type": clean(_type(case)), "message": clean(cut(case.reason, LONGEST_MESSAGE))}
        ET.SubElement(found, tag, message).text = clean(unmarked(cut(_why(case), LONGEST_TEXT)))
    ET.SubElement(found, "system-out").text = clean(_out(case))
    return found


def _type(case: CaseView) -> str:
    """The evaluator that failed, or who is to blame for there being no verdict."""
    worst = case.worst
    if case.status is Status.FAILED:
        blamed = (one.evaluator for one in worst.verdicts if one.value is VerdictValue.FAIL)
        return next(blamed, "") or str(ErrorSource.AGENT)
    if case.status is Status.ERROR and worst.error is not None:
        return str(worst.error.source)
    return str(case.status)


def _why(case: CaseView) -> str:
    lines = [
        f"trial {trial.trial}: {cut(reason, LONGEST_TEXT)}"
        for trial in case.trials[:MOST_TRIALS]
        if status_of(trial) is not Status.PASSED
        for reason in reasons_of(trial)
    ]
    remedy = [f"remedy: {case.remedy}"] if case.remedy else []
    where = [f"scenario: {case.worst.where}"] if case.worst.where else []
    return "\n".join([*lines, *remedy, *where])


def _out(case: CaseView) -> str:
    lines = [f"passed={case.passed} of {len(case.trials)}"]
    for trial in case.trials[:MOST_TRIALS]:
        words = [status_of(trial).words]
        words += [f"seed {trial.seed}"] if trial.seed is not None else []
        words += [f"trace {trial.trace_id}"] if trial.trace_id else []
        lines.append(f"trial {trial.trial}={', '.join(words)}")
    if len(case.trials) > MOST_TRIALS:
        lines.append(f"more trials={len(case.trials) - MOST_TRIALS}")
    versions = list(case.worst.versions.items())[:MOST_VERSIONS]
    lines += [f"version.{name}={version}" for name, version in versions]
    return "\n".join(f"[[PROPERTY|{_flat(line)}]]" for line in lines)


def unmarked(text: str) -> str:
    """``[[ATTACHMENT|/etc/passwd]]`` means a file to some readers: an agent's brackets are no mark."""
    return text.replace("[[", "[ [")


def _flat(text: str) -> str:
    """In one line and without the brackets that end a property."""
    return " ".join(cut(text, LONGEST_MESSAGE).replace("[", "(").replace("]", ")").split())


def _counts(cases: Iterable[CaseView]) -> dict[str, str]:
    some = list(cases)
    failed = sum(case.status is Status.FAILED for case in some)
    errors = sum(case.status not in {Status.FAILED, Status.PASSED} for case in some)
    return {
        "tests": str(len(some)),
        "failures": str(failed),
        "errors": str(errors),
        "time": _seconds(some),
    }


def _seconds(cases: Iterable[CaseView]) -> str:
    """Of all trials together, with the three decimals that the schema admits."""
    told = (finite(trial.spend.latency_s) for case in cases for trial in case.trials)
    return f"{min(sum(max(one, 0.0) for one in told if one is not None), LONGEST_TIME):.3f}"
