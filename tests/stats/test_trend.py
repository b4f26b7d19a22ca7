"""Trends and sums ahead, against scipy and the algebra of least squares."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import sum_ahead, theil_sen, trend_correlation, welch

SERIES = st.lists(st.floats(-1e3, 1e3).map(lambda one: round(one, 3)), min_size=8, max_size=30)

SPREAD = st.integers(-1000, 1000).map(lambda one: one / 8)


@given(SERIES)
def test_theil_sen_is_that_of_scipy(values: list[float]):
    """Slope and limits are those of scipy, ties included."""
    found = theil_sen(values)
    slope, _, low, high = scipy.stats.theilslopes(values, alpha=0.95)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((slope, low, high), abs=1e-9)


@given(SERIES, st.integers(1, 13))
def test_sums_ahead_are_those_of_least_squares(values: list[float], steps: int):
    """Value and limits are those of the matrix form, widened by the correlation of the residuals."""
    n = len(values)
    past = np.column_stack([np.ones(n), np.arange(n)])
    ahead = np.column_stack([np.ones(steps), np.arange(n, n + steps)])
    beta, *_ = np.linalg.lstsq(past, np.array(values), rcond=None)
    off = np.array(values) - past @ beta
    r = trend_correlation(values)
    total = ahead.sum(axis=0)
    factor = steps + total @ np.linalg.inv(past.T @ past) @ total
    error = math.sqrt(off @ off / (n - 2) * factor * (1 + r) / (1 - r))
    found = sum_ahead(values, steps)
    assert found is not None
    assert found.value == pytest.approx(total @ beta, abs=1e-5)
    assert found.high - found.value == pytest.approx(
        scipy.stats.t.ppf(0.975, n - 2) * error, rel=1e-4, abs=1e-5
    )


@given(st.lists(SPREAD, min_size=2, max_size=20), st.lists(SPREAD, min_size=2, max_size=20))
def test_welch_is_that_of_scipy(values: list[float], usual: list[float]):
    """Where there is spread, the limits are those of scipy's test."""
    found = welch(values, usual)
    assert found is not None
    if min(np.var(values), np.var(usual)) > 0:
        other = scipy.stats.ttest_ind(values, usual, equal_var=False).confidence_interval()
        assert found.limits == pytest.approx((other.low, other.high), rel=1e-5, abs=1e-5)
    assert found.value == pytest.approx(np.mean(values) - np.mean(usual), abs=1e-9)


def test_too_few_say_nothing():
    """Seven steps are no trend, one value has no slope, and one value has no spread."""
    assert sum_ahead([1.0] * 7, 3) is None
    assert theil_sen([1.0]) is None
    assert welch([1.0], [1.0, 2.0]) is None


def test_what_is_not_finite_is_refused():
    """No sum is made of what is no number, and nothing is zero steps ahead."""
    with pytest.raises(ValueError, match="finite"):
        sum_ahead([math.nan] * 9, 3)
    with pytest.raises(ValueError, match="step"):
        sum_ahead([1.0] * 9, 0)


@pytest.mark.parametrize(("r", "at_least"), [(0.0, 0.92), (0.3, 0.86)])
def test_limits_hold_what_comes(r: float, at_least: float):
    """Of sums of 13 steps after 26 about 95 of 100 lie within the limits, and few less where steps depend."""
    rng, held, rounds = random.Random(8), 0, 1_000
    for _ in range(rounds):
        values, one = [], rng.gauss(0, 1)
        for at in range(39):
            one = r * one + math.sqrt(1 - r * r) * rng.gauss(0, 1)
            values.append(100 + 2 * at + 10 * one)
        found = sum_ahead(values[:26], 13)
        assert found is not None
        held += found.low <= sum(values[26:]) <= found.high
    assert held / rounds >= at_least


def test_the_correlation_around_a_line_is_what_the_residuals_show_and_what_the_fit_took():
    """It is that of the residuals with 2 / n added and the rest stretched, and 0 where that is below 0."""
    for seed in range(40):
        rng = random.Random(seed)
        values = [3 * at + rng.gauss(0, 1) for at in range(30)]
        slope, base = np.polyfit(np.arange(30), values, 1)
        off = np.array(values) - base - slope * np.arange(30)
        seen = off[:-1] @ off[1:] / (off @ off)
        assert trend_correlation(values) == pytest.approx(max(0.0, (30 * seen + 2) / 26), abs=1e-6)
    assert trend_correlation([1.0, 5.0, 2.0, 8.0]) == 0


@pytest.mark.parametrize("r", [0.0, 0.5])
def test_the_correlation_around_a_line_is_about_the_true_one(r: float):
    """On average over series of fifty, it is right by a tenth, the trend notwithstanding."""
    rng, found = random.Random(9), []
    for _ in range(200):
        values, one = [], rng.gauss(0, 1)
        for at in range(50):
            one = r * one + math.sqrt(1 - r * r) * rng.gauss(0, 1)
            values.append(3 * at + one)
        found.append(trend_correlation(values))
    assert sum(found) / len(found) == pytest.approx(r, abs=0.1)
