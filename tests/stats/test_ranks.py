"""Wilcoxon's signed rank test, exact with ties, normal beyond."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import wilcoxon

TIED = st.lists(st.integers(-4, 4).map(float), max_size=9)
DISTINCT = st.lists(st.floats(0.001, 1000), min_size=1, max_size=45, unique=True).flatmap(
    lambda sizes: st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)).map(
        lambda signs: [size if sign else -size for size, sign in zip(sizes, signs, strict=True)]
    )
)


@given(TIED)
def test_small_samples_are_counted_exactly(differences: list[float]):
    """With ties and zeros, the p-value is that of trying every choice of signs."""
    moved = [one for one in differences if one]
    ranks = stats.rankdata([abs(one) for one in moved])
    middle = sum(ranks) / 2
    seen = abs(sum(rank for rank, one in zip(ranks, moved, strict=True) if one > 0) - middle)
    sums = [
        abs(sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign) - middle)
        for signs in product((False, True), repeat=len(moved))
    ]
    expected = sum(one >= seen - 1e-9 for one in sums) / len(sums)
    assert wilcoxon(differences).p_value == pytest.approx(expected, abs=1e-12)


@given(DISTINCT)
def test_without_ties_it_is_scipys_exact_test(differences: list[float]):
    """Statistic and p-value are those of the reference."""
    found, expected = wilcoxon(differences), stats.wilcoxon(differences, method="exact")
    assert found.exact
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-12)
    assert min(found.statistic, found.n * (found.n + 1) / 2 - found.statistic) == expected.statistic


@given(st.lists(st.integers(-9, 12).filter(bool).map(float), min_size=61, max_size=150))
def test_beyond_sixty_it_is_normal_with_both_corrections(differences: list[float]):
    """Ties and continuity are corrected for as in the reference."""
    found = wilcoxon(differences)
    expected = stats.wilcoxon(differences, method="asymptotic", correction=True)
    assert not found.exact
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-12)


@given(TIED)
def test_directions_may_be_exchanged(differences: list[float]):
    """Turning all signs around changes no p-value."""
    assert wilcoxon(differences).p_value == wilcoxon([-one for one in differences]).p_value


def test_no_difference_is_no_surprise():
    """Where nothing differs the p-value is 1."""
    assert (wilcoxon([0.0, 0.0]).p_value, wilcoxon([]).p_value) == (1.0, 1.0)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_has_no_rank_is_refused(wrong: float):
    """A difference that is no number is an error of the caller, not one more rank."""
    with pytest.raises(ValueError, match="not finite"):
        wilcoxon([1.0, wrong])
