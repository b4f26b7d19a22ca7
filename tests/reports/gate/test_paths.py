"""Paths of evidence as places in a picture: inside it, thinned without losing a peak, told in figures."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import EvidencePoint
from agentops_eval.reports.gate._forest import forest
from agentops_eval.reports.gate._paths import BOTTOM, LEFT, RIGHT, TOP, picture, thinned
from agentops_eval.reports.gate._ticks import decades, numbers
from tests.reports.gate._decisions import cost, metric, planned, unpaid, walk

LOGS = st.floats() | st.floats(-50, 50)
POINTS = st.lists(
    st.builds(
        EvidencePoint, n=st.integers(0, 10**9), promote=LOGS, rollback=LOGS, bound_promote=st.none() | LOGS
    ),
    max_size=30,
)


def places(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


@given(POINTS, st.none() | st.floats(), st.none() | st.floats(), st.none() | st.floats())
def test_any_path_stays_inside_its_picture(path, at, bound, z):
    """Infinite, missing and huge evidence is drawn at an edge or not at all."""
    found = picture(metric(path=tuple(path), promote_at=at, bound_promote=bound, z_promote=z))
    assert (found is None) == (not path)
    for line in [] if found is None else [*found.curves, *found.boundaries]:
        for x, y in places(line.points):
            assert LEFT - 0.1 <= x <= RIGHT + 0.1
            assert TOP - 0.1 <= y <= BOTTOM + 0.1
    for y, _ in [] if found is None else found.y_ticks:
        assert TOP - 0.1 <= y <= BOTTOM + 0.1


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3_000), st.integers(1, 50))
def test_thinning_keeps_ends_and_extremes(values, most):
    """The picture has at most four points of each stretch, in order, with the highest and the lowest."""
    points = list(enumerate(values))
    some = thinned(points, most)
    assert len(some) <= 4 * most
    assert some == sorted(some)
    assert set(some) <= set(points)
    assert (some[0], some[-1]) == (points[0], points[-1])
    assert max(value for _, value in some) == max(values)
    assert min(value for _, value in some) == min(values)


def test_ten_thousand_points_are_thinned_and_tabled_with_their_peaks():
    """A short table has the first point, the last and those of most evidence; the rest is counted."""
    path = walk(10_000)
    found = picture(metric(path=path))
    assert max(len(places(curve.points)) for curve in found.curves) <= 960
    assert len(found.rows) <= 12
    assert len(found.rows) + found.more == 10_000
    peak = max(path, key=lambda point: point.rollback)
    assert {"1", "10,000", f"{peak.n:,}"} <= {row[0] for row in found.rows}


def test_thresholds_lie_where_their_evidence_would():
    """A curve that ends exactly at the threshold ends on its line; more evidence is higher up."""
    path = (
        EvidencePoint(n=1, promote=0.0, rollback=0.0),
        EvidencePoint(n=9, promote=math.log(20), rollback=-1.0),
    )
    found = picture(metric(path=path, promote_at=20.0, rollback_at=40.0))
    promote, rollback = found.boundaries
    assert places(promote.points)[0][1] == found.curves[0].end[1]
    assert places(rollback.points)[0][1] < places(promote.points)[0][1] < found.curves[1].end[1]
    assert [one.words for one in found.boundaries] == ["promote at 20", "roll back at 40"]


def test_words_of_equal_thresholds_do_not_lie_over_each_other():
    """One stands on the line and the other below it."""
    found = picture(metric(rollback_at=20.0))
    assert abs(found.boundaries[0].y - found.boundaries[1].y) >= 12


def test_a_plan_has_a_bound_at_each_look():
    """Each look has a dot, and its bound lies above it by as much as is missing."""
    found = picture(planned())
    assert [len(curve.dots) for curve in found.curves] == [3, 3]
    assert [len(places(bound.points)) for bound in found.boundaries] == [3, 3]
    assert found.boundaries[0].words == "promote at 3.9"
    assert found.head == ("n", "z for promotion", "z for rollback")
    assert found.rows[-1] == ("120", "2.6", "-1.2")


def test_no_path_is_no_picture():
    """A metric without evidence is in the table only."""
    assert picture(metric(path=())) is None


def test_a_side_that_is_no_number_throughout_is_left_out():
    """The other is drawn."""
    path = tuple(replace(point, rollback=math.nan) for point in walk(5))
    assert [curve.side for curve in picture(metric(path=path)).curves] == ["promote"]


def test_worse_is_left_whatever_is_better():
    """Fewer passes and more cost both lie on the left, with their margins; so do rates of failures."""
    passed, spent, rate = forest([metric(), cost(), unpaid()]).marks
    assert passed.at < 50
    assert spent.at < 50
    assert rate.at < 50
    assert all(one.limits[0] < 50 for one in (passed, spent, rate))
    assert passed.low < passed.limits[0]
    assert rate.open == ["low"]
    assert not spent.open


def test_worse_and_better_are_told_only_of_whole_intervals():
    """An interval that has zero in it is neither."""
    some = [
        metric(low=-0.2, high=-0.01), metric(low=0.01, high=None), metric(),
        cost(low=0.1, high=0.3), metric(direction="lower", low=-0.2, high=-0.1),
        metric(direction="same", low=1.0),
    ]  # fmt: skip
    assert [mark.tone for mark in forest(some).marks] == ["worse", "better", "", "worse", "better", ""]


@given(st.none() | st.floats(), st.none() | st.floats(), st.none() | st.floats(), st.none() | st.floats())
def test_every_interval_has_a_place(estimate, low, high, margin):
    """From 0 to 100, whatever the figures are."""
    (mark,) = forest([metric(estimate=estimate, low=low, high=high, margin=margin)]).marks
    known = [one for one in (mark.at, mark.low, mark.high, *mark.limits) if one is not None]
    assert all(0 <= one <= 100 for one in known)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 10))
def test_ticks_are_few_and_inside(low, room, most):
    """Round numbers and powers of ten between the ends."""
    some = numbers(low, low + room, most)
    assert len(some) <= most + 1
    slack = room * 1e-6 + abs(low) * 1e-9
    assert all(low - slack <= one <= low + room + slack for one in some) or some == [0.0]
    logs = decades(-abs(low), room)
    assert len(logs) <= 9
    assert (0.0, "1") in logs
