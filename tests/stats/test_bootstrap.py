"""The paired bootstrap: the same bytes everywhere, and limits that hold."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import paired_bootstrap

DIFFERENCES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=25)
LIMITS = pytest.mark.parametrize("limits", ["bca", "percentile"])


@LIMITS
def test_limits_are_scipys_but_for_chance(limits: str):
    """With many resamples of skewed data, both methods agree with the reference."""
    rng = random.Random(9)
    data = [rng.expovariate(1) - 0.8 for _ in range(30)]
    method = "BCa" if limits == "bca" else "percentile"
    reference = stats.bootstrap((data,), np.mean, method=method, n_resamples=40_000, rng=1)
    found = paired_bootstrap(data, resamples=40_000, limits=limits)
    assert found is not None
    assert found.limits == pytest.approx(tuple(reference.confidence_interval), abs=0.015)


@LIMITS
@given(DIFFERENCES, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_the_value_lies_within(limits: str, differences: list[float], rng):
    """Pairs in any order give the same bytes, and limits between the smallest and the largest difference."""
    mixed = differences[:]
    rng.shuffle(mixed)
    found = paired_bootstrap(differences, limits=limits, resamples=100)
    assert found == paired_bootstrap(mixed, limits=limits, resamples=100)
    assert found is not None
    rounding = 1e-9 * max(map(abs, differences))
    assert (
        min(differences) - rounding <= found.low <= found.value <= found.high <= max(differences) + rounding
    )


def test_bytes_are_those_of_every_python():
    """A seed gives known limits: they do not depend on the version of Python."""
    found = paired_bootstrap([1.0, 2.0, 4.0, -3.0, 0.5, 0.25], resamples=200, seed=7)
    again = paired_bootstrap([1.0, 2.0, 4.0, -3.0, 0.5, 0.25], resamples=200, seed=7)
    assert repr(found) == repr(again)
    draw = random.Random(7).random
    first = sorted([1.0, 2.0, 4.0, -3.0, 0.5, 0.25])
    means = sorted(sum(first[math.floor(draw() * 6)] for _ in range(6)) / 6 for _ in range(200))
    assert found is not None
    assert means[0] <= found.low <= found.high <= means[-1]


@LIMITS
def test_limits_hold_the_truth_of_skewed_costs(limits: str):
    """Of 40 skewed differences each, at least 90 of 100 intervals of 95 % hold the true mean."""
    rng, held, rounds = random.Random(40), 0, 250
    for _ in range(rounds):
        data = [rng.expovariate(1) - rng.expovariate(2) for _ in range(40)]
        found = paired_bootstrap(data, resamples=400, limits=limits)
        held += found is not None and found.low <= 0.5 <= found.high
    assert held / rounds >= 0.9


def test_nothing_varies_in_equal_differences():
    """Where all differ by the same, so does every resample."""
    found = paired_bootstrap([0.25] * 9)
    assert found is not None
    assert (found.value, *found.limits) == (0.25, 0.25, 0.25)


def test_one_pair_is_no_sample():
    """A single pair cannot be drawn in different ways."""
    assert paired_bootstrap([1.0]) is None
    assert paired_bootstrap([]) is None


def test_what_cannot_be_drawn_is_refused():
    """Too few resamples, and differences that are no numbers, are errors of the caller."""
    with pytest.raises(ValueError, match="too few"):
        paired_bootstrap([1.0, 2.0], resamples=10)
    with pytest.raises(ValueError, match="not finite"):
        paired_bootstrap([1.0, math.nan])
