"""Tails and quantiles agree with scipy's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from agentops_eval.stats._special import beta_cdf, normal_quantile, normal_tail, t_quantile, t_tail, z_of


@given(st.floats(-37, 37))
def test_normal_tails_are_scipys(z: float):
    """Also far out, where a tail is 1e-300."""
    assert normal_tail(z) == pytest.approx(stats.norm.sf(z), rel=1e-12)


@given(st.floats(1e-12, 1 - 1e-12))
def test_normal_quantiles_are_scipys(probability: float):
    """To the last digits."""
    assert normal_quantile(probability) == pytest.approx(stats.norm.ppf(probability), rel=1e-11, abs=1e-12)


def test_certainty_has_no_finite_quantile():
    """Nothing lies below minus infinity, and everything below infinity."""
    assert (normal_quantile(0), normal_quantile(1)) == (-math.inf, math.inf)
    assert (t_quantile(0, 3), t_quantile(1, 3)) == (-math.inf, math.inf)


@given(st.floats(0, 1), st.floats(0.05, 3000), st.floats(0.05, 3000))
def test_the_incomplete_beta_function_is_scipys(x: float, a: float, b: float):
    """For shapes of small and of large samples."""
    assert beta_cdf(x, a, b) == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-12)


# Nearer to 0 scipy loses digits that are there: of t = 1e-9 with one degree of freedom it gives 0.5.
_AWAY = st.floats(1e-5, 1e6) | st.floats(-1e6, -1e-5)


@given(_AWAY, st.floats(1, 1e5))
def test_tails_of_t_are_scipys(t: float, df: float):
    """From the Cauchy distribution to one that is all but normal."""
    assert t_tail(t, df) == pytest.approx(stats.t.sf(t, df), rel=1e-9, abs=1e-14)


@given(st.floats(-1, 1))
def test_with_one_degree_of_freedom_t_is_cauchys(t: float):
    """A half less arctan(t) / pi, to the last digits also where t is all but 0."""
    assert t_tail(t, 1) == pytest.approx(0.5 - math.atan(t) / math.pi, rel=1e-12)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(1, 1e5))
def test_quantiles_of_t_are_scipys(probability: float, df: float):
    """The quantile is the inverse of the tail."""
    expected = stats.t.ppf(probability, df)
    assert t_quantile(probability, df) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 95.0, math.nan])
def test_a_confidence_is_a_share(confidence: float):
    """95 is no confidence, 0.95 is."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        z_of(confidence)


@pytest.mark.parametrize(("probability", "df"), [(1.5, 3), (0.5, 0), (math.nan, 3)])
def test_impossible_quantiles_are_refused(probability: float, df: float):
    """There is no quantile of what is no probability, nor one of a distribution that does not exist."""
    with pytest.raises(ValueError, match="no quantile"):
        t_quantile(probability, df)
