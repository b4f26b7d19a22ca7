"""pass@k and pass^k: exact, without bias, and in order."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import mean_over_cases, pass_at_k, pass_hat_k

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
WITH_K = COUNTS.flatmap(lambda count: st.tuples(st.just(count), st.integers(1, count[1])))
SUITES = st.integers(1, 12).flatmap(
    lambda n: st.lists(st.tuples(st.integers(0, n), st.just(n)), min_size=1, max_size=20)
)


@pytest.mark.parametrize("trials", range(1, 8))
def test_both_are_shares_of_all_choices_of_k_trials(trials: int):
    """Counting every choice of k of n trials gives the same fractions."""
    for passed in range(trials + 1):
        outcomes = [at < passed for at in range(trials)]
        for k in range(1, trials + 1):
            chosen = list(combinations(outcomes, k))
            assert pass_hat_k(passed, trials, k) == Fraction(sum(map(all, chosen)), len(chosen))
            assert pass_at_k(passed, trials, k) == Fraction(sum(map(any, chosen)), len(chosen))


@given(WITH_K)
def test_all_is_harder_than_one_and_one_harder_than_any(drawn: tuple[tuple[int, int], int]):
    """pass^k <= pass^1 = pass@1 <= pass@k, all from 0 to 1."""
    (passed, trials), k = drawn
    once = Fraction(passed, trials)
    assert 0 <= pass_hat_k(passed, trials, k) <= once <= pass_at_k(passed, trials, k) <= 1
    assert pass_hat_k(passed, trials, 1) == pass_at_k(passed, trials, 1) == once


@given(WITH_K)
def test_any_passes_where_not_all_fail(drawn: tuple[tuple[int, int], int]):
    """pass@k is what is left of pass^k of the failures."""
    (passed, trials), k = drawn
    assert pass_at_k(passed, trials, k) == 1 - pass_hat_k(trials - passed, trials, k)


@given(SUITES)
def test_more_tries_help_one_and_hurt_the_other(counts: list[tuple[int, int]]):
    """Over k, pass^k never rises and pass@k never falls."""
    ks = range(1, counts[0][1] + 1)
    all_of, any_of = ([mean_over_cases(of, counts, k) for k in ks] for of in (pass_hat_k, pass_at_k))
    assert all_of == sorted(all_of, reverse=True)
    assert any_of == sorted(any_of)


@given(SUITES, st.randoms(use_true_random=False))
def test_the_mean_weighs_each_case_the_same(counts: list[tuple[int, int]], rng):
    """The mean is the cases' own values added up, in whatever order."""
    mixed = counts[:]
    rng.shuffle(mixed)
    expected = sum((pass_hat_k(*count, 1) for count in counts), Fraction()) / len(counts)
    assert mean_over_cases(pass_hat_k, mixed, 1) == expected


@pytest.mark.parametrize(("passed", "trials", "k"), [(3, 5, 6), (3, 5, 0), (6, 5, 1), (-1, 5, 1), (0, 0, 1)])
@pytest.mark.parametrize("of", [pass_hat_k, pass_at_k])
def test_what_was_not_tried_is_not_known(of, passed: int, trials: int, k: int):
    """k beyond the trials, and counts that cannot be, are refused."""
    with pytest.raises(ValueError, match=r"asks for|no count"):
        of(passed, trials, k)


def test_no_case_has_no_mean():
    """Nothing has no rate."""
    with pytest.raises(ValueError, match="no case"):
        mean_over_cases(pass_hat_k, [], 1)
