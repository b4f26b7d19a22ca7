"""Intervals of a rate: the roots of their equations, and honest at both ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import clopper_pearson, wilson

RATES = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SHARES = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])


@given(RATES, SHARES)
def test_wilson_is_the_reference_to_a_billionth(rate: tuple[int, int], confidence: float):
    """The limits are scipy's to 1e-9."""
    passed, n = rate
    expected = stats.binomtest(passed, n).proportion_ci(confidence, method="wilson")
    assert wilson(passed, n, confidence=confidence).limits == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [(5, 5, 0.566, 1), (20, 20, 0.839, 1), (29, 30, 0.833, 0.994), (90, 100, 0.826, 0.945)],
)
def test_known_values(passed: int, n: int, low: float, high: float):
    """Five passes of five leave room for a rate of 0.57."""
    assert wilson(passed, n).limits == pytest.approx((low, high), abs=5e-4)


@given(RATES, SHARES)
def test_limits_hold_the_rate_and_stay_within_0_and_1(rate: tuple[int, int], confidence: float):
    """The estimate lies between its limits, and certainty is never claimed."""
    found = wilson(*rate, confidence=confidence)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@given(RATES, SHARES)
def test_failures_mirror_passes(rate: tuple[int, int], confidence: float):
    """The interval of the failures is the same, read from the other end."""
    passed, n = rate
    found, mirrored = wilson(passed, n, confidence=confidence), wilson(n - passed, n, confidence=confidence)
    assert found.limits == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


@given(RATES)
def test_one_more_pass_raises_both_limits(rate: tuple[int, int]):
    """The limits grow with the number of passes."""
    passed, n = rate
    less, more = wilson(passed, n + 1), wilson(passed + 1, n + 1)
    assert less.low < more.low
    assert less.high < more.high or more.high == less.high == 1


@pytest.mark.parametrize(("passed", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_rate_is_refused(passed: int, n: int):
    """No trials have no rate: missing data is not 0 of 0."""
    with pytest.raises(ValueError, match="no rate"):
        wilson(passed, n)


@given(RATES, SHARES)
def test_clopper_and_pearson_are_the_reference_to_a_billionth(rate: tuple[int, int], confidence: float):
    """The exact limits are scipy's to 1e-9."""
    passed, n = rate
    expected = stats.binomtest(passed, n).proportion_ci(confidence, method="exact")
    found = clopper_pearson(passed, n, confidence=confidence)
    assert found.limits == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert found.value == passed / n


@pytest.mark.parametrize(("passed", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_there_is_no_exact_interval_of_no_rate(passed: int, n: int):
    """More passes than trials, or no trial, is an error."""
    with pytest.raises(ValueError, match="is no rate"):
        clopper_pearson(passed, n)
