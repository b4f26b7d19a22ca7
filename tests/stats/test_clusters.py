"""Clustered intervals: trials of one case are no independent witnesses."""

from __future__ import annotations

import math
import random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import clustered_mean, clustered_rate, wilson

VALUES = st.lists(st.floats(-100, 100), min_size=1, max_size=8)
CLUSTERS = st.lists(VALUES, min_size=2, max_size=12)
COUNTS = st.lists(
    st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=20
)

CASES, TRIALS, EFFECT_SD, ROUNDS = 50, 20, 0.2, 2500


@given(CLUSTERS)
def test_means_of_cases_are_an_interval_of_t(clusters: list[list[float]]):
    """With cases weighing the same, it is the t interval of the cases' means."""
    found = clustered_mean(clusters)
    means = [fmean(values) for values in clusters]
    assert found is not None
    reach = stats.t.ppf(0.975, len(means) - 1) * stdev(means) / math.sqrt(len(means))
    assert found.limits == pytest.approx((fmean(means) - reach, fmean(means) + reach), rel=1e-7, abs=1e-7)
    assert found.n == len(clusters)


@given(CLUSTERS)
def test_means_of_trials_are_millers(clusters: list[list[float]]):
    """With trials weighing the same, all products of residuals within a cluster count."""
    found = clustered_mean(clusters, weight="trials")
    every = [one for values in clusters for one in values]
    middle, count = fmean(every), len(clusters)
    products = sum((a - middle) * (b - middle) for values in clusters for a in values for b in values)
    error = math.sqrt(max(products, 0) * count / (count - 1)) / len(every)
    assert found is not None
    assert found.value == pytest.approx(middle, abs=1e-9)
    assert (found.high - found.low) / 2 == pytest.approx(
        stats.t.ppf(0.975, count - 1) * error, rel=1e-5, abs=1e-4
    )


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.lists(st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=2)
    )
)
def test_equal_clusters_need_no_choice_of_weights(clusters: list[list[float]]):
    """Where all cases have as many trials, both weights give the same interval."""
    by_case, by_trial = clustered_mean(clusters), clustered_mean(clusters, weight="trials")
    assert by_case is not None
    assert by_trial is not None
    assert by_case.limits == pytest.approx(by_trial.limits, abs=1e-7)


@given(CLUSTERS, st.randoms(use_true_random=False))
def test_order_does_not_matter(clusters: list[list[float]], rng: random.Random):
    """Cases and trials in another order give the same bytes."""
    mixed = [rng.sample(values, len(values)) for values in clusters]
    rng.shuffle(mixed)
    assert clustered_mean(mixed) == clustered_mean(clusters)


@pytest.mark.parametrize(
    "clusters", [[], [[1.0, 2.0]], [[], [1.0]]], ids=["none", "one", "one and an empty one"]
)
def test_one_cluster_tells_nothing_of_others(clusters: list[list[float]]):
    """Without a second case there is no spread between cases."""
    assert clustered_mean(clusters) is None


@given(COUNTS)
def test_rates_lie_within_their_limits_and_those_within_0_and_1(counts: list[tuple[int, int]]):
    """Nothing is certain, and no rate is below 0."""
    found = clustered_rate(counts)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@pytest.mark.parametrize("passed", [0, 7, 10])
def test_cases_that_are_all_alike_are_not_certain(passed: int):
    """Ten trials each of eight cases with one rate are as good as eight trials."""
    found = clustered_rate([(passed, 10)] * 8)
    assert found.limits == wilson(passed / 10 * 8, 8).limits
    assert found.high - found.low > 0.3


def test_one_case_leaves_everything_open():
    """However often one case is repeated, other cases may be anything."""
    assert clustered_rate([(90, 100)]).limits == (0, 1)


def test_no_trial_has_no_rate():
    """Cases without a trial are no data."""
    with pytest.raises(ValueError, match="no trial"):
        clustered_rate([(0, 0)])


def test_repeats_of_one_case_do_not_narrow_the_limits():
    """Trials that all repeat their case's outcome leave the interval of one trial each."""
    once, often = [(1, 1)] * 7 + [(0, 1)] * 5, [(50, 50)] * 7 + [(0, 50)] * 5
    assert clustered_rate(often) == clustered_rate(once)


def _differences(rng: random.Random) -> list[list[int]]:
    """Two versions that differ case by case, by nothing on average: 50 cases with 20 paired trials each."""
    drawn = []
    for _ in range(CASES):
        chance = min(max(0.5 + rng.gauss(0, EFFECT_SD), 0), 1)
        drawn.append([(rng.random() < chance) - (rng.random() < 0.5) for _ in range(TRIALS)])
    return drawn


def _false_alarm_if_independent(clusters: list[list[int]]) -> bool:
    every = [one for values in clusters for one in values]
    return abs(fmean(every)) > 1.96 * math.sqrt(fmean(one * one for one in every) / len(every))


def test_clustered_errors_keep_their_promise_where_independent_ones_do_not():
    """Without a true difference, clustered limits alarm in 5 of 100 comparisons, independent ones in 20."""
    rng, clustered, independent = random.Random(2024), 0, 0
    for _ in range(ROUNDS):
        drawn = _differences(rng)
        found = clustered_mean(drawn)
        assert found is not None
        clustered += not found.low <= 0 <= found.high
        independent += _false_alarm_if_independent(drawn)
    assert 0.035 <= clustered / ROUNDS <= 0.065
    assert independent / ROUNDS > 0.2
