"""Corrected rates: what people would have found, from a judge whose errors were measured."""

from __future__ import annotations

import random
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import prediction_powered, rogan_gladen, wilson

SHARE = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SCORE = st.floats(0, 1)


def judge(rng: random.Random, rate: float, n: int, se: float, sp: float) -> list[tuple[int, int]]:
    """Pairs (what the judge says, what is so) of n cases."""
    truth = [int(rng.random() < rate) for _ in range(n)]
    return [(int(rng.random() < (se if true else 1 - sp)), true) for true in truth]


@given(SHARE, SHARE, SHARE)
def test_a_corrected_rate_lies_within_its_limits(
    passed: tuple[int, int], sensitivity: tuple[int, int], specificity: tuple[int, int]
):
    """Estimate and limits are rates in order, or there is none where the judge is no better than chance."""
    found = rogan_gladen(*passed, sensitivity=sensitivity, specificity=specificity)
    informed = sensitivity[0] / sensitivity[1] + specificity[0] / specificity[1] > 1
    assert informed or found is None
    if found is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(SHARE)
def test_a_judge_that_is_always_right_needs_no_correction(passed: tuple[int, int]):
    """With perfect labels the estimate is the judge's rate, and the limits are wider than without a judge."""
    found = rogan_gladen(*passed, sensitivity=(500, 500), specificity=(500, 500))
    assert found is not None
    assert found.value == pytest.approx(passed[0] / passed[1])
    told = wilson(*passed)
    assert found.high - found.low > (told.high - told.low) * 0.95


def test_the_correction_is_that_of_the_formula():
    """(p + sp - 1) / (se + sp - 1), by hand."""
    found = rogan_gladen(70, 100, sensitivity=(90, 100), specificity=(80, 100))
    assert found is not None
    assert found.value == pytest.approx((0.7 + 0.8 - 1) / (0.9 + 0.8 - 1))


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("labels", [30, 200])
def test_corrected_limits_hold_the_truth(rate: float, labels: int):
    """With errors of the judge estimated from labels, at least 93 of 100 intervals hold the true rate."""
    rng, held, rounds = random.Random(f"{rate} {labels}"), 0, 1000
    for _ in range(rounds):
        said = sum(one for one, _ in judge(rng, rate, 300, 0.9, 0.8))
        hits = sum(rng.random() < 0.9 for _ in range(labels))
        rejected = sum(rng.random() < 0.8 for _ in range(labels))
        found = rogan_gladen(said, 300, sensitivity=(hits, labels), specificity=(rejected, labels))
        held += found is not None and found.low <= rate <= found.high
    assert held / rounds >= 0.93


def test_the_judges_own_rate_would_be_wrong():
    """The interval that trusts a lenient judge misses a truth that the corrected one holds."""
    said = judge(random.Random(3), 0.6, 2000, 0.95, 0.7)
    passed = sum(one for one, _ in said)
    found = rogan_gladen(passed, 2000, sensitivity=(190, 200), specificity=(140, 200))
    assert found is not None
    assert found.low <= 0.6 <= found.high
    assert not wilson(passed, 2000).low <= 0.6


@pytest.mark.parametrize(
    ("sensitivity", "specificity"),
    [((0, 0), (9, 9)), ((9, 9), (0, 0)), ((5, 10), (5, 10)), ((1, 10), (2, 10))],
    ids=["no passes labelled", "no failures labelled", "chance", "worse than chance"],
)
def test_a_judge_that_was_not_measured_corrects_nothing(
    sensitivity: tuple[int, int], specificity: tuple[int, int]
):
    """Without labels of both kinds, or with a judge that guesses, nothing follows."""
    assert rogan_gladen(50, 100, sensitivity=sensitivity, specificity=specificity) is None
    assert rogan_gladen(0, 0, sensitivity=(9, 10), specificity=(9, 10)) is None


@pytest.mark.parametrize("passed", [(-1, 5), (6, 5)], ids=["negative", "too many"])
def test_impossible_counts_are_refused(passed: tuple[int, int]):
    """More passes than verdicts are an error of the caller."""
    with pytest.raises(ValueError, match="no rate"):
        rogan_gladen(*passed, sensitivity=(9, 10), specificity=(9, 10))


@given(
    st.lists(SCORE, min_size=1, max_size=30),
    st.lists(st.tuples(SCORE, SCORE), min_size=2, max_size=30),
    st.booleans(),
)
def test_powered_means_lie_within_their_limits(
    judged: list[float], labelled: list[tuple[float, float]], tuned: bool
):
    """Estimate and limits of scores from 0 to 1 are such scores, in order."""
    found = prediction_powered(judged, labelled, tuned=tuned)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.n == len(labelled)


def test_untuned_means_are_those_of_the_formula():
    """The judge's mean, moved by the mean of what it got wrong; both variances add up."""
    judged, labelled = [3.0, 5.0, 4.0, 8.0], [(2.0, 3.0), (4.0, 4.0), (6.0, 8.0)]
    found = prediction_powered(judged, labelled, tuned=False)
    errors = [label - score for score, label in labelled]
    assert found is not None
    assert found.value == pytest.approx(fmean(judged) + fmean(errors))
    standard_error = (variance(judged) / 4 + variance(errors) / 3) ** 0.5
    assert (found.high - found.value) / standard_error == pytest.approx(4.302652729911275)  # t, 2 df


@pytest.mark.parametrize("tuned", [True, False])
@pytest.mark.parametrize(("se", "sp"), [(0.95, 0.9), (0.99, 0.99), (0.5, 0.5)])
def test_powered_limits_hold_the_truth(tuned: bool, se: float, sp: float):
    """At least 92.5 of 100 intervals hold the true rate, also for a judge that guesses or hardly errs."""
    rng, held, rounds = random.Random(f"{tuned} {se}"), 0, 800
    for _ in range(rounds):
        judged = [float(one) for one, _ in judge(rng, 0.7, 400, se, sp)]
        found = prediction_powered(judged, judge(rng, 0.7, 60, se, sp), tuned=tuned)
        held += found is not None and found.low <= 0.7 <= found.high
    assert held / rounds >= 0.925


def test_a_judge_that_guesses_costs_nothing():
    """Tuned, a useless judge leaves the limits of the labels alone, within a few percent."""
    rng = random.Random(5)
    labelled = judge(rng, 0.5, 400, 0.5, 0.5)
    judged = [float(one) for one, _ in judge(rng, 0.5, 4000, 0.5, 0.5)]
    tuned, plain = prediction_powered(judged, labelled), prediction_powered(judged, labelled, tuned=False)
    assert tuned is not None
    assert plain is not None
    assert tuned.high - tuned.low < 0.8 * (plain.high - plain.low)


def test_a_judge_without_error_on_few_labels_keeps_wide_limits():
    """Five labels that all agree do not make 10,000 verdicts certain."""
    judged = [1.0] * 9000 + [0.0] * 1000
    for labelled in ([(1.0, 1.0)] * 3 + [(0.0, 0.0)] * 2, [(1.0, 1.0)] * 5):
        found = prediction_powered(judged, labelled)
        assert found is not None
        assert found.high - found.low > 0.3


def test_too_little_tells_nothing():
    """One label, or no verdict, gives no interval."""
    assert prediction_powered([1.0], [(1.0, 1.0)]) is None
    assert prediction_powered([], [(1.0, 1.0), (0.0, 1.0)]) is None
