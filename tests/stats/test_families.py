"""Adjusted p-values: their laws, and what they promise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agentops_eval.stats import benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0, 1), max_size=30)
BOTH = pytest.mark.parametrize("adjust", [holm, benjamini_hochberg], ids=["holm", "bh"])


@given(P_VALUES.filter(bool))
def test_benjamini_hochberg_is_scipys(p_values: list[float]):
    """The step-up values are those of the reference."""
    assert benjamini_hochberg(p_values) == pytest.approx(list(stats.false_discovery_control(p_values)))


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_what_its_steps_reject(p_values: list[float], alpha: float):
    """Stepping down from the smallest, all are rejected up to the first that exceeds alpha / (m - i)."""
    rejected: set[int] = set()
    for rank, at in enumerate(sorted(range(len(p_values)), key=lambda one: p_values[one])):
        if (len(p_values) - rank) * p_values[at] > alpha:
            break
        rejected.add(at)
    assert {at for at, p in enumerate(holm(p_values)) if p <= alpha} == rejected


@BOTH
@given(P_VALUES)
def test_adjusting_keeps_the_order_and_lowers_nothing(adjust, p_values: list[float]):
    """The smallest stays the smallest, and no p-value gets better."""
    adjusted = adjust(p_values)
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    assert [adjusted[at] for at in order] == sorted(adjusted)
    assert all(before <= after <= 1 for before, after in zip(p_values, adjusted, strict=True))


@given(P_VALUES)
def test_holm_is_the_stricter(p_values: list[float]):
    """Allowing no false rejection asks for more than allowing a share."""
    assert all(
        h >= b or h == pytest.approx(b)
        for h, b in zip(holm(p_values), benjamini_hochberg(p_values), strict=True)
    )


@BOTH
@given(P_VALUES, st.randoms(use_true_random=False))
def test_the_order_of_questions_does_not_matter(adjust, p_values: list[float], rng: random.Random):
    """Questions may be asked in any order."""
    order = list(range(len(p_values)))
    rng.shuffle(order)
    shuffled = adjust([p_values[at] for at in order])
    assert [shuffled[order.index(at)] for at in range(len(order))] == list(adjust(p_values))


@BOTH
def test_one_question_needs_no_adjustment(adjust):
    """A single p-value stays as it is, and none stay none."""
    assert (adjust([0.03]), adjust([])) == ((0.03,), ())


def test_twenty_true_hypotheses_are_seldom_rejected():
    """Of twenty metrics that did not change, one is called changed in 5 of 100 comparisons, not in 64."""
    rng, rounds = random.Random(20), 4000
    drawn = [[rng.random() for _ in range(20)] for _ in range(rounds)]
    assert sum(min(p) <= 0.05 for p in drawn) / rounds > 0.6
    assert sum(min(holm(p)) <= 0.05 for p in drawn) / rounds <= 0.06
    assert sum(min(benjamini_hochberg(p)) <= 0.05 for p in drawn) / rounds <= 0.06


@BOTH
@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(adjust, wrong: float):
    """A p-value that is none is an error of the caller."""
    with pytest.raises(ValueError, match="no probability"):
        adjust([0.5, wrong])
