"""Confidence sequences: the same bets as decisions, turned into intervals."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import (
    GRID,
    MeanBets,
    Wealth,
    bounded_ratio,
    mean_sequence,
    rate_ratio_sequence,
    ratio_sequence,
)
from tests.examples import examples

COUNTS = st.fixed_dictionaries({-1.0: st.integers(0, 40), 0.0: st.integers(0, 200), 1.0: st.integers(0, 40)})


@examples(60)
@given(COUNTS)
def test_a_limit_is_where_the_evidence_suffices(counts: dict[float, int]):
    """Just inside a limit the wealth against that mean is below 1 / alpha, just outside it is not."""
    found = mean_sequence(counts, alpha=0.05)
    assert found.low <= found.value <= found.high
    for side, limit, out in (("above", found.low, -1e-6), ("below", found.high, 1e-6)):
        if abs(limit) == 1:
            continue
        logs = []
        for null in (limit - out, limit + out):
            wealth, bets = Wealth(len(GRID)), MeanBets(null, side)
            for value, times in counts.items():
                for _ in range(times):
                    wealth.multiply(bets.factors(value))
            logs.append(wealth.log_value)
        assert logs[0] <= math.log(20) <= logs[1]


def test_nothing_seen_nothing_known():
    """Without values a mean may be anything, and ratios have no interval."""
    assert mean_sequence({}, alpha=0.05).limits == (-1.0, 1.0)
    assert ratio_sequence({}, alpha=0.05) is None
    assert rate_ratio_sequence({0.5: (0, 0)}, alpha=0.05) is None


def test_intervals_cover_at_every_peek():
    """Over 300 runs of 200 pairs the limits leave out the truth at any of 20 peeks in few of them."""
    # Each limit errs in at most 5 % of runs, both in 10 %; more than 48 of 300 has a chance below 1e-3.
    draw, missed = random.Random(11), 0
    for _ in range(300):
        counts: dict[float, int] = {-1.0: 0, 0.0: 0, 1.0: 0}
        out = False
        for n in range(1, 201):
            at = draw.random()
            counts[-1.0 if at < 0.15 else 1.0 if at < 0.25 else 0.0] += 1
            if n % 10 == 0:
                found = mean_sequence(counts, alpha=0.05)
                out = out or not found.low <= -0.05 <= found.high
        missed += out
    assert missed <= 48


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_bounded_ratio_is_odd(one: float, other: float):
    """Turning a ratio around turns its sign, and equal quantities give 0."""
    assert bounded_ratio(one, other) == pytest.approx(-bounded_ratio(other, one))
    assert bounded_ratio(one, one) == 0


@given(st.floats(0.1, 10), st.integers(5, 200))
def test_one_ratio_throughout_is_the_typical_one(ratio: float, times: int):
    """Where every pair has the same ratio it is the estimate, within its limits."""
    found = ratio_sequence({math.log(ratio): float(times)}, alpha=0.05)
    assert found is not None
    assert found.value == pytest.approx(ratio, rel=1e-6)
    assert found.low < ratio < found.high


def test_one_enormous_value_moves_the_typical_ratio_little():
    """A single value a million times too large does not change what is typical."""
    draw = random.Random(3)
    logs = {round(draw.gauss(0, 0.5), 4): 1.0 for _ in range(200)}
    plain = ratio_sequence(logs, alpha=0.05)
    tail = ratio_sequence({**logs, math.log(1e6): 1.0}, alpha=0.05)
    assert plain is not None
    assert tail is not None
    assert abs(tail.value / plain.value - 1) < 0.02


def test_zeros_on_one_side_are_the_furthest_ratios():
    """A cost of nothing against one of something is no error; a limit may then be 0 or infinity."""
    found = ratio_sequence({math.inf: 30.0}, alpha=0.05)
    assert found is not None
    assert found.high == math.inf
    assert found.low > 1


def test_rates_are_compared_by_their_shares():
    """Ten of a hundred failures at a share of 5 % are 2.1 times as many per request."""
    found = rate_ratio_sequence({0.05: (90, 10)}, alpha=0.05)
    assert found is not None
    assert found.value == pytest.approx((10 / 0.05) / (90 / 0.95), rel=1e-9)
    assert found.low < 1 < found.value < found.high
    doubled = rate_ratio_sequence({0.05: (900, 100)}, alpha=0.05)
    assert doubled is not None
    assert doubled.low > 1
