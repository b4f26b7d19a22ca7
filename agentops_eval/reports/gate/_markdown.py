"""A decision in Markdown, for a comment on a pull request and for the summary of a CI job."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.domain import Decision, MetricDecision, Reason
from agentops_eval.reports._markdown import LIMIT, MOST_ROWS
from agentops_eval.reports._markup import Section, code, document, words
from agentops_eval.reports.gate._words import (
    basis,
    effect,
    estimated,
    evidence,
    headline,
    left_out,
    level,
    margin,
    needs,
    title_of,
)


def decision_markdown(decision: Decision, *, limit: int = LIMIT) -> str:
    """The value, a table of the metrics, the reasons, and the worst cases folded.

    Names, messages and traces of whoever stand in it as code and can be no link, mention, image or HTML.
    At most ``limit`` characters: of long tables the rest is counted.
    """
    said = headline(decision)
    opening = f"### {words(f'{said[0].upper()}{said[1:]}', 300)}\n\n"
    opening += f"{words(title_of(decision), 120)}: {words(basis(decision))}\n"
    if decision.left_out:
        opening += f"\nLeft out: {words(left_out(decision), 400)}\n"
    return document(opening, _sections(decision), _closing(decision), limit=limit, most=MOST_ROWS)


def _sections(decision: Decision) -> Iterator[Section]:
    yield Section(
        title="Metrics",
        head=("metric", "", "change", "margin", "promote", "rollback", "n", "needed"),
        rows=[_metric(metric) for metric in decision.metrics],
        right=frozenset({6}),
    )
    yield Section(
        title="Reasons", head=("metric", "why"), rows=[_reason(reason) for reason in decision.reasons]
    )
    metrics = {metric.name: metric for metric in decision.metrics}
    yield Section(
        title="Worst cases",
        head=("case", "metric", "baseline", "candidate", "traces"),
        rows=[
            (
                code(case.case),
                code(case.metric, 80),
                *effect(case, metrics.get(case.metric)),
                "<br>".join(code(trace) for trace in (case.baseline_trace, case.candidate_trace) if trace),
            )
            for case in decision.worst
        ],
        right=frozenset({2, 3}),
        folded=True,
    )
    yield Section(
        title="Means of both arms",
        head=("metric", "baseline", "candidate"),
        rows=[
            (code(one.name, 80), level(one, one.baseline), level(one, one.candidate))
            for one in decision.metrics
        ],
        right=frozenset({1, 2}),
        folded=True,
    )


def _metric(metric: MetricDecision) -> tuple[str, ...]:
    return (
        code(metric.name, 80),
        f"**{metric.value}**",
        words(estimated(metric)),
        words(margin(metric)),
        words(evidence(metric, "promote")),
        words(evidence(metric, "rollback")),
        f"{metric.n:,}",
        words(needs(metric)),
    )


def _reason(reason: Reason) -> tuple[str, str]:
    remedy = f"<br>remedy: {code(reason.remedy)}" if reason.remedy else ""
    return code(reason.metric, 80) or "all", f"{code(reason.message)}{remedy}"


def _closing(decision: Decision) -> str:
    facts = {"order": decision.order, "digest": decision.digest}
    told = ", ".join(f"{name} {code(value, 120)}" for name, value in facts.items() if value)
    return f"\n{told}\n" if told else ""
