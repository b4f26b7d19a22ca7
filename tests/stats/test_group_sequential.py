"""Planned looks keep alpha over all looks; their figures are those of tables and of scipy."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from agentops_eval.stats import (
    boundaries,
    classical_boundaries,
    crossing_probability,
    drift_for_power,
    normal_quantile,
    pairs_to_detect,
    spending,
)
from tests.examples import examples

KINDS = ("obrien-fleming", "pocock", "linear")
FIVE = (0.2, 0.4, 0.6, 0.8, 1.0)

ALPHAS = st.floats(1e-4, 0.3)
DRIFTS = st.floats(-3, 6)
LOOKS = st.lists(st.integers(1, 100), min_size=1, max_size=5, unique=True).map(
    lambda counts: tuple(count / 100 for count in sorted(counts))
)
BOUNDS = st.lists(st.floats(-1, 5), min_size=5, max_size=5)


def _by_scipy(bounds, fractions, drift=0.0):
    """The probability of having crossed by the last look, from the joint normal distribution of all z."""
    together = np.array([[math.sqrt(min(s, t) / max(s, t)) for s in fractions] for t in fractions])
    mean = drift * np.sqrt(fractions)
    return 1 - stats.multivariate_normal.cdf(
        bounds, mean, together, maxpts=2_000_000, abseps=1e-7, releps=1e-7, rng=np.random.default_rng(7)
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("obrien-fleming", (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
        ("pocock", (2.4380, 2.4268, 2.4101, 2.3966, 2.3859)),
    ],
)
def test_boundaries_are_those_of_tables(kind, expected):
    """Five equal looks at a one-sided 2.5 % have the published boundaries."""
    # The published 3.3569 comes of a coarse grid: scipy's two-dimensional integral has 3.35701 as well.
    assert boundaries(FIVE, alpha=0.025, spending=kind) == pytest.approx(expected, abs=1.2e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_scipy_finds_the_alpha_that_is_spent(kind, alpha):
    """The joint normal distribution of z at uneven looks puts the spent alpha beyond the boundaries."""
    fractions = (0.1, 0.35, 0.5, 0.9, 1.0)
    bounds = boundaries(fractions, alpha=alpha, spending=kind)
    for look in range(2, 6):
        beyond = _by_scipy(bounds[:look], fractions[:look])
        assert beyond == pytest.approx(spending(kind, fractions[look - 1], alpha), abs=2e-6)


@given(st.floats(0.02, 0.9), st.floats(0.01, 0.99), ALPHAS)
def test_two_looks_are_one_integral(first, share, alpha):
    """The second of two boundaries is confirmed by adaptive quadrature over the first look's z."""
    fractions = (first, first + share * (1 - first))
    low, high = boundaries(fractions, alpha=alpha, spending="pocock")
    root, step = math.sqrt(fractions[0]), math.sqrt(fractions[1] - fractions[0])

    def later(z):
        return stats.norm.pdf(z) * stats.norm.sf((high * math.sqrt(fractions[1]) - z * root) / step)

    turn = high * math.sqrt(fractions[1] / fractions[0])
    points = sorted({min(max(place, -8.5), low) for place in (turn - 1, turn, 0.0)})
    found, _ = integrate.quad(later, -9, low, points=points, limit=400, epsabs=1e-12)
    assert stats.norm.sf(low) + found == pytest.approx(spending("pocock", fractions[1], alpha), abs=1e-8)


@pytest.mark.parametrize(
    ("count", "shape", "expected"),
    [
        (2, "obrien-fleming", 1.977),
        (5, "obrien-fleming", 2.040),
        (10, "obrien-fleming", 2.087),
        (2, "pocock", 2.178),
        (5, "pocock", 2.413),
        (10, "pocock", 2.555),
    ],
)
def test_classical_constants_are_those_of_tables(count, shape, expected):
    """At a one-sided 2.5 % the last boundary is the published constant of the two-sided 5 %."""
    assert classical_boundaries(count, alpha=0.025, shape=shape)[-1] == pytest.approx(expected, abs=6e-4)


def test_obrien_and_flemings_constant_for_five_looks_at_five_percent():
    """It is 1.7509, falls with the square root of the information, and scipy finds 5 % beyond it."""
    bounds = classical_boundaries(5, alpha=0.05)
    assert bounds == pytest.approx([1.75087 / math.sqrt(at) for at in FIVE], abs=2e-5)
    assert _by_scipy(bounds, FIVE) == pytest.approx(0.05, abs=1e-6)


