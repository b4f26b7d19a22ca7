"""Bets that begin anew: a fair mixture, which finds what goes wrong late."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import GRID, MeanBets, Restarts, Wealth

OUTCOMES = st.lists(st.sampled_from((-1.0, 1.0)), max_size=40)


@given(OUTCOMES, st.integers(1, 9))
def test_wealth_is_that_of_all_beginnings(values: list[float], every: int):
    """It is the sum over beginnings of their share times the mean of the products since."""
    bets, wealth = MeanBets(0.5, "below"), Restarts(len(GRID), every=every)
    factors = [bets.factors(value) for value in values]
    for one in factors:
        wealth.multiply(one)
    begun = range(1, math.ceil(len(values) / every) + 1)
    expected = 1 / (len(begun) + 1)
    for k in begun:
        since = factors[(k - 1) * every :]
        products = [math.prod(one[at] for one in since) for at in range(len(GRID))]
        expected += sum(products) / len(GRID) / (k * (k + 1))
    assert wealth.value == pytest.approx(expected, rel=1e-9)


def test_nothing_is_gained_on_average_under_the_null():
    """Over all ways that eight fair coins may fall, the mean wealth is what it was at the start."""
    total, bets = 0.0, MeanBets(0.0, "below")
    for way in itertools.product((-1.0, 1.0), repeat=8):
        wealth = Restarts(len(GRID), every=3)
        for value in way:
            wealth.multiply(bets.factors(value))
        total += wealth.value / 2**8
    assert total == pytest.approx(1.0)


def test_what_goes_wrong_late_is_found_sooner():
    """After two hundred good values, bad ones are shown in fewer than where bets began but once."""
    rng = random.Random(1)
    bets = MeanBets(0.8, "below")
    values = [1.0 if rng.random() < 0.99 else -1.0 for _ in range(200)] + [-1.0, 1.0] * 200
    once, anew = Wealth(len(GRID)), Restarts(len(GRID))
    at: dict[str, int] = {}
    for number, value in enumerate(values):
        once.multiply(bets.factors(value))
        anew.multiply(bets.factors(value))
        if once.log_value >= math.log(20):
            at.setdefault("once", number)
        if anew.value >= 20:
            at.setdefault("anew", number)
    assert 200 < at["anew"] < 230
    assert at["once"] > at["anew"] + 10


def test_wealth_stays_a_number():
    """However long all goes wrong, or well, it is finite and above 0."""
    bets = MeanBets(0.8, "below")
    for value in (-1.0, 1.0):
        wealth = Restarts(len(GRID))
        for _ in range(5_000):
            wealth.multiply(bets.factors(value))
        assert 0 < wealth.value < math.inf
    with pytest.raises(ValueError, match="factors"):
        wealth.multiply((1.0,))
