"""Estimates with their intervals and margins on lines around zero: left is worse, right is better."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.domain import MetricDecision
from agentops_eval.reports._charts import MOST_ROWS, Chart, Mark
from agentops_eval.reports._text import finite, one_line
from agentops_eval.reports.gate._words import NAME, better_of, estimated, harm, limits_of, margin

_LEAST_SPAN, _FURTHEST = 1e-9, 8.0
"""A line is at most so many times as long as its margin, so that the margin can be told from zero."""


def forest(metrics: Sequence[MetricDecision]) -> Chart:
    """A line for each metric. Their units differ, and so each line has a scale of its own."""
    return Chart(
        title="What the candidate changed",
        marks=[_mark(metric) for metric in metrics[:MOST_ROWS]],
        low="worse",
        high="better",
        zero=50.0,
        note="left is worse, right is better, each on a scale of its own; dotted is the margin",
        more=max(len(metrics) - MOST_ROWS, 0),
    )


def _mark(metric: MetricDecision) -> Mark:
    told = estimated(metric)
    worst = margin(metric)
    name = one_line(metric.name, NAME)
    span, sign = _span(metric), _sign(metric)
    at, low, high = (finite(one) for one in (metric.estimate, metric.low, metric.high))
    ends = [("low", low), ("high", high)]
    if sign < 0:
        ends = [("low", high), ("high", low)]
    places, further = dict[str, float](), list[str]()
    for name_of_end, value in ends:
        edge = 0.0 if name_of_end == "low" else 100.0
        place = edge if value is None else _place(sign * value, span)
        places[name_of_end] = place
        if value is None or abs(value) > span:
            further.append(name_of_end)
    known = at is not None
    return Mark(
        name=name,
        text=told,
        told=f"{told}, margin {worst}" if worst else told,
        n=metric.n,
        at=None if at is None else _place(sign * at, span),
        low=places["low"] if known else None,
        high=places["high"] if known else None,
        tone=harm(metric),
        limits=[_place(sign * limit, span) for limit in limits_of(metric) if abs(limit) <= span],
        open=further,
    )


def _sign(metric: MetricDecision) -> float:
    """A rate is of events that nobody wants; of what must stay the same, less is on the left."""
    return -1.0 if metric.scale == "rate" or better_of(metric) == "lower" else 1.0


def _span(metric: MetricDecision) -> float:
    limits = [abs(limit) for limit in limits_of(metric)]
    known = [abs(one) for one in map(finite, (metric.estimate, metric.low, metric.high)) if one is not None]
    whole = max([_LEAST_SPAN, *limits, *known])
    least = max(
        [*(_FURTHEST * limit for limit in limits), 1.25 * abs(finite(metric.estimate) or 0.0)], default=0
    )
    return max(min(whole, least) if least and any(limits) else whole, _LEAST_SPAN) * 1.05


def _place(value: float, span: float) -> float:
    return round(50 + 50 * min(max(value / span, -1.0), 1.0), 2)
