"""Sample sizes: published ones, and what a test of that size really shows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import cases_needed, paired_difference, pairs_to_detect, pairs_to_rule_out

SHARE = st.floats(0.01, 0.5)


@pytest.mark.parametrize(
    ("discordance", "change", "pairs"),
    [
        (0.1, 0.1, 56), (0.1, 0.05, 242), (0.1, 0.03, 681), (0.1, 0.02, 1540),
        (0.2, 0.1, 118), (0.2, 0.05, 489), (0.2, 0.03, 1368), (0.2, 0.02, 3086),
    ],
)  # fmt: skip
def test_pairs_for_a_change_are_the_known_ones(discordance: float, change: float, pairs: int):
    """Five points at a discordance of 20 % need 489 pairs, up or down."""
    assert pairs_to_detect(change, discordance=discordance) == pairs
    assert pairs_to_detect(-change, discordance=discordance) == pairs


def test_a_margin_of_five_points_needs_495_pairs():
    """Where nothing changed, ruling out five points takes a little more than detecting them."""
    assert pairs_to_rule_out(0.05, discordance=0.2) == 495


@given(SHARE, st.floats(0.5, 0.95), st.floats(0.01, 0.3))
def test_surer_answers_need_more(change: float, power: float, alpha: float):
    """More power, less alpha, a smaller change, more discordance: each asks for no fewer pairs."""
    base = pairs_to_detect(change, discordance=0.5, alpha=alpha, power=power)
    assert base >= 1
    assert pairs_to_detect(change, discordance=0.5, alpha=alpha, power=power + 0.04) >= base
    assert pairs_to_detect(change, discordance=0.5, alpha=alpha / 2, power=power) >= base
    assert pairs_to_detect(change / 2, discordance=0.5, alpha=alpha, power=power) >= base
    assert pairs_to_detect(change, discordance=0.6, alpha=alpha, power=power) >= base


def test_the_promised_power_is_reached():
    """With the pairs that were asked for, about 80 of 100 equal candidates are shown not to be worse."""
    margin, discordance, rounds = 0.1, 0.2, 2000
    n = pairs_to_rule_out(margin, discordance=discordance)
    rng, shown = random.Random(80), 0
    for _ in range(rounds):
        drawn = [rng.random() for _ in range(n)]
        losses, wins = sum(u < discordance / 2 for u in drawn), sum(u > 1 - discordance / 2 for u in drawn)
        shown += paired_difference(losses, wins, n, confidence=0.9).low > -margin
    assert shown / rounds == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("change", "discordance"),
    [(0.0, 0.1), (0.2, 0.1), (0.1, 1.2)],
    ids=["none", "more than differs", "over all"],
)
def test_changes_that_cannot_be_have_no_size(change: float, discordance: float):
    """A change is something, and comes of pairs that differ."""
    with pytest.raises(ValueError, match="does not fit"):
        pairs_to_detect(change, discordance=discordance)


def test_a_change_beyond_the_margin_cannot_be_ruled_out():
    """No number of pairs shows that what is worse is not worse."""
    with pytest.raises(ValueError, match="does not fit"):
        pairs_to_rule_out(0.05, discordance=0.2, change=-0.05)


@pytest.mark.parametrize(("distance", "variance", "power"), [(0, 1, 0.8), (1, -1, 0.8), (1, 1, 1)])
def test_impossible_questions_are_refused(distance: float, variance: float, power: float):
    """No distance, a negative variance and certainty have no sample size."""
    with pytest.raises(ValueError, match="needs a distance"):
        cases_needed(distance, variance=variance, power=power)
