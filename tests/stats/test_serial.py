"""Successive values that resemble each other."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import Serial


def of(values: list[float]) -> Serial:
    found = Serial()
    for value in values:
        found.take(value)
    return found


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=50))
def test_it_is_the_usual_autocorrelation(values: list[float]):
    """From sums alone it is the sum of products of deviations by that of their squares."""
    around = np.array(values) - np.mean(values)
    spread = float(np.sum(around * around))
    if spread > 1e-6:
        assert of(values).correlation == pytest.approx(
            float(np.sum(around[1:] * around[:-1])) / spread, abs=1e-6
        )


def test_independent_values_are_rarely_suspected():
    """Of 500 independent series of 200, few are taken for dependent: 3 or more has a chance below 1e-3."""
    draw = random.Random(8)
    assert sum(of([draw.gauss(0, 1) for _ in range(200)]).depends() for _ in range(500)) < 3


def test_a_slow_walk_is_seen():
    """Values that each lie half way to the one before are dependent; few of them tell nothing."""
    draw, value, walk = random.Random(8), 0.0, []
    for _ in range(200):
        value = 0.6 * value + draw.gauss(0, 1)
        walk.append(value)
    assert of(walk).depends()
    assert not of(walk[:20]).depends()
    assert of([1.0] * 100).correlation == 0
