"""The review of a month out of its facts: spending and why, how promises stand, what to change. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from agentops_eval.domain import AgentMonth, MonthReview, RunFacts, Spent
from agentops_eval.operations._drift import drift_between
from agentops_eval.operations._forecast import forecast_cost
from agentops_eval.operations._measure import Reviewed, measure
from agentops_eval.operations._objectives import Objectives
from agentops_eval.operations._review_steps import steps_of
from agentops_eval.operations._spend import spend_changes

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """What a review is made of: facts of runs, each agent's months, and incidents by month and class.

    ``objectives`` is None where no file of them was given. ``traces`` is where the runs are, in words of a
    command.
    """

    runs: Sequence[RunFacts] = ()
    agents: Mapping[str, Sequence[AgentMonth]] = field(default_factory=dict)
    incidents: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    objectives: Objectives | None = None
    reviews: Sequence[Reviewed] = ()
    objectives_file: str = ""
    traces: str = "TRACES"


def month_of(at_s: float) -> str:
    """The month (UTC) of a moment in seconds since 1970: ``2026-10``."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m")


def month_start_s(month: str) -> float:
    """When a month begins, in seconds since 1970. Raises ValueError for what is no month."""
    found = MONTH.fullmatch(month)
    if found is None:
        raise ValueError(f"{month!r} is no month; write 2026-10")
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC).timestamp()


def next_month(month: str, by: int = 1) -> str:
    """The month so many months later; before it where ``by`` is below 0."""
    year, number = map(int, month.split("-"))
    whole = 12 * year + number - 1 + by
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def last_whole_month(months: Iterable[str], *, now_s: float) -> str:
    """The latest of the months that has ended by ``now_s``; empty where none has."""
    current = month_of(now_s)
    return max((one for one in months if one < current), default="")


def review_month(month: str, facts: ReviewFacts) -> MonthReview:
    """The review of a month against the one before it. Nothing of a later month is looked at."""
    former, start_s, end_s = next_month(month, -1), month_start_s(month), month_start_s(next_month(month))
    began_s = month_start_s(former)
    known = [run for run in facts.runs if run.at_s < end_s]
    now = [run for run in known if run.at_s >= start_s]
    before = [run for run in known if began_s <= run.at_s < start_s]
    agents, agents_before = (tuple(facts.agents.get(one, ())) for one in (month, former))
    promised = () if facts.objectives is None else facts.objectives.objectives
    review = MonthReview(
        month=month,
        former=former,
        runs=len(now),
        runs_before=len(before),
        spent=sum((one.spent for one in agents), Spent()),
        spent_before=sum((one.spent for one in agents_before), Spent()),
        agents=agents,
        agents_before=agents_before,
        changes=spend_changes(agents_before, agents),
        statuses=measure(promised, known, now_s=end_s - 1e-3, reviews=facts.reviews),
        statuses_before=measure(promised, known, now_s=start_s - 1e-3, reviews=facts.reviews),
        incidents=_incidents(facts.incidents.get(former, {}), facts.incidents.get(month, {})),
        drifts=drift_between(before, now),
        forecast=forecast_cost(known, now_s=end_s),
    )
    return replace(review, steps=steps_of(review, facts.traces, facts.objectives_file))


def _incidents(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Classes with their counts before and after, the most frequent first."""
    found = {name: (before.get(name, 0), after.get(name, 0)) for name in sorted({*before, *after})}
    return dict(sorted(found.items(), key=lambda one: (-one[1][1], -one[1][0], one[0])))
