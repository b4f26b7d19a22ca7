"""JUnit XML, which every CI server shows as test results: a rule is a test, its findings its failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from agentops_eval.domain import Finding, Level, Rule

MOST_SHOWN = 100
"""Findings of one rule that are written out; the others are counted."""

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(
    findings: Iterable[Finding], rules: Sequence[Rule], *, suite: str, fail_on: Level | None
) -> bytes:
    """One test case per rule that was checked; it fails where a finding is as bad as ``fail_on``, or worse.

    Milder findings are the case's output. With None nothing fails.
    """
    found: dict[str, list[Finding]] = {rule.id: [] for rule in rules}
    for one in findings:
        found.setdefault(one.rule, []).append(one)
    known = {rule.id: rule for rule in rules}
    cases = [_case(known.get(name), name, some, suite, fail_on) for name, some in found.items()]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    whole = ET.Element("testsuites", counts)
    body = ET.SubElement(whole, "testsuite", {"name": clean(suite), **counts, "skipped": "0"})
    body.extend(cases)
    written: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _case(rule: Rule | None, name: str, some: list[Finding], suite: str, fail_on: Level | None) -> ET.Element:
    title = name if rule is None else f"{rule.id} {rule.slug}"
    group = "" if rule is None else f".{rule.group.replace(' ', '-')}"
    case = ET.Element("testcase", {"classname": clean(f"{suite}{group}"), "name": clean(title), "time": "0"})
    bad = [one for one in some if fail_on is not None and one.level.rank <= fail_on.rank]
    if bad:
        message = f"{len(bad)} x {bad[0].message}" if len(bad) > 1 else bad[0].message
        told = {"type": name, "message": clean(message)}
        fix = "" if rule is None else f"fix: {rule.fix}\n"
        ET.SubElement(case, "failure", told).text = clean(_lines(bad) + fix)
    mild = [one for one in some if fail_on is None or one.level.rank > fail_on.rank]
    if mild:
        ET.SubElement(case, "system-out").text = clean(_lines(mild))
    return case


def _lines(some: list[Finding]) -> str:
    shown = [f"{one.level} {one.message} [{_place(one)}]\n" for one in some[:MOST_SHOWN]]
    rest = len(some) - len(shown)
    return "".join(shown) + (f"and {rest} more\n" if rest else "")


def _place(one: Finding) -> str:
    return " ".join(part for part in (one.span, one.span_id, one.where) if part)


def clean(text: str) -> str:
    """The same text with what XML cannot hold shown as escapes."""
    return _FORBIDDEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
