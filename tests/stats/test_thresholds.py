"""The lowest score from which errors are rare enough, and that the search for it is paid for."""

from __future__ import annotations

import random

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import clopper_pearson, errors_allowed, lowest_safe, threshold_grid, trials_to_start


@pytest.mark.parametrize("target", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("n", [1, 10, 59, 300, 2_000])
def test_errors_allowed_are_those_of_the_exact_test(n: int, target: float):
    """So many errors have a tail of at most alpha by scipy, and one more has not."""
    found = errors_allowed(n, target, 0.05)
    assert found == -1 or scipy.stats.binom.cdf(found, n, target) <= 0.05
    assert scipy.stats.binom.cdf(found + 1, n, target) > 0.05
    if found >= 0:
        assert clopper_pearson(found, n, confidence=0.9).high <= target + 1e-9


@pytest.mark.parametrize("target", [0.02, 0.05, 0.1])
def test_the_first_threshold_has_trials_enough(target: float):
    """An error rate of a quarter of the target is shown four times in five, and hardly less often."""
    n = trials_to_start(target, 0.05)
    power = scipy.stats.binom.cdf(errors_allowed(n, target, 0.05), n, target / 4)
    assert 0.8 <= power < 0.9


@given(st.lists(st.floats(0, 1), max_size=80), st.integers(1, 40))
def test_the_grid_falls_and_leaves_enough_above(scores: list[float], first: int):
    """Each threshold is a score with at least so many at or above it, and the last is the lowest score."""
    grid = threshold_grid(scores, first=first)
    assert list(grid) == sorted(set(grid), reverse=True)
    assert bool(grid) == (len(scores) >= first)
    if grid:
        assert sum(score >= grid[0] for score in scores) >= first
        assert grid[-1] == min(scores)


def test_thresholds_whose_errors_are_too_many_are_hardly_ever_passed():
    """With an error rate of the target everywhere, at most 5 of 100 searches pass any threshold."""
    rng, passed, rounds = random.Random(11), 0, 1_000
    for _ in range(rounds):
        trials = [(rng.random(), rng.random() >= 0.05) for _ in range(500)]
        grid = threshold_grid([score for score, _ in trials], first=trials_to_start(0.05, 0.05))
        passed += lowest_safe(trials, grid, target=0.05, alpha=0.05) is not None
    assert passed / rounds <= 0.06


def test_a_search_ends_at_the_first_threshold_that_is_not_shown():
    """Errors in the middle stop it, however good it would be below."""
    trials = [(0.9, True)] * 100 + [(0.5, False)] * 100 + [(0.1, True)] * 10_000
    assert lowest_safe(trials, (0.9, 0.5, 0.1), target=0.05, alpha=0.05) == 0.9
    assert lowest_safe(trials, (0.5, 0.1), target=0.05, alpha=0.05) is None
