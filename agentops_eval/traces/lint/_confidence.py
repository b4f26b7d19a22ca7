"""Group 6: how sure an agent was, and what evaluations made of it."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Attribute, Level, Rule, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import number
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

RULES = (
    Rule(
        id="AL601",
        slug="confidence-untold",
        level=Level.INFO,
        group=Group.CONFIDENCE,
        title="the run tells neither its confidence nor an evaluation",
        explanation="Escalations and canary gates use it: it falls before errors show.",
        fix=f"set {sc.AGENTOPS_CONFIDENCE}, 0 to 1, or emit a {sc.EVALUATION_RESULT} event",
    ),
    Rule(
        id="AL602",
        slug="confidence-out-of-range",
        level=Level.WARN,
        group=Group.CONFIDENCE,
        title="a confidence is not between 0 and 1",
        explanation="Percentages and other scales cannot be compared with what others tell.",
        fix="divide by the scale's end",
    ),
    Rule(
        id="AL603",
        slug="evaluation-name-missing",
        level=Level.WARN,
        group=Group.CONFIDENCE,
        title="an evaluation does not tell what was evaluated",
        explanation=f"{sc.EVALUATION_NAME} is required: a score without a name says nothing.",
        fix=f"set {sc.EVALUATION_NAME} on the event",
        upstream="genai_expected_attribute_missing",
    ),
    Rule(
        id="AL604",
        slug="evaluation-score-out-of-range",
        level=Level.WARN,
        group=Group.CONFIDENCE,
        title="an evaluation's score is not between 0 and 1",
        explanation="Scores on several scales cannot be averaged or compared.",
        fix="divide by the scale's end",
    ),
    Rule(
        id="AL605",
        slug="evaluation-empty",
        level=Level.WARN,
        group=Group.CONFIDENCE,
        title="an evaluation has neither a score nor a label",
        explanation="It says that something was judged, and not how.",
        fix=f"set {sc.EVALUATION_SCORE_VALUE} or {sc.EVALUATION_SCORE_LABEL}",
    ),
)


def check(view: View, sheet: Sheet) -> None:
    """Check confidences on spans, and evaluations as events of the spans that were emitted."""
    told = 0
    for span in view.spans:
        for key in (sc.AGENTOPS_CONFIDENCE, sc.AGENTOPS_DECISION_CONFIDENCE):
            if key in span.attributes:
                told += 1
                value = span.attributes[key]
                sheet.check("AL602", _in_range(value), span, f"{key} is {value!r}")
    for source in view.sources:
        for event in source.span.events:
            if event.name == sc.EVALUATION_RESULT:
                told += 1
                _evaluation(event.attributes, source.span, sheet)
    if view.llms or view.agents:
        sheet.check("AL601", told, (view.agents or view.llms)[0])


def _evaluation(given: Mapping[str, Attribute], span: Span, sheet: Sheet) -> None:
    score = given.get(sc.EVALUATION_SCORE_VALUE)
    sheet.check("AL603", given.get(sc.EVALUATION_NAME), span)
    sheet.check("AL605", score is not None or given.get(sc.EVALUATION_SCORE_LABEL), span)
    if score is not None:
        sheet.check("AL604", _in_range(score), span, f"{sc.EVALUATION_SCORE_VALUE} is {score!r}")


def _in_range(value: Attribute) -> bool:
    found = number(value)
    return found is not None and 0 <= found <= 1
