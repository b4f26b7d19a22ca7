"""Differences of rates and ratios of means, of groups that are not paired."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import newcombe, ratio_bootstrap

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
VALUES = st.lists(st.floats(0.001, 1e6), min_size=2, max_size=12)


@pytest.mark.parametrize(
    ("passed", "n", "usual", "of", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_is_the_published_table(
    passed: int, n: int, usual: int, of: int, low: float, high: float
) -> None:
    """The limits are those of Newcombe's own examples for his method 10."""
    assert newcombe(passed, n, usual, of).limits == pytest.approx((low, high), abs=5e-5)


@given(COUNTS, COUNTS)
def test_a_difference_turned_round_is_its_opposite(one: tuple[int, int], other: tuple[int, int]) -> None:
    """The limits hold the difference, and exchanging the groups exchanges them."""
    found, turned = newcombe(*one, *other), newcombe(*other, *one)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.limits == pytest.approx((-turned.high, -turned.low), abs=1e-12)


@given(VALUES, VALUES)
def test_a_ratio_lies_between_its_limits_whatever_the_order(values: list[float], usual: list[float]) -> None:
    """The same values in another order give the same bytes."""
    found = ratio_bootstrap(values, usual, resamples=100)
    mixed = random.Random(1)
    mixed.shuffle(values)
    mixed.shuffle(usual)
    assert found == ratio_bootstrap(values, usual, resamples=100)
    assert found is not None
    assert found.low <= found.value <= found.high


def test_what_does_not_vary_has_limits_that_are_its_value() -> None:
    """A deterministic agent has an exact ratio."""
    found = ratio_bootstrap([6, 6, 6], [3, 3])
    assert found is not None
    assert (found.low, found.value, found.high) == (2.0, 2.0, 2.0)


@pytest.mark.parametrize(("values", "usual"), [([1], [1, 2]), ([1, 2], [0, 0]), ([], [])])
def test_too_little_has_no_ratio(values: list[float], usual: list[float]) -> None:
    """Fewer than two values, or nothing to divide by, give None and no number."""
    assert ratio_bootstrap(values, usual) is None


def test_what_is_no_value_is_refused() -> None:
    """Infinite and negative values, and too few draws, are errors."""
    with pytest.raises(ValueError, match="not finite"):
        ratio_bootstrap([float("inf"), 1], [1, 1])
    with pytest.raises(ValueError, match="too few"):
        ratio_bootstrap([1, 1], [1, 1], resamples=10)
