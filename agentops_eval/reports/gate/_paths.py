"""Evidence drawn over n with what it is compared with: places in a picture, and the figures in a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import EvidencePoint, MetricDecision
from agentops_eval.reports._text import one_line
from agentops_eval.reports.gate._story import SIDES, Story, bound_of, crossing, of_side, stories
from agentops_eval.reports.gate._ticks import decades, numbers, spelled_n
from agentops_eval.reports.gate._words import NAME, evidence, is_planned, strength, threshold

WIDTH, HEIGHT = 360, 216
LEFT, RIGHT, TOP, BOTTOM = 42, 350, 10, 186
MOST_BUCKETS, MOST_FIGURES, MOST_TABLED = 240, 50, 12
_HEADROOM = 0.1
"""The part of the picture above all lines, for the words that stand on them."""
_BELOW, _ABOVE = math.log(1e-4), math.log(1e4)
"""Evidence further below 1, or above what is asked, is drawn at the edge: both are settled."""
_FARTHEST = 1_000.0
"""Bounds of looks are not drawn from here on: no z-value comes near them."""
_LINE = 12
"""Closer than this, words lie over each other."""
_WORDS = 60
"""About the width of the words at a place where evidence suffices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Evidence for one side: a line through ``points`` that ends at ``end``, with a dot at each look."""

    side: str
    points: str
    end: tuple[float, float]
    dots: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """What suffices for a side: a line, and where its words begin, or end with ``last``."""

    side: str
    points: str
    words: str
    x: float
    y: float
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Where evidence first sufficed, and its words; they end at the place with ``last``."""

    side: str
    x: float
    y: float
    words: str
    words_at: tuple[float, float]
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The evidence of one metric. ``rows`` tell it in figures, ``more`` how many points are in no row.

    ``stories`` say what was bet and what came of it, ``reached`` where it sufficed.
    """

    name: str
    told: str
    planned: bool
    curves: Sequence[Curve]
    boundaries: Sequence[Boundary]
    reached: Sequence[Reached]
    stories: Sequence[Story]
    y_ticks: Sequence[tuple[float, str]]
    x_ticks: Sequence[tuple[float, str]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: int


def picture(metric: MetricDecision) -> Picture | None:
    """The path of a metric, thinned so that no peak is lost; None where there is none."""
    path = sorted(metric.path, key=lambda point: point.n)
    if not path:
        return None
    planned = is_planned(metric)
    scale = _Scale(metric, path, planned=planned)
    tabled = _tabled(path)
    return Picture(
        name=one_line(metric.name, NAME),
        told="; ".join(f"{side} {evidence(metric, side)}" for side in SIDES) + f"; n = {metric.n:,}",
        planned=planned,
        curves=[curve for side in SIDES if (curve := _curve(path, side, scale, planned=planned))],
        boundaries=_boundaries(metric, path, scale),
        reached=[found for side in SIDES if (found := _reached(metric, path, side, scale))],
        stories=stories(metric),
        y_ticks=[(scale.y(at), words) for at, words in scale.ticks()],
        x_ticks=[(scale.x(n), spelled_n(n)) for n in numbers(0, path[-1].n, 4) if n == int(n)],
        head=("n", *(f"{'z' if planned else 'e'} for {'promotion' if s == 'promote' else s}" for s in SIDES)),
        rows=[
            (f"{point.n:,}", *(_told(of_side(point, side), planned=planned) for side in SIDES))
            for point in tabled
        ],
        more=len(path) - len(tabled),
    )


class _Scale:
    """Where a number of units and a strength of evidence lie in the picture."""

    def __init__(self, metric: MetricDecision, path: Sequence[EvidencePoint], *, planned: bool) -> None:
        self._planned = planned
        asked = [at for side in SIDES for at in _asked(metric, path, side)]
        seen = [value for point in path for side in SIDES if math.isfinite(value := of_side(point, side))]
        roof, floor = max([0.0, *asked]), min([0.0, *asked])
        least, most = min([0.0, *seen]), max([0.0, *seen])
        least, most = max(least, floor + _BELOW), min(most, roof + _ABOVE)
        self.low, high = min(floor, least), max(roof, most, self._least())
        self.high = high + _HEADROOM * (high - self.low)
        self._last = max(path[-1].n, 1)

    def _least(self) -> float:
        return 1.0 if self._planned else math.log(10)

    def x(self, n: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * n / self._last, 1)

    def y(self, strength_of: float) -> float:
        """Places grow downwards. What is no number has none and is never asked for."""
        inside = min(max(strength_of, self.low), self.high)
        room = (self.high - self.low) or 1.0
        return round(BOTTOM - (BOTTOM - TOP) * (inside - self.low) / room, 1)

    def ticks(self) -> list[tuple[float, str]]:
        if self._planned:
            return [(at, f"{at:.3g}") for at in numbers(self.low, self.high, 5)]
        return decades(self.low, self.high)


def _curve(path: Sequence[EvidencePoint], side: str, scale: _Scale, *, planned: bool) -> Curve | None:
    some = [(point.n, of_side(point, side)) for point in path]
    known = [(n, value) for n, value in some if not math.isnan(value)]
    if not known:
        return None
    places = [(scale.x(n), scale.y(value)) for n, value in thinned(known)]
    dots = places if planned and len(places) <= MOST_BUCKETS else ()
    return Curve(side=side, points=_line(places), end=places[-1], dots=dots)


def _reached(
    metric: MetricDecision, path: Sequence[EvidencePoint], side: str, scale: _Scale
) -> Reached | None:
    there = crossing(metric, path, side)
    if there is None:
        return None
    x, y = scale.x(there.n), scale.y(of_side(there, side))
    last = x > RIGHT - _WORDS
    above = last and y > TOP + _LINE + 8
    place = (x - 9 if last else x + 9, y - 8 if above else y + 14)
    return Reached(side=side, x=x, y=y, words=f"n = {there.n:,}", words_at=place, last=last)


def thinned(points: Sequence[tuple[int, float]], most: int = MOST_BUCKETS) -> list[tuple[int, float]]:
    """At most four points of each of ``most`` stretches: its first, last, lowest and highest."""
    if len(points) <= 4 * most:
        return list(points)
    found: list[tuple[int, float]] = []
    for bucket in range(most):
        part = points[len(points) * bucket // most : len(points) * (bucket + 1) // most]
        by_value: Callable[[tuple[int, float]], float] = lambda point: point[1]  # noqa: E731
        found += sorted({part[0], part[-1], min(part, key=by_value), max(part, key=by_value)})
    return found


def _asked(metric: MetricDecision, path: Sequence[EvidencePoint], side: str) -> list[float]:
    """The bounds of all looks, or the one threshold, on the scale of the path."""
    if is_planned(metric):
        now = metric.bound_promote if side == "promote" else metric.bound_rollback
        known = [bound_of(point, side) for point in path]
        return [at for at in (*known, now) if at is not None and abs(at) < _FARTHEST]
    at = metric.promote_at if side == "promote" else metric.rollback_at
    return [math.log(at)] if at is not None and at > 0 and math.isfinite(at) else []


def _boundaries(metric: MetricDecision, path: Sequence[EvidencePoint], scale: _Scale) -> list[Boundary]:
    found: list[Boundary] = []
    for side in SIDES:
        asked = _asked(metric, path, side)
        if not asked:
            continue
        bounds = [(point.n, at) for point in path if (at := bound_of(point, side)) is not None]
        looks = [(scale.x(n), scale.y(at)) for n, at in bounds if abs(at) < _FARTHEST]
        level = scale.y(asked[-1])
        start = looks[0] if looks else (LEFT + 4, level)
        at = asked[0] if looks else asked[-1]
        told = f"{at:.3g}" if is_planned(metric) else threshold(math.exp(at))
        found.append(
            Boundary(
                side=side,
                points=_line(looks or [(LEFT, level), (RIGHT, level)]),
                words=f"{'roll back' if side == 'rollback' else side} at {told}",
                x=start[0],
                y=start[1],
                last=start[0] > (LEFT + RIGHT) / 2,
            )
        )
    return _apart(found)


def _apart(found: Sequence[Boundary]) -> list[Boundary]:
    """Words stand on their lines; where two lines are close, the lower one's stand below it."""
    lowest = max((one.y for one in found), default=0.0)
    close = len(found) > 1 and abs(found[0].y - found[1].y) < _LINE
    placed = list[Boundary]()
    for one in found:
        below = close and one.y == lowest
        placed.append(replace(one, y=round(one.y + 12 if below else one.y - 4, 1)))
        close = close and not below  # of two equal ones the first is the lower
    return placed


def _line(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _tabled(path: Sequence[EvidencePoint]) -> list[EvidencePoint]:
    """The first, the last and some between them, and with them the points of most evidence."""
    if len(path) <= MOST_TABLED:
        return list(path)
    steps = MOST_TABLED - len(SIDES) - 1
    chosen = {round(at * (len(path) - 1) / steps) for at in range(steps + 1)}
    for side in SIDES:
        strengths = [-math.inf if math.isnan(value := of_side(point, side)) else value for point in path]
        chosen.add(strengths.index(max(strengths)))
    return [path[at] for at in sorted(chosen)]


def _told(value: float, *, planned: bool) -> str:
    if planned or math.isnan(value):
        return strength(value)
    return strength(math.inf if value > 709 else math.exp(value))
