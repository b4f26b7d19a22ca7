"""A decision as one HTML page that needs nothing else: figures, evidence drawn over n, the worst cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from agentops_eval.domain import CaseEffect, Decision, DecisionValue, MetricDecision, Reason
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._place import uri
from agentops_eval.reports._text import block, one_line
from agentops_eval.reports.gate._forest import forest
from agentops_eval.reports.gate._paths import (
    BOTTOM,
    HEIGHT,
    LEFT,
    MOST_FIGURES,
    RIGHT,
    TOP,
    WIDTH,
    picture,
)
from agentops_eval.reports.gate._words import (
    NAME,
    about,
    effect,
    estimated,
    evidence,
    harm,
    headline,
    left_out,
    level,
    margin,
    needs,
    title_of,
)

MOST_METRICS, MOST_REASONS, MOST_WORST = 200, 100, 200
_LONGEST_NAME, _LONGEST_TEXT, _LONGEST_LINK = 400, 2_000, 2_000
_GLYPHS = {
    DecisionValue.PROMOTE: "\u2713",
    DecisionValue.HOLD: "\u2016",
    DecisionValue.ROLLBACK: "\u2715",
}
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One metric as it stands in the table."""

    name: str
    role: str
    value: DecisionValue
    baseline: str
    candidate: str
    change: str
    harm: str
    margin: str
    promote: str
    rollback: str
    n: int
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Why:
    metric: str
    code: str
    message: str
    remedy: str
    blocks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worst:
    """A case and where its traces are: the arm, the words, and the address, empty where it is none."""

    case: str
    metric: str
    baseline: str
    candidate: str
    traces: Sequence[tuple[str, str, str]]


def decision_html(decision: Decision, *, back: str = "") -> str:
    """The whole decision as one page: value, reasons, metrics, intervals, paths of evidence, worst cases.

    Names and messages are text to this page, whatever they say. It forbids itself to load anything, and to
    run anything but its own script. Long lists and paths are thinned and what is left out is counted, so that
    the page stays small. Traces are links where they are files, relative to the page, or web addresses.
    ``back`` is the address of an index that the page leads back to.
    """
    drawn = [metric for metric in decision.metrics if metric.path]
    metrics = {metric.name: metric for metric in decision.metrics}
    return page_of(
        "gate.html.j2",
        styles=["style.css", "gate.css"],
        scripts=["theme.js", "ready.js"],
        back=back,
        title=title_of(decision),
        headline=headline(decision),
        value=decision.value,
        glyphs=_GLYPHS,
        facts=_facts(decision),
        reasons=[_why(reason) for reason in decision.reasons[:MOST_REASONS]],
        rows=[_row(metric) for metric in decision.metrics[:MOST_METRICS]],
        chart=forest(decision.metrics),
        pictures=list(map(picture, drawn[:MOST_FIGURES])),
        worst=[_worst(case, metrics.get(case.metric)) for case in decision.worst[:MOST_WORST]],
        more={
            "reasons": max(len(decision.reasons) - MOST_REASONS, 0),
            "metrics": max(len(decision.metrics) - MOST_METRICS, 0),
            "pictures": max(len(drawn) - MOST_FIGURES, 0),
            "worst": max(len(decision.worst) - MOST_WORST, 0),
        },
        versions=_versions(decision),
        place={"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM, "width": WIDTH, "height": HEIGHT},
    )


def _facts(decision: Decision) -> list[tuple[str, str, str]]:
    """Figures of the whole decision: a name, the figure, and what has to be known of it."""
    units = sorted({one_line(metric.unit, NAME) for metric in decision.metrics})
    unit = f"{units[0]}s" if len(units) == 1 else "units"
    found = [("stage", one_line(decision.stage, NAME), ""), ("next", one_line(decision.next_stage, NAME), "")]
    needed = f"{decision.n_needed:,} more needed" if decision.n_needed else ""
    found += [(unit, f"{decision.n:,}", needed), ("evidence", one_line(decision.mode, NAME), "")]
    number = sum(number for _, number in decision.left_out)
    if decision.left_out:
        found.append(("left out", f"{number:,}", left_out(decision)))
    return [fact for fact in found if fact[1]]


def _versions(decision: Decision) -> list[tuple[str, str]]:
    facts = [("seed", str(decision.seed)), ("order", decision.order), ("digest", decision.digest)]
    return [(name, one_line(value, _LONGEST_NAME)) for name, value in facts if value]


def _why(reason: Reason) -> _Why:
    return _Why(
        metric=about(reason),
        code=one_line(reason.code, NAME),
        message=one_line(reason.message, _LONGEST_TEXT),
        remedy=block(reason.remedy, _LONGEST_TEXT),
        blocks=reason.blocks,
    )


def _row(metric: MetricDecision) -> _Row:
    return _Row(
        name=one_line(metric.name, NAME),
        role=one_line(f"{metric.kind} {metric.role}", NAME),
        value=metric.value,
        baseline=level(metric, metric.baseline),
        candidate=level(metric, metric.candidate),
        change=estimated(metric),
        harm=harm(metric),
        margin=margin(metric),
        promote=evidence(metric, "promote"),
        rollback=evidence(metric, "rollback"),
        n=metric.n,
        needs=needs(metric),
    )


def _worst(case: CaseEffect, metric: MetricDecision | None) -> _Worst:
    before, after = effect(case, metric)
    arms = (("baseline", case.baseline_trace), ("candidate", case.candidate_trace))
    return _Worst(
        case=one_line(case.case, _LONGEST_NAME),
        metric=one_line(case.metric, NAME),
        baseline=before,
        candidate=after,
        traces=[(arm, one_line(trace, _LONGEST_NAME), address(trace)) for arm, trace in arms if trace],
    )


def address(trace: str) -> str:
    """Where a trace leads: a web address, or a file. Empty for an id, and for what is too long to be either.

    A path is quoted, so that what looks like another scheme is a file's name.
    """
    if len(trace) > _LONGEST_LINK:
        return ""
    if trace.startswith(_WEB):
        return quote(trace.encode("utf-8", "surrogatepass"), safe=":/?#[]@!$&'()*+,;=%-._~")
    is_file = "/" in trace or "\\" in trace or trace.endswith((".json", ".jsonl"))
    return uri(trace) if is_file and "\0" not in trace else ""