def test_simulated_paths_cross_as_often():
    """Of 200,000 seeded paths as many cross as computed, within binomial bounds that one in 10^6 misses."""
    bounds, draws = boundaries(FIVE, alpha=0.05, spending="linear"), 200_000
    steps = np.random.default_rng(20).normal(2.0 * 0.2, math.sqrt(0.2), size=(draws, 5))
    crossed = np.maximum.accumulate(np.cumsum(steps, axis=1) / np.sqrt(FIVE) > bounds, axis=1).sum(axis=0)
    for seen, chance in zip(crossed, crossing_probability(bounds, FIVE, drift=2.0), strict=True):
        low, high = stats.binom.interval(1 - 1e-6, draws, chance)
        assert low <= seen <= high


@given(LOOKS, BOUNDS, DRIFTS)
def test_any_boundaries_cross_as_scipy_says(fractions, limits, drift):
    """For two looks scipy's figure is exact; for any boundaries and drift it is ours."""
    looks = fractions[:2]
    found = crossing_probability(limits[: len(looks)], looks, drift=drift)[-1]
    assert found == pytest.approx(_by_scipy(limits[: len(looks)], looks, drift), abs=1e-7)


@given(st.sampled_from(KINDS), LOOKS, ALPHAS)
def test_what_is_spent_is_what_may_be_spent(kind, fractions, alpha):
    """At each look the probability of a false claim so far is the spending function's value, never more."""
    found = crossing_probability(boundaries(fractions, alpha=alpha, spending=kind), fractions)
    allowed = [spending(kind, at, alpha) for at in fractions]
    assert found == pytest.approx(allowed, abs=1e-9)
    assert all(one <= most + 1e-12 for one, most in zip(found, allowed, strict=True))


@given(st.sampled_from(KINDS), LOOKS, ALPHAS)
def test_later_looks_change_no_earlier_boundary(kind, fractions, alpha):
    """What was announced for the looks so far stays the same, to the last bit, whatever follows."""
    every = boundaries(fractions, alpha=alpha, spending=kind)
    for looks in range(1, len(fractions)):
        assert boundaries(fractions[:looks], alpha=alpha, spending=kind) == every[:looks]


@given(st.sampled_from(KINDS), ALPHAS)
def test_one_look_is_the_ordinary_test(kind, alpha):
    """With one look at the end there is nothing to share."""
    single = normal_quantile(1 - alpha)
    assert boundaries([1], alpha=alpha, spending=kind) == pytest.approx([single], abs=1e-9)
    assert classical_boundaries(1, alpha=alpha) == pytest.approx([single], abs=1e-9)


@given(LOOKS, BOUNDS, DRIFTS, st.floats(0, 3))
def test_power_rises_with_the_looks_and_the_drift(fractions, limits, drift, more):
    """A crossing cannot be taken back, and a larger effect crosses more often."""
    bounds = limits[: len(fractions)]
    less = crossing_probability(bounds, fractions, drift=drift)
    most = crossing_probability(bounds, fractions, drift=drift + more)
    assert list(less) == sorted(less)
    assert all(0 <= one <= two + 1e-12 <= 1 + 2e-12 for one, two in zip(less, most, strict=True))


@given(st.sampled_from(KINDS), ALPHAS, st.floats(0, 1), st.floats(0, 1))
def test_spending_rises_from_nothing_to_all(kind, alpha, one, other):
    """Nothing is spent at 0, alpha at 1, and never less by then."""
    assert spending(kind, 0, alpha) == 0
    assert spending(kind, 1, alpha) == pytest.approx(alpha, rel=1e-12)
    assert 0 <= spending(kind, min(one, other), alpha) <= spending(kind, max(one, other), alpha)


@pytest.mark.parametrize("kind", KINDS)
def test_half_of_the_information_spends_what_the_formula_says(kind):
    """At a half of the information, to ten digits, by scipy's normal distribution or by hand."""
    expected = {
        "obrien-fleming": 2 * stats.norm.sf(stats.norm.isf(0.0125) / math.sqrt(0.5)),
        "pocock": 0.025 * math.log(1 + (math.e - 1) / 2),
        "linear": 0.0125,
    }
    assert spending(kind, 0.5, 0.025) == pytest.approx(expected[kind], rel=1e-10)


@given(LOOKS, ALPHAS, st.floats(0.4, 0.99))
@examples(25)
def test_the_drift_for_a_power_has_that_power(fractions, alpha, power):
    """The drift that a plan needs leads to the power that was asked for."""
    bounds = boundaries(fractions, alpha=alpha, spending="pocock")
    drift = drift_for_power(bounds, fractions, power=power)
    assert crossing_probability(bounds, fractions, drift=drift)[-1] == pytest.approx(power, abs=1e-8)


@pytest.mark.parametrize(
    ("shape", "inflation"), [("obrien-fleming", 1.028), ("pocock", 1.228)], ids=["late", "early"]
)
def test_what_looks_cost_is_what_tables_say(shape, inflation):
    """Five looks with 80 % power need 2.8 % more units in O'Brien and Fleming's plan, 22.9 % in Pocock's."""
    needed = drift_for_power(classical_boundaries(5, alpha=0.025, shape=shape), FIVE, power=0.8)
    single = normal_quantile(0.975) + normal_quantile(0.8)
    assert (needed / single) ** 2 == pytest.approx(inflation, abs=1.5e-3)


