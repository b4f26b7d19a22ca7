"""The z of paired differences: what it says of few clusters, and what it keeps over several looks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import boundaries, classical_boundaries, sequential_z

DIFFERENCES = st.lists(st.integers(-20, 20).map(lambda one: one / 20), min_size=2, max_size=40)
ANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=8)

CASES, TRIALS, EFFECT_SD, ROUNDS, ALPHA = 50, 20, 0.2, 2500, 0.05
LOOKS = (10, 20, 30, 40, 50)


@given(DIFFERENCES.filter(lambda values: len(set(values)) > 1), st.sampled_from([0.0, -0.05, 0.1]))
def test_its_p_value_is_that_of_students_t(differences, null):
    """As a normal value it is as surprising as scipy's t of the same differences."""
    found = sequential_z(differences, null=null)
    tested = stats.ttest_1samp(differences, null, alternative="greater")
    assert stats.norm.sf(found) == pytest.approx(tested.pvalue, rel=1e-6)


@given(ANY, st.floats(-1, 1))
def test_any_numbers_give_a_finite_z(differences, null):
    """No magnitude, spread or smallness of differences is infinitely surprising."""
    found = sequential_z(differences, null=null)
    assert found is not None
    assert abs(found) < 37.1


@given(DIFFERENCES)
def test_swapped_sides_change_the_sign(differences):
    """The candidate's gain is the baseline's loss."""
    swapped = sequential_z([-one for one in differences])
    assert swapped == pytest.approx(-sequential_z(differences), abs=1e-9)


@given(DIFFERENCES, st.sampled_from([1e-12, 3.0, 1e12]))
def test_the_unit_does_not_matter(differences, unit):
    """Differences in other units say the same."""
    found = sequential_z([one * unit for one in differences])
    assert found == pytest.approx(sequential_z(differences), rel=1e-6, abs=1e-6)


@given(DIFFERENCES, st.floats(0.01, 0.5))
def test_a_lower_null_is_easier_to_leave_behind(differences, margin):
    """What is no worse than the baseline is further from being worse by a margin."""
    assert sequential_z(differences, null=-margin) >= sequential_z(differences) - 1e-9


@pytest.mark.parametrize("differences", [[], [0.5]])
def test_fewer_than_two_clusters_say_nothing(differences):
    """One difference has no spread."""
    assert sequential_z(differences) is None


@pytest.mark.parametrize("null", [0.0, 0.1])
def test_no_change_anywhere_is_no_evidence(null):
    """Differences that are all what the null says have a z of 0."""
    assert sequential_z([null] * 5, null=null) == 0


@pytest.mark.parametrize("value", [0.1, -1.0])
def test_one_change_everywhere_counts_as_signs(value):
    """Where all clusters moved alike, n of them are as surprising as n coins that fall alike."""
    found = sequential_z([value] * 7)
    assert found == pytest.approx(math.copysign(stats.norm.isf(2.0**-7), value), abs=1e-9)


def test_a_spread_of_rounding_is_none():
    """0.3 - 0.2 is not quite 0.1; that the three differ by so little proves nothing."""
    assert sequential_z([0.3 - 0.2, 0.1, 0.1]) == sequential_z([0.1] * 3)


def test_thousands_that_agree_stay_finite():
    """Their p-value is below every number; their z stops at the one of 1e-300."""
    assert sequential_z([1.0] * 5000) == pytest.approx(stats.norm.isf(1e-300), abs=1e-9)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(wrong):
    """A missing value is no difference, and no null."""
    with pytest.raises(ValueError, match="not a finite number"):
        sequential_z([0.1, wrong])
    with pytest.raises(ValueError, match="not a finite number"):
        sequential_z([0.1, 0.2], null=wrong)


def _claims(differences, bounds):
    """Whether a boundary is crossed at one of the looks, which come after equal shares of the clusters."""
    ends = [CASES * (look + 1) // len(bounds) for look in range(len(bounds))]
    return any(sequential_z(differences[:end]) > bound for end, bound in zip(ends, bounds, strict=True))


def test_looks_at_clusters_keep_alpha():
    """Without a true difference, one look and five planned ones claim an effect in about 5 of 100 plans.

    50 scenarios of 20 trials, whose effects differ by 0.2 around zero. The level itself looked for at
    each of the five looks finds too much.
    """
    rng = np.random.default_rng(2025)
    chance = np.clip(0.5 + rng.normal(0, EFFECT_SD, size=(ROUNDS, CASES)), 0, 1)
    drawn = (rng.binomial(TRIALS, chance) - rng.binomial(TRIALS, 0.5, size=(ROUNDS, CASES))) / TRIALS
    fractions = [look / CASES for look in LOOKS]
    single = boundaries([1], alpha=ALPHA)
    plans = {
        "single": single,
        "late": boundaries(fractions, alpha=ALPHA),
        "early": boundaries(fractions, alpha=ALPHA, spending="pocock"),
        "classical": classical_boundaries(len(LOOKS), alpha=ALPHA),
        "careless": single * len(LOOKS),
    }
    found = {
        name: sum(_claims(row, bounds) for row in drawn.tolist()) / ROUNDS for name, bounds in plans.items()
    }
    low, high = (count / ROUNDS for count in stats.binom.interval(0.998, ROUNDS, ALPHA))
    assert found.pop("careless") > 0.1
    assert all(max(low, 0.035) <= rate <= min(high, 0.065) for rate in found.values()), found
