"""Paired tests: exact where they say so, and about as careful as they promise."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import (
    fisher_mid_p,
    mcnemar_exact,
    mcnemar_mid_p,
    paired_difference,
    sign_flip_p,
)

COUNT = st.integers(0, 1500)
SIZES = st.lists(st.integers(-6, 6).map(lambda n: Fraction(n, 6)), max_size=9)


@given(COUNT, COUNT)
def test_mcnemar_is_the_exact_binomial(losses: int, wins: int):
    """The p-value is scipy's binomial test to 1e-12."""
    n = losses + wins
    expected = stats.binomtest(losses, n).pvalue if n else 1.0
    assert mcnemar_exact(losses, wins) == pytest.approx(expected, abs=1e-12)


@given(COUNT, COUNT)
def test_mcnemar_is_the_exact_fraction(losses: int, wins: int):
    """Also far out in the tail it is the fraction of big integers, to 12 digits."""
    fewer, n = min(losses, wins), losses + wins
    exact = min(Fraction(1), Fraction(2 * sum(comb(n, at) for at in range(fewer + 1)), 2**n))
    assert mcnemar_exact(losses, wins) == pytest.approx(float(exact), rel=1e-12)
    middle = exact if fewer * 2 == n else exact - Fraction(comb(n, fewer), 2**n)
    assert mcnemar_mid_p(losses, wins) == pytest.approx(float(middle), rel=1e-9)


@given(COUNT, COUNT)
def test_sides_may_be_exchanged(losses: int, wins: int):
    """Two-sided p-values do not know which side is the candidate, and mid-p is the bolder one."""
    assert mcnemar_exact(losses, wins) == mcnemar_exact(wins, losses)
    assert 0 <= mcnemar_mid_p(losses, wins) <= mcnemar_exact(losses, wins) <= 1


@pytest.mark.parametrize("n", [250_000, 1_000_000])
def test_large_counts_stay_right_and_quick(n: int):
    """A million pairs that differ give the p-value of the normal distribution, which is close by then."""
    losses = n // 2 - int(n**0.5)
    z = (n - 2 * losses - 1) / n**0.5
    assert mcnemar_exact(losses, n - losses) == pytest.approx(2 * stats.norm.sf(z), rel=1e-3)


@pytest.mark.parametrize("test", [mcnemar_exact, mcnemar_mid_p])
def test_less_than_no_pairs_are_refused(test):
    """Counts below 0 are an error of the caller."""
    with pytest.raises(ValueError, match="no count"):
        test(-1, 3)


def brute_force(differences: list[Fraction]) -> float:
    """Half the share of sign choices with this sum, and the share with a smaller one."""
    sums = [
        sum((sign * abs(one) for sign, one in zip(signs, differences, strict=True)), Fraction())
        for signs in product((-1, 1), repeat=len(differences))
    ]
    seen = sum(differences, Fraction())
    return (sum(one < seen for one in sums) + sum(one == seen for one in sums) / 2) / len(sums)


@given(SIZES.filter(any))
def test_sign_flips_are_all_counted(differences: list[Fraction]):
    """The p-value is that of trying every choice of signs."""
    moved = [one for one in differences if one]
    assert sign_flip_p(differences) == pytest.approx(brute_force(moved), abs=1e-12)


@given(SIZES)
def test_sign_flips_mirror(differences: list[Fraction]):
    """What is surprisingly low is unsurprisingly high: both directions add up to 1."""
    low, high = sign_flip_p(differences), sign_flip_p([-one for one in differences])
    assert low is not None
    assert high is not None
    assert low + high == pytest.approx(1)


@given(st.integers(0, 300), st.integers(0, 300))
def test_sign_flips_of_single_trials_are_mcnemar(losses: int, wins: int):
    """Differences of -1, 0 and 1 give McNemar's mid-p, one side of it."""
    found = sign_flip_p([-1] * losses + [1] * wins + [0] * 7)
    if losses >= wins and losses:
        assert found == pytest.approx(mcnemar_mid_p(losses, wins) / 2, rel=1e-9)


def test_a_distribution_that_is_too_large_is_not_guessed():
    """Beyond 40 differences of different sizes there is no exact answer, and none is given."""
    assert sign_flip_p([Fraction(1, 3), Fraction(1, 2)] * 21) is None
    assert sign_flip_p([Fraction(1, 3), Fraction(1, 2)] * 20) is not None


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_fishers_mid_p_is_the_hypergeometric(passed: int, failed: int, others: int, missed: int):
    """One-sided, with half the probability of the table that was seen."""
    n, m = passed + failed, others + missed
    drawn = stats.hypergeom(n + m, passed + others, n)
    expected = drawn.cdf(passed) - drawn.pmf(passed) / 2 if n + m else 0.5
    assert fisher_mid_p((passed, n), (others, m)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 200))
def test_a_paired_difference_lies_within_its_limits(losses: int, wins: int, same: int):
    """Limits hold the value, keep a width, and are differences of rates."""
    n = max(1, losses + wins + same)
    found, mirrored = paired_difference(losses, wins, n), paired_difference(wins, losses, n)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    assert found.value == (wins - losses) / n
    assert found.limits == pytest.approx((-mirrored.high, -mirrored.low))


@pytest.mark.parametrize(("worse", "better", "n"), [(0.1, 0.1, 60), (0.15, 0.05, 100), (0.02, 0.02, 200)])
def test_paired_limits_hold_the_truth(worse: float, better: float, n: int):
    """At least 94 of 100 intervals hold the true difference, also where few pairs differ."""
    rng, held, rounds = random.Random(f"{worse} {n}"), 0, 3000
    for _ in range(rounds):
        drawn = [rng.random() for _ in range(n)]
        losses, wins = sum(u < worse for u in drawn), sum(u > 1 - better for u in drawn)
        found = paired_difference(losses, wins, n)
        held += found.low <= better - worse <= found.high
    assert held / rounds >= 0.94


@pytest.mark.parametrize(("losses", "wins", "n"), [(0, 0, 0), (3, 3, 5), (-1, 0, 5)])
def test_counts_that_do_not_fit_are_refused(losses: int, wins: int, n: int):
    """More changes than pairs cannot be."""
    with pytest.raises(ValueError, match="do not fit"):
        paired_difference(losses, wins, n)
