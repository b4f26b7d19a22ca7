"""Calibration errors and the Brier score of forecasts, against their definitions."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import brier, calibration_error, calibration_noise, edges_of, reliability_bins

FORECASTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60)


def drawn(n: int, *, seed: int, power: float = 1.0) -> list[tuple[float, bool]]:
    """Forecasts p that come true with probability p ** power."""
    rng = random.Random(seed)
    sures = [rng.random() for _ in range(n)]
    return [(sure, rng.random() < sure**power) for sure in sures]


@given(FORECASTS, st.integers(1, 20), st.sampled_from(("width", "mass")))
def test_bins_hold_every_forecast_once(forecasts: list[tuple[float, bool]], bins: int, equal: str):
    """The bins are disjoint and ordered, hold all forecasts, and their means lie within their edges."""
    found = reliability_bins(forecasts, edges_of(forecasts, bins=bins, equal=equal))
    assert sum(one.n for one in found) == len(forecasts)
    assert len(found) <= bins
    for one in found:
        assert one.low - 1e-12 <= one.confidence <= one.high + 1e-12
        assert one.rate_low <= one.rate <= one.rate_high
    assert all(one.high <= other.low for one, other in itertools.pairwise(found))


def test_bins_of_equal_mass_hold_equally_many():
    """A thousand different forecasts fall into ten bins of a hundred."""
    found = reliability_bins(drawn(1_000, seed=1), edges_of(drawn(1_000, seed=1), bins=10, equal="mass"))
    assert [one.n for one in found] == [100] * 10


@given(FORECASTS, st.integers(1, 20))
def test_the_error_is_the_weighted_gap_of_the_bins(forecasts: list[tuple[float, bool]], bins: int):
    """The value is its definition, within its limits, and those within 0 and 1."""
    edges = edges_of(forecasts, bins=bins)
    found = calibration_error(forecasts, edges, resamples=20)
    cells = reliability_bins(forecasts, edges)
    assert found is not None
    assert found.value == pytest.approx(
        sum(one.n * abs(one.confidence - one.rate) for one in cells) / len(forecasts), abs=1e-9
    )
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value <= found.high <= 1


@given(FORECASTS, st.integers(1, 20))
def test_the_parts_of_the_brier_score_add_up(forecasts: list[tuple[float, bool]], bins: int):
    """The score is the mean square, and what is left within the bins is as Stephenson and others have it."""
    edges = edges_of(forecasts, bins=bins)
    found, n = brier(forecasts, edges), len(forecasts)
    assert found.score == pytest.approx(math.fsum((p - y) ** 2 for p, y in forecasts) / n)
    inside = 0.0
    for cell in reliability_bins(forecasts, edges):
        held = [one for one in forecasts if sum(one[0] >= edge for edge in edges) == _index(cell.low, edges)]
        inside += sum((p - cell.confidence) ** 2 for p, _ in held)
        inside -= 2 * sum((p - cell.confidence) * (y - cell.rate) for p, y in held)
    assert found.within == pytest.approx(inside / n, abs=1e-9)


def _index(low: float, edges: tuple[float, ...]) -> int:
    return sum(low >= edge for edge in edges)


def test_noise_is_what_perfect_forecasts_show():
    """The closed form agrees with the mean error of a hundred perfect sets of a thousand."""
    errors, noises = [], []
    for seed in range(100):
        forecasts = drawn(1_000, seed=seed)
        edges = edges_of(forecasts, bins=15)
        cells = reliability_bins(forecasts, edges)
        errors.append(sum(one.n * abs(one.gap) for one in cells) / 1_000)
        noises.append(calibration_noise(forecasts, edges).value)
    assert sum(errors) / 100 == pytest.approx(sum(noises) / 100, rel=0.06)


def test_the_same_forecasts_in_any_order_give_the_same_interval():
    """Order says nothing, and the seed says everything."""
    forecasts = drawn(200, seed=3)
    edges = edges_of(forecasts)
    assert calibration_error(forecasts, edges) == calibration_error(forecasts[::-1], edges)


@pytest.mark.parametrize("power", [2.0, 1.3, 1.0, 0.4])
def test_limits_hold_the_true_error_as_often_as_they_say(power: float):
    """Of 50 intervals of 1,000 runs at least 44 hold the error of the bins, also where it is 0."""
    rng = random.Random(7)
    many = [(at + 0.5) / 15_000 for at in range(15_000)]
    edges = edges_of([])
    sums = [0.0] * 15
    for sure in many:
        sums[sum(sure >= edge for edge in edges)] += sure - sure**power
    truth = sum(map(abs, sums)) / len(many)
    held = 0
    for _ in range(50):
        found = calibration_error(drawn(1_000, seed=rng.randrange(10**9), power=power), edges, resamples=100)
        assert found is not None
        held += found.low <= truth <= found.high
    assert held >= 44


@pytest.mark.parametrize("power", [1.0, 1.2, 2.0])
def test_many_forecasts_have_the_limits_that_few_have(power: float):
    """Just beyond 5,000 forecasts, where sums are drawn, limits go on as they were, nearly."""
    forecasts = drawn(5_001, seed=8, power=power)
    edges = edges_of(forecasts)
    fewer, more = calibration_error(forecasts[:5_000], edges), calibration_error(forecasts, edges)
    assert fewer is not None
    assert more is not None
    assert more.limits == pytest.approx(fewer.limits, abs=0.1 * (more.high - more.low))


def test_what_is_no_forecast_is_refused():
    """A confidence of 90 is no probability, and no bin holds nothing."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        edges_of([(90.0, True)])
    with pytest.raises(ValueError, match="no forecast"):
        brier([], ())
    assert calibration_error([(0.5, True)], ()) is None
