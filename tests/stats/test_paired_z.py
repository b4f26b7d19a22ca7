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
VARIED = DIFFERENCES.filter(lambda values: len(set(values)) > 1)
ANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=8)

CASES, TRIALS, EFFECT_SD, ROUNDS, ALPHA = 50, 20, 0.2, 2500, 0.05
LOOKS = (10, 20, 30, 40, 50)


@given(VARIED, st.sampled_from([0.0, -0.05, 0.1]))
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


@given(VARIED, st.floats(0.01, 0.5))
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


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.02, 0.5))
def test_rare_losses_are_weighed_as_the_deviance_of_a_binomial(kept, lost, margin):
    """Of pairs that stay or are lost, z is at most the root of the deviance of half a loss more."""
    pairs = [0.0] * kept + [-1.0] * lost
    n, losses = kept + lost + 0.5, lost + 0.5
    parts = losses * math.log(losses / n / margin) + kept * math.log(kept / n / (1 - margin))
    root = math.sqrt(max(0.0, 2 * parts)) if losses / n < margin else 0.0
    student = sequential_z(pairs, null=-margin)
    assert sequential_z(pairs, null=-margin, least=-1) == pytest.approx(min(student, root), abs=1e-6)


@given(DIFFERENCES, st.floats(0, 0.5), st.floats(0, 2), st.floats(0, 2))
def test_what_may_be_unseen_only_takes_away(differences, margin, little, more):
    """A worst case makes no claim easier, and the heavier it weighs the harder they are."""
    known = [
        sequential_z(differences, null=-margin - 1e-3, least=-1.0, unseen=one)
        for one in (max(little, more), min(little, more))
    ]
    assert known[0] <= known[1] + 1e-9
    if len(set(differences)) > 1:
        assert known[1] <= sequential_z(differences, null=-margin - 1e-3) + 1e-9


def test_pairs_that_never_differ_show_no_margin_by_themselves():
    """20 pairs without a loss are no proof against 5 losses in 100: 36 of 100 such plans see none."""
    assert sequential_z([0.0] * 20, null=-0.05) == 0
    assert stats.norm.sf(sequential_z([0.0] * 20, null=-0.05, least=-1)) > 0.15
    assert sequential_z([0.0] * 200, null=-0.05, least=-1) > 3
    assert sequential_z([-0.2] * 20, null=-0.05) < -4


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


@pytest.mark.parametrize(
    ("least", "unseen", "complaint"),
    [
        (0.0, 0.5, "not the least"),
        (-0.1, 0.5, "not the least"),
        (math.nan, 0.5, "finite"),
        (-1.0, -0.1, "weighs"),
        (-1.0, math.inf, "finite"),
    ],
)
def test_a_least_that_is_none_is_refused(least, unseen, complaint):
    """A limit is below the null and below what was seen."""
    with pytest.raises(ValueError, match=complaint):
        sequential_z([0.1, -0.2], least=least, unseen=unseen)


def _claims(differences, bounds, **options):
    """Whether a boundary is crossed at one of the looks, which come after equal shares of the clusters."""
    ends = [len(differences) * (look + 1) // len(bounds) for look in range(len(bounds))]
    return any(
        sequential_z(differences[:end], **options) > bound for end, bound in zip(ends, bounds, strict=True)
    )


def test_looks_at_clusters_keep_alpha():
    """Without a true difference, one look and five planned ones claim an effect in about 5 of 100 plans."""
    # 50 scenarios whose effects differ by 0.2 around zero. The same level at each look finds too much.
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


@pytest.mark.parametrize("discordance", [0.05, 0.1, 0.2])
def test_a_candidate_at_the_margin_is_rarely_let_through(discordance):
    """Exactly 5 points worse passes in at most 5 of 100 plans of 100 pairs, fewer than where t is trusted."""
    rng, margin = np.random.default_rng(2026), 0.05
    chances = [(discordance + margin) / 2, 1 - discordance, (discordance - margin) / 2]
    drawn = rng.choice([-1.0, 0.0, 1.0], p=chances, size=(ROUNDS, 100)).tolist()
    bounds = boundaries([look / CASES for look in LOOKS], alpha=ALPHA)
    passed = sum(_claims(row, bounds, null=-margin, least=-1.0) for row in drawn)
    trusting = sum(_claims(row, bounds, null=-margin) for row in drawn)
    assert passed <= stats.binom.ppf(0.999, ROUNDS, ALPHA)
    assert passed < trusting