def test_a_plan_of_five_looks_loses_little_power():
    """With the pairs of a single look, five looks of the late kind lose less than two points of 80 %."""
    n, alpha = pairs_to_detect(0.05, discordance=0.2), 0.05
    drift = 0.05 * math.sqrt(n / (0.2 - 0.05**2))
    found = crossing_probability(boundaries(FIVE, alpha=alpha), FIVE, drift=drift)
    assert 0.78 < found[-1] < 0.8 < stats.norm.cdf(drift - stats.norm.isf(alpha))


def test_a_plan_that_ends_early_keeps_some_alpha():
    """Where the last look comes before all of the information, not all of alpha is spent."""
    looks = (0.25, 0.5)
    spent = crossing_probability(boundaries(looks, alpha=0.05), looks)[-1]
    assert spent == pytest.approx(spending("obrien-fleming", 0.5, 0.05), abs=1e-9)
    assert spent < 0.01


def test_a_look_at_which_nothing_may_be_spent_is_never_crossed():
    """At a billionth of the information the boundary is infinite, and the others are as if it were not."""
    first, *rest = boundaries((1e-9, 0.5, 1), alpha=0.05)
    assert first == math.inf
    assert rest == pytest.approx(boundaries((0.5, 1), alpha=0.05), abs=1e-8)
    assert crossing_probability((math.inf, *rest), (1e-9, 0.5, 1), drift=3)[0] == 0


@pytest.mark.parametrize("drift", [-60.0, 60.0])
def test_an_overwhelming_effect_is_certain(drift):
    """Far from the boundaries a path crosses at once, or never."""
    found = crossing_probability((2.0, 2.0, 2.0), (0.3, 0.6, 1), drift=drift)
    assert found == pytest.approx([float(drift > 0)] * 3, abs=1e-12)


def test_looks_that_are_close_to_each_other_cost_little():
    """A second look at all but the same information moves the boundary by all but nothing."""
    looks = (0.5, 0.50001, 1)
    bounds = boundaries(looks, alpha=0.05, spending="linear")
    assert bounds[2] == pytest.approx(boundaries((0.5, 1), alpha=0.05, spending="linear")[1], abs=1e-3)
    assert crossing_probability(bounds, looks)[-1] == pytest.approx(0.05, abs=1e-9)


ROUNDED = (0.5, 0.5 + 1e-8)


@pytest.mark.parametrize(
    ("misuse", "complaint"),
    [
        (partial(boundaries, (), alpha=0.05), "at least one look"),
        (partial(boundaries, (0.5, 0.5), alpha=0.05), "rise"),
        (partial(boundaries, (0, 0.5), alpha=0.05), "rise"),
        (partial(boundaries, (0.5, 1.1), alpha=0.05), "up to 1"),
        (partial(boundaries, (0.5, math.nan), alpha=0.05), "up to 1"),
        (partial(boundaries, ROUNDED, alpha=0.05), "too close"),
        (partial(boundaries, FIVE, alpha=0.0), "alpha is between"),
        (partial(boundaries, FIVE, alpha=math.nan), "alpha is between"),
        (partial(boundaries, FIVE, alpha=0.05, spending="late"), "not as late"),
        (partial(spending, "pocock", -0.1, 0.05), "between 0 and 1"),
        (partial(spending, "pocock", 0.5, 1.0), "alpha is between"),
        (partial(spending, "late", 1, 0.05), "not as late"),
        (partial(classical_boundaries, 0, alpha=0.05), "need a look"),
        (partial(classical_boundaries, 3, alpha=1.0), "between 0 and 1"),
        (partial(classical_boundaries, 3, alpha=0.05, shape="late"), "not late"),
        (partial(crossing_probability, (2, 2), FIVE), "do not fit 5 looks"),
        (partial(crossing_probability, (2, math.nan), (0.5, 1)), "are numbers"),
        (partial(crossing_probability, (2, 2), (0.5, 1), drift=math.inf), "are numbers"),
        (partial(drift_for_power, (2, 2), (0.5, 1), power=0.01), "between the error"),
        (partial(drift_for_power, (2, 2), (0.5, 1), power=1.0), "between the error"),
        (partial(drift_for_power, (math.inf,), (1,), power=0.8), "between the error"),
    ],
)
def test_what_is_no_plan_is_refused(misuse, complaint):
    """Looks that do not rise, an alpha that is none and a kind that does not exist are named."""
    with pytest.raises(ValueError, match=complaint):
        misuse()
