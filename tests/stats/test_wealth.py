"""Wealth: bets against a null, which stay small while it is true."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import GRID, RATIOS, CountBets, MeanBets, Wealth, e_value, reserves

OUTCOMES = st.lists(st.sampled_from((-1.0, 0.0, 1.0)), max_size=60)
NULLS = st.floats(-0.5, 0.5)
SIDES = st.sampled_from(("above", "below"))


def exact(values: list[float], null: float, side: str) -> float:
    """The mean of the strategies' products, as the formula says."""
    sign, room = (1, 1 + null) if side == "above" else (-1, 1 - null)
    return math.fsum(
        math.prod(1 + sign * risked * (value - null) / room for value in values) for risked in GRID
    ) / len(GRID)


@given(OUTCOMES, NULLS, SIDES)
def test_wealth_is_the_mean_of_the_products(values: list[float], null: float, side: str):
    """What the strategies hold together is the mean of the products of their factors."""
    wealth, bets = Wealth(len(GRID)), MeanBets(null, side)
    for value in values:
        wealth.multiply(bets.factors(value))
    assert e_value(wealth.log_value) == pytest.approx(exact(values, null, side), rel=1e-9)


@given(OUTCOMES, NULLS, SIDES)
def test_the_peak_is_the_highest_wealth_on_the_way(values: list[float], null: float, side: str):
    """The peak is that of all the wealths after each observation, and of the start."""
    wealth, bets = Wealth(len(GRID)), MeanBets(null, side)
    for value in values:
        wealth.multiply(bets.factors(value))
    ways = [exact(values[:at], null, side) for at in range(len(values) + 1)]
    assert e_value(wealth.log_peak) == pytest.approx(max(ways), rel=1e-9)


@given(st.integers(-10, 10), SIDES, st.integers(1, 9))
def test_a_bet_gains_nothing_on_average_under_the_null(tenths: int, side: str, edge: int):
    """With the mean at the null or beyond it, no strategy's expected factor is above 1."""
    null = tenths / 20
    bets = MeanBets(null, side)
    beyond = min(null, 1 - edge / 10) if side == "above" else max(null, edge / 10 - 1)
    up = (beyond + 1) / 2
    for high, low in zip(bets.factors(1.0), bets.factors(-1.0), strict=True):
        assert up * high + (1 - up) * low <= 1 + 1e-12


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.9])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.2])
def test_a_count_bet_gains_nothing_on_average_under_the_null(side: str, share: float, ratio: float):
    """With the ratio of rates at the null or on its side, no strategy's expected factor is above 1."""
    bets = CountBets(ratio, side)
    mine, theirs = bets.factors(share, candidate=True), bets.factors(share, candidate=False)
    for times in (1.0, 0.7, 0.1):
        true = ratio * times if side == "above" else ratio / times
        falls = share * true / (share * true + 1 - share)
        assert all(falls * a + (1 - falls) * b <= 1 + 1e-12 for a, b in zip(mine, theirs, strict=True))


def test_ville_holds_exactly_for_all_paths_of_twelve_coins():
    """Over all 4,096 equally likely paths, 1 / alpha is reached at any time on at most alpha of them."""
    for alpha in (0.5, 0.2, 0.05):
        reached = 0
        for path in itertools.product((-1.0, 1.0), repeat=12):
            wealth, bets = Wealth(len(GRID)), MeanBets(0.0, "below")
            for value in path:
                wealth.multiply(bets.factors(value))
            reached += wealth.log_peak >= -math.log(alpha)
        assert 0 < reached / 2**12 <= alpha


def test_a_hundred_thousand_observations_leave_finite_numbers():
    """However long it goes on, up or down, the logarithm is finite and the e-value is a number."""
    for value in (-1.0, 1.0):
        wealth, bets = Wealth(len(GRID)), MeanBets(0.0, "below")
        for _ in range(100_000):
            wealth.multiply(bets.factors(value))
        strategies = [1 - risked * value for risked in GRID]
        best = max(strategies)
        expected = 100_000 * math.log(best) - math.log(len(GRID))
        assert wealth.log_value == pytest.approx(expected, rel=1e-9)
        assert math.isfinite(e_value(wealth.log_value))


def test_evidence_of_stages_multiplies():
    """Without reserves the wealth after two stages is the product of what each makes alone."""
    first, second = [-1.0, -1.0, 0.0], [-1.0, 1.0, -1.0, -1.0]
    wealth, bets = Wealth(len(GRID)), MeanBets(0.0, "below")
    for value in first:
        wealth.multiply(bets.factors(value))
    wealth.next_stage(len(RATIOS))
    wealth.next_stage(len(GRID))
    for value in second:
        wealth.multiply(bets.factors(value))
    expected = exact(first, 0.0, "below") * exact(second, 0.0, "below")
    assert e_value(wealth.log_value) == pytest.approx(expected)


def test_reserves_bet_from_their_stage_on():
    """What was held back starts even in its stage, beside what the first stage has left."""
    first, second = [1.0] * 40, [-1.0] * 6
    wealth, bets = Wealth(len(GRID), reserves=(0.5, 0.5)), MeanBets(0.0, "below")
    for value in first:
        wealth.multiply(bets.factors(value))
    before = exact(first, 0.0, "below") / 2
    assert e_value(wealth.log_value) == pytest.approx(before + 0.5)
    wealth.next_stage(len(GRID))
    for value in second:
        wealth.multiply(bets.factors(value))
    assert e_value(wealth.log_value) == pytest.approx((before + 0.5) * exact(second, 0.0, "below"))


@given(st.integers(1, 12))
def test_reserves_are_the_whole_capital(stages: int):
    """They sum to 1, one for each stage, and half or more is in the first."""
    found = reserves(stages)
    assert len(found) == stages
    assert math.fsum(found) == pytest.approx(1)
    assert found[0] >= 0.5


def test_all_lost_is_lost_and_a_reserve_is_not():
    """Where every strategy lost everything, only what is held back for later stages is left."""
    ruined = Wealth(2, reserves=(0.5, 0.5))
    ruined.multiply((0.0, 0.0))
    assert e_value(ruined.log_value) == pytest.approx(0.5)
    ruined.next_stage(3)
    ruined.multiply((2.0, 2.0, 2.0))
    assert e_value(ruined.log_value) == pytest.approx(1.0)
    poor = Wealth(1)
    poor.multiply((0.0,))
    assert poor.log_value == -math.inf


def test_bets_that_cannot_be_are_refused():
    """A mean at the end of its range, a ratio of zero and a share of all traffic cannot be bet on."""
    with pytest.raises(ValueError, match="below 1"):
        MeanBets(1.0, "below")
    with pytest.raises(ValueError, match="above 0"):
        CountBets(0.0, "above")
    with pytest.raises(ValueError, match="share of traffic"):
        CountBets(1.0, "above").factors(1.0, candidate=True)


def test_a_true_effect_is_found():
    """Nine losses of ten make the evidence pass any threshold within some tens of pairs."""
    draw = random.Random(5)
    wealth, bets = Wealth(len(GRID)), MeanBets(0.0, "below")
    for _ in range(60):
        wealth.multiply(bets.factors(-1.0 if draw.random() < 0.9 else 1.0))
    assert wealth.log_peak > math.log(1_000)
