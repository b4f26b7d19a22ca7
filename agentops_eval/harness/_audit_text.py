"""An audit's report as lines for people and as JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from agentops_eval.domain import Json
from agentops_eval.replay import MISSED, AuditFinding, AuditReport, Dependence, Factor

_HINTS = {
    Factor.HASH_ORDER: "a set, or what was built from one, is put in order nowhere: sort it",
    Factor.TASK_ORDER: "tasks or threads share something in the order in which they end: gather keeps order",
    Factor.NOTHING: (
        "something is read that no seam holds: a value taken while modules are imported, an address in "
        "memory, a process id, a file, threads that race"
    ),
}
_READ_AT, _READ_HERE = "  read at   ", "; read at "


def report_lines(report: AuditReport) -> tuple[str, ...]:
    """The report as text; details of a finding are indented, the last line is the conclusion."""
    lines = [line for finding in report.findings for line in _told(finding)]
    quiet = [f.value for f in report.varied if f not in {finding.factor for finding in report.findings}]
    if quiet and report.findings:
        lines.append(f"varied without effect: {', '.join(quiet)}")
    if report.unvaried:
        lines.append(f"read, but not varied: environment {', '.join(report.unvaried)}")
    if report.outcome == MISSED:
        lines.append("the plain run misses as well: calls after the first miss were not judged")
    return (*lines, _conclusion(report))


def _conclusion(report: AuditReport) -> str:
    if report.unstable is not None:
        return "not deterministic, even with nothing varied"
    count = len(report.accidental)
    if count:
        return f"not deterministic: {count} accidental dependence{'s' if count > 1 else ''}"
    if not report.calls:
        return "nothing was compared: the run makes no calls"
    judged = ", ".join(factor.value for factor in report.judged)
    if not report.unclear:
        return f"deterministic; varied: {judged}"
    found = f"deterministic in what could be judged: {judged}" if judged else "nothing could be judged"
    return f"{found}; unclear, so not judged: {', '.join(report.unclear)}"


def report_brief(report: AuditReport) -> tuple[str, ...]:
    """The report with one line per finding: what reads it stands behind it, what changed is left out."""
    lines: list[str] = []
    for text in report_lines(report):
        if not text.startswith(" "):
            lines.append(text)
        elif text.startswith(_READ_AT):
            site = text.removeprefix(_READ_AT)
            lines[-1] += f", {site}" if _READ_HERE in lines[-1] else f"{_READ_HERE}{site}"
    return tuple(lines)


def _told(finding: AuditFinding) -> Iterator[str]:
    varied = "nothing varied" if finding.factor is Factor.NOTHING else finding.factor.value
    name = f"{varied} {finding.variable}".strip()
    reached = f"reached {finding.call}" if finding.call else "reached no request"
    if finding.dependence is Dependence.UNCLEAR:
        reached = finding.note
    yield f"{name}: {finding.dependence.value}, {reached}"
    for site in finding.sites:
        yield f"{_READ_AT}{site}"
    if not finding.call:
        return
    if finding.span != "/":
        yield f"  in        {finding.span}"
    if finding.site:
        yield f"  asked at  {finding.site}"
    if finding.place:
        more = f" (and {finding.also} more)" if finding.also else ""
        yield f"  changed   {finding.place}{more}"
        yield f"  plain     {finding.before}"
        yield f"  {'again ' if finding.dependence is Dependence.UNSTABLE else 'varied'}    {finding.after}"
    if finding.note:
        yield f"  note      {finding.note}"
    hint = _HINTS.get(finding.factor)
    if hint:
        yield f"  hint      {hint}"


def report_json(report: AuditReport) -> dict[str, Json]:
    """The documented keys of ``replay --twice --json``."""
    document: Json = json.loads(msgspec.json.encode(report))
    assert isinstance(document, dict)
    return {"deterministic": report.deterministic, "unclear": list(report.unclear), **document}
