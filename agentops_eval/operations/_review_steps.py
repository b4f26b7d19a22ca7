"""What a review says is to be changed, by rules: each with what shows it, and the command for it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from decimal import Decimal

from agentops_eval.domain import (
    IncidentClass,
    MonthReview,
    ReviewStep,
    SpendChange,
    VerdictValue,
    counted,
    in_code,
    in_line,
)
from agentops_eval.operations._spend import usd_of

_OFTEN = 0.05
"""A tool that fails more often is worth a look."""

_MOST_STEPS, _LEAST_CALLS = 20, 20
_WHY = {
    "volume": ("Ask whether so many more runs are wanted: ", "it ran more often"),
    "tokens": ("See what makes prompts or answers longer: ", "a run uses more tokens"),
    "price": ("See which llm, cache or discount changed: ", "a token costs more"),
    "unsplit": ("See why a run costs more: ", "a run costs more; tokens are not told"),
}


def steps_of(review: MonthReview, traces: str, objectives: str) -> tuple[ReviewStep, ...]:
    """The steps, the riskiest first, of the same risk the dearest."""
    found = [
        *_promises(review, traces, objectives),
        *_incidents(review, traces),
        *_unknown(review, traces),
        *_lost(review, traces),
        *_rises(review, traces),
        *_tools(review, traces),
        *_drifts(review, traces),
    ]
    return tuple(sorted(found, key=lambda one: (-one.risk, -(one.usd or 0)))[:_MOST_STEPS])


def _promises(review: MonthReview, traces: str, file: str) -> Iterator[ReviewStep]:
    if not file:
        yield ReviewStep(
            do=in_line("Write objectives, and who decides when a budget is spent."),
            shown_by=in_line("No file of objectives was given: nothing can be said of promises."),
            command="agentops-eval schema objectives --out objectives.schema.json",
            risk=3,
        )
    for one in review.statuses:
        if one.verdict is VerdictValue.PASS:
            continue
        failed = one.verdict is VerdictValue.FAIL
        do = "Spend the next changes on keeping " if failed else "Get to know whether this is kept: "
        left = (
            "" if one.budget_left is None else f"; {100 * one.budget_left:.0f} % of its error budget is left"
        )
        yield ReviewStep(
            do=in_line(do, in_code(one.name), "."),
            shown_by=in_line(f"{one.verdict.value}: {one.why}{left}."),
            command=f"agentops-eval ops slo {traces} --objectives {file}",
            risk=4 if failed else 2,
        )


def _incidents(review: MonthReview, traces: str) -> Iterator[ReviewStep]:
    for name, (before, after) in review.incidents.items():
        unsafe = name == IncidentClass.SECURITY
        if not after or not (unsafe or after > before) or name == IncidentClass.UNKNOWN:
            continue
        yield ReviewStep(
            do=in_line(f"Take {name} incidents up with whoever owns their runbook."),
            shown_by=in_line(f"{counted(after, 'run')} of this class, {before} the month before."),
            command=f"agentops-eval ops runbooks {traces}",
            risk=5 if unsafe else 3,
        )


def _unknown(review: MonthReview, traces: str) -> Iterator[ReviewStep]:
    spent = review.spent
    if spent.unknown:
        yield ReviewStep(
            do=in_line("Give prices for the llms that have none: until then the month's cost is not known."),
            shown_by=in_line(
                f"The cost of {spent.unknown} of {counted(spent.calls, 'llm call')} is unknown."
            ),
            command=f"agentops-eval trace stats {traces} --unknown-llm error",
            risk=3,
        )


def _lost(review: MonthReview, traces: str) -> Iterator[ReviewStep]:
    for month in review.agents:
        whose = f"agentops-eval trace stats {traces} --agent {shlex.quote(month.agent)}"
        for spent, do, why in (
            (month.failed_spent, "Let runs fail earlier, or not at all, of ", "went into runs that failed"),
            (
                month.lost,
                "Mend retries and failing llm calls of ",
                "went into llm calls whose answer nobody used",
            ),
        ):
            if spent.usd:
                yield ReviewStep(
                    do=in_line(do, in_code(month.agent or "(unattributed)"), "."),
                    shown_by=in_line(f"{usd_of(spent.usd)} {why}{' at least' if spent.unknown else ''}."),
                    command=whose,
                    risk=2,
                    usd=spent.usd,
                )


def _rises(review: MonthReview, traces: str) -> Iterator[ReviewStep]:
    """What made spending rise, by its largest part."""
    for one in review.changes:
        part = _largest(one)
        if part is None or part[1] <= 0 or (one.change or 0) <= 0:
            continue
        name, usd = part
        do, why = _WHY[name]
        yield ReviewStep(
            do=in_line(
                do, in_code(one.agent or "(unattributed)"), " on ", in_code(one.llm or "(unnamed)"), "."
            ),
            shown_by=in_line(
                f"{usd_of(one.change)} more than the month before, {usd_of(usd)} of it as {why}."
            ),
            command=f"agentops-eval trace stats {traces} --agent {shlex.quote(one.agent)} --by llm",
            risk=1,
            usd=one.change,
        )


def _largest(one: SpendChange) -> tuple[str, Decimal] | None:
    parts = {name: value for name in _WHY if isinstance(value := getattr(one, name), Decimal)}
    return max(parts.items(), key=lambda part: part[1]) if parts else None


def _tools(review: MonthReview, traces: str) -> Iterator[ReviewStep]:
    for month in review.agents:
        for tool in month.tools:
            if tool.calls >= _LEAST_CALLS and tool.failed > _OFTEN * tool.calls:
                yield ReviewStep(
                    do=in_line(
                        "Make the tool ", in_code(tool.tool), " fail less often, or the agent need it less."
                    ),
                    shown_by=in_line(
                        f"{tool.failed} of {counted(tool.calls, 'call')} failed, {tool.retried} came again: ",
                        in_code(month.agent or "(unattributed)"),
                        ".",
                    ),
                    command=f"agentops-eval trace stats {traces} --agent {shlex.quote(month.agent)}",
                    risk=2,
                )


def _drifts(review: MonthReview, traces: str) -> Iterator[ReviewStep]:
    for one in review.drifts:
        if one.verdict is VerdictValue.FAIL:
            days = ", ".join(point.label for point in one.points[:3])
            yield ReviewStep(
                do=in_line(f"Find what moved {one.measure}{f', about {days}' if days else ''}."),
                shown_by=in_line(f"Against the month before {one.why}."),
                command=f"agentops-eval ops drift {traces} --since {review.month}-01",
                risk=4 if one.measure == "quality" else 2,
            )
