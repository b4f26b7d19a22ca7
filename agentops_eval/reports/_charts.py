"""Figures with intervals as places on a line, for the page's charts. Places are from 0 to 100."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentops_eval.domain import ChangeKind, Estimate, MetricChange, PartChange
from agentops_eval.reports._report import Measure
from agentops_eval.reports._text import figure, finite, one_line, percent, points, signed_percent, within

_LEAST_SPAN = 0.01
MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line of a chart: a name, its figure as text, and where it lies; None where nothing is known.

    ``limits`` are places that must not be passed. ``open`` names the ends of the interval, ``low`` and
    ``high``, that lie further away than the line is long.
    """

    name: str
    text: str
    told: str
    n: int = 0
    at: float | None = None
    low: float | None = None
    high: float | None = None
    tone: str = ""
    limits: Sequence[float] = ()
    open: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines on one scale, whose ends ``low`` and ``high`` name. ``zero`` is where nothing differs."""

    title: str
    marks: Sequence[Mark]
    low: str
    high: str
    zero: float | None = None
    note: str = ""
    more: int = 0


def levels(title: str, measures: Sequence[Measure]) -> Chart:
    """Shares or scores, all of them on the scale from 0 to 1."""
    percent = all(one.unit == "share" for one in measures)
    ends = ("0 %", "100 %") if percent else ("0", "1")
    marks = [_level(one) for one in measures[:MOST_ROWS]]
    more = max(len(measures) - MOST_ROWS, 0)
    return Chart(title=title, marks=marks, low=ends[0], high=ends[1], note=_methods(measures), more=more)


def _level(one: Measure) -> Mark:
    text = figure(one.value, one.unit)
    interval = within(one.low, one.high, one.unit)
    return Mark(
        name=one_line(one.name, 200),
        text=text,
        told=f"{text} {interval}".rstrip(),
        n=one.n,
        at=place(one.value),
        low=place(one.low),
        high=place(one.high),
    )


def place(share: float | None) -> float | None:
    """Where a share lies from 0 to 100; what is below 0 or above 1 is at the edge."""
    known = finite(share)
    return None if known is None else round(min(max(known, 0.0), 1.0) * 100, 2)


def differences(title: str, parts: Sequence[PartChange]) -> Chart:
    """What a candidate changed in each part, on one scale around zero; what got worse comes first."""
    some = sorted(parts, key=lambda part: part.kind is not ChangeKind.REGRESSION)[:MOST_ROWS]
    span = _span(part.difference for part in some)
    marks = [_difference(part.name, part.difference, span, part.kind, "share", part.cases) for part in some]
    return _around_zero(title, marks, span, max(len(parts) - MOST_ROWS, 0))


def relative(title: str, metrics: Sequence[MetricChange]) -> Chart:
    """What a candidate changed in each measure, as a share of the baseline's mean; others are left out."""
    scaled = [(metric, _share_of(metric)) for metric in metrics if metric.baseline]
    span = _span(estimate for _, estimate in scaled)
    marks = [
        _difference(metric.name, estimate, span, metric.kind, "relative", metric.difference.n)
        for metric, estimate in scaled
    ]
    return _around_zero(title, marks, span, 0)


def _share_of(metric: MetricChange) -> Estimate:
    whole, found = abs(metric.baseline or 1.0), metric.difference
    value, low, high = (
        None if one is None else finite(one / whole) for one in (found.value, found.low, found.high)
    )
    return Estimate(value=value, low=low, high=high, n=found.n, method=found.method)


def _span(estimates: Iterable[Estimate]) -> float:
    ends = (finite(one) for e in estimates for one in (e.value, e.low, e.high))
    return max([_LEAST_SPAN, *(abs(one) for one in ends if one is not None)])


def _around_zero(title: str, marks: Sequence[Mark], span: float, more: int) -> Chart:
    ends = _percent(-span), _percent(span)
    return Chart(title=title, marks=marks, low=ends[0], high=ends[1], zero=50.0, more=more)


def _difference(name: str, estimate: Estimate, span: float, kind: ChangeKind, unit: str, n: int) -> Mark:
    def place(value: float | None) -> float | None:
        known = finite(value)
        return None if known is None else round(50 + 50 * (known / span), 2)

    if unit == "share":
        text = points(estimate.value)
        interval = within(estimate.low, estimate.high, unit, signed=True)
    else:
        text = _percent(estimate.value)
        known = estimate.low is not None and estimate.high is not None
        ends = (_percent(one).partition(" ")[0] for one in (estimate.low, estimate.high))
        interval = f"[{', '.join(ends)}]" if known else ""
    worse = {ChangeKind.REGRESSION: "worse", ChangeKind.IMPROVEMENT: "better"}
    return Mark(
        name=one_line(name, 200),
        text=text,
        told=f"{text} {interval}".rstrip(),
        n=n,
        at=place(estimate.value),
        low=place(estimate.low),
        high=place(estimate.high),
        tone=worse.get(kind, ""),
    )


def _percent(share: float | None) -> str:
    known = signed_percent(share)
    return known if known == "?" else f"{known} %"


def _methods(measures: Iterable[Measure]) -> str:
    return "; ".join(dict.fromkeys(one.method for one in measures if one.method))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How many of a whole are of one sort; ``tone`` is its colour."""

    name: str
    tone: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a bar from 0 to 100: where it begins, how wide it is, and what it stands for in words."""

    name: str
    tone: str
    at: float
    width: float
    text: str
    share: str


def stacked(parts: Sequence[Part]) -> list[Stretch]:
    """Parts of a whole side by side in one bar, in their order; those that are empty are left out."""
    some = [one for one in parts if one.number > 0]
    whole = sum(one.number for one in some)
    found: list[Stretch] = []
    before = 0
    for one in some:
        at, end = (round(100 * number / whole, 2) for number in (before, before + one.number))
        before += one.number
        found.append(
            Stretch(
                name=one.name,
                tone=one.tone,
                at=at,
                width=round(end - at, 2),
                text=f"{one.number:,}",
                share=percent(one.number / whole),
            )
        )
    return found
