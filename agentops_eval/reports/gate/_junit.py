"""A decision as JUnit XML: each metric is a test, and so is the gate itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from agentops_eval.domain import Decision, DecisionValue, MetricDecision, Reason
from agentops_eval.reports._junit import clean
from agentops_eval.reports._results_junit import unmarked
from agentops_eval.reports._text import cut, one_line
from agentops_eval.reports.gate._words import (
    NAME,
    basis,
    effect,
    estimated,
    evidence,
    headline,
    is_data_problem,
    left_out,
    margin,
    needs,
    reasons_for,
    title_of,
    value_of,
)

LONGEST_MESSAGE, LONGEST_TEXT, MOST_WORST = 500, 10_000, 50


def decision_junit(decision: Decision) -> bytes:
    """One test case per metric and one for the gate: green where it is promoted, and nowhere else.

    A rollback and a hold are failures of these types, since servers show what is skipped as good news.
    Where the data cannot be used, it is an error.
    """
    cases = [*_metrics(decision), _gate(decision)]
    tags = [child.tag for case in cases for child in case]
    counts = {
        "tests": str(len(cases)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "time": "0.000",
    }
    whole = ET.Element("testsuites", {"name": "agentops-eval", **counts})
    suite = ET.SubElement(whole, "testsuite", {"name": clean(title_of(decision)), **counts, "skipped": "0"})
    properties = ET.SubElement(suite, "properties")
    for name, value in _facts(decision):
        ET.SubElement(properties, "property", {"name": name, "value": clean(cut(value, LONGEST_MESSAGE))})
    suite.extend(cases)
    written: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _facts(decision: Decision) -> Iterator[tuple[str, str]]:
    facts = {
        "value": str(decision.value),
        "stage": decision.stage,
        "next_stage": decision.next_stage,
        "mode": decision.mode,
        "n": str(decision.n),
        "n_needed": "" if decision.n_needed is None else str(decision.n_needed),
        "left_out": left_out(decision),
        "seed": str(decision.seed),
        "order": decision.order,
        "digest": decision.digest,
    }
    return ((name, value) for name, value in facts.items() if value)


def _metrics(decision: Decision) -> Iterator[ET.Element]:
    group = title_of(decision)
    for metric in decision.metrics:
        reasons = reasons_for(decision, metric.name)
        lines = list(_figures(metric))
        told = f"{estimated(metric)}; {lines[-1]}"
        value = value_of(decision, metric)
        yield _case(group, one_line(metric.name, NAME) or "metric", value, told, reasons, lines)


def _gate(decision: Decision) -> ET.Element:
    metrics = {metric.name: metric for metric in decision.metrics}
    lines = [basis(decision)]
    for case in decision.worst[:MOST_WORST]:
        before, after = effect(case, metrics.get(case.metric))
        traces = " ".join(trace for trace in (case.baseline_trace, case.candidate_trace) if trace)
        lines.append(f"{case.case}: {case.metric} {before} -> {after} {traces}".rstrip())
    named = {metric.name for metric in decision.metrics}
    reasons = [reason for reason in decision.reasons if reason.metric not in named]
    return _case(title_of(decision), "gate", decision.value, headline(decision), reasons, lines)


def _figures(metric: MetricDecision) -> Iterator[str]:
    yield f"change {estimated(metric)}"
    if margin(metric):
        yield f"margin {margin(metric)}"
    yield f"n {metric.n}"
    sides = ", ".join(f"{side} {evidence(metric, side)}" for side in ("promote", "rollback"))
    yield "; ".join(part for part in (sides, needs(metric)) if part)


def _case(
    group: str, name: str, value: DecisionValue, told: str, reasons: Sequence[Reason], lines: Sequence[str]
) -> ET.Element:
    found = ET.Element("testcase", {"classname": clean(group), "name": clean(name), "time": "0.000"})
    if value is not DecisionValue.PROMOTE:
        broken = value is DecisionValue.HOLD and any(map(is_data_problem, reasons))
        message = reasons[0].message if reasons else told
        attributes = {"type": str(value), "message": clean(cut(message, LONGEST_MESSAGE))}
        text = "\n".join([*_why(reasons), *lines])
        ET.SubElement(found, "error" if broken else "failure", attributes).text = _safe(text)
    ET.SubElement(found, "system-out").text = _safe("\n".join(lines))
    return found


def _why(reasons: Sequence[Reason]) -> Iterator[str]:
    for reason in reasons:
        yield f"{reason.code}: {reason.message}"
        if reason.remedy:
            yield f"remedy: {reason.remedy}"


def _safe(text: str) -> str:
    return clean(unmarked(cut(text, LONGEST_TEXT)))
