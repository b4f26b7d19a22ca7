"""Group 3: decision points, where a run could have gone another way."""

from __future__ import annotations

from agentops_eval.domain import Level, Rule, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

RULES = (
    Rule(
        id="AL301",
        slug="decisions-untold",
        level=Level.INFO,
        group=Group.DECISION,
        title="the run decides, and nothing in it says what was open and why it chose",
        explanation="A plan, a call of a tool and a hand-off to another agent are decisions. No span tells "
        "of one as a decision, so that an audit has only what was done, not what else could have been.",
        fix=f"set {sc.AGENTOPS_DECISION_TYPE}, {sc.AGENTOPS_DECISION_OPTIONS} and "
        f"{sc.AGENTOPS_DECISION_CHOSEN} on the deciding span",
    ),
    Rule(
        id="AL302",
        slug="choice-missing",
        level=Level.WARN,
        group=Group.DECISION,
        title="a decision does not tell what was chosen",
        explanation="Its type or its options are there, its outcome is not.",
        fix=f"set {sc.AGENTOPS_DECISION_CHOSEN}",
    ),
    Rule(
        id="AL303",
        slug="choice-not-offered",
        level=Level.WARN,
        group=Group.DECISION,
        title="what was chosen was none of the options",
        explanation="Either the options are incomplete or the agent went where it was not meant to.",
        fix=f"list every option in {sc.AGENTOPS_DECISION_OPTIONS}, and look at the choice",
    ),
    Rule(
        id="AL304",
        slug="reason-missing",
        level=Level.INFO,
        group=Group.DECISION,
        title="a decision does not tell its reason",
        explanation="An audit asks why.",
        fix=f"set {sc.AGENTOPS_DECISION_REASON}",
    ),
)

_KEYS = (sc.AGENTOPS_DECISION_TYPE, sc.AGENTOPS_DECISION_OPTIONS, sc.AGENTOPS_DECISION_CHOSEN)


def check(view: View, sheet: Sheet) -> None:
    """Check what is told of decisions, and whether anything is."""
    told = [span for span in view.spans if any(key in span.attributes for key in _KEYS)]
    for span in told:
        _decision(span, sheet)
    points = _points(view)
    if points or told:
        first = min(points, key=lambda span: (span.start_ns, span.span_id)) if points else told[0]
        sheet.check("AL301", told, first, f"places where it decides: {len(points)}; told as a decision: none")


def _points(view: View) -> list[Span]:
    """Spans that decide: plans, answers that ask for tools, hand-offs."""
    deciding = {one.span.span_id: one.span for one in view.asked}
    handed = [span for span in view.agents if sc.AGENTOPS_HANDOFF_SENDER in span.attributes]
    return [*deciding.values(), *view.plans, *handed]


def _decision(span: Span, sheet: Sheet) -> None:
    chosen, options = (
        text_of(span, sc.AGENTOPS_DECISION_CHOSEN),
        span.attributes.get(sc.AGENTOPS_DECISION_OPTIONS),
    )
    sheet.check("AL302", chosen, span)
    sheet.check("AL304", text_of(span, sc.AGENTOPS_DECISION_REASON), span)
    if chosen and isinstance(options, tuple) and options:
        open_to_it = ", ".join(map(str, options[:20]))
        sheet.check("AL303", chosen in options, span, f"chosen: {chosen}; options: {open_to_it}")
