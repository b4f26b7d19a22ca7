"""Changes of level: exact splits against brute force, planted changes, and false alarms."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import block_length, change_p, change_points, dependence, level_noise, segments
from tests.examples import examples

SERIES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=11)


def noise(n: int, rng: random.Random, *, r: float = 0.0) -> list[float]:
    """Normal noise of variance 1 whose neighbours correlate by r."""
    values = [rng.gauss(0, 1)]
    for _ in range(n - 1):
        values.append(r * values[-1] + math.sqrt(1 - r * r) * rng.gauss(0, 1))
    return values


def cost(values: list[float], cuts: tuple[int, ...], penalty: float) -> float:
    edges = (0, *cuts, len(values))
    parts = [values[one:other] for one, other in itertools.pairwise(edges)]
    return sum(sum((v - sum(p) / len(p)) ** 2 for v in p) for p in parts) + penalty * len(cuts)


@examples(60)
@given(SERIES, st.integers(1, 4), st.floats(0.1, 20))
def test_splits_cost_as_little_as_any(values: list[float], shortest: int, penalty: float):
    """No split of all that there are costs less, and no stretch is too short."""
    found = segments(values, penalty=penalty, shortest=shortest)
    every = (
        cuts
        for count in range(len(values))
        for cuts in itertools.combinations(range(1, len(values)), count)
        if all(b - a >= shortest for a, b in itertools.pairwise((0, *cuts, len(values)))) or not cuts
    )
    assert cost(values, found, penalty) <= min(cost(values, cuts, penalty) for cuts in every) + 1e-9
    assert all(b - a >= shortest for a, b in itertools.pairwise((0, *found, len(values)))) or not found


@pytest.mark.parametrize("r", [0.0, 0.3])
def test_planted_changes_are_found(r: float):
    """Of 20 series that rise by three standard deviations and fall again, 18 show just that, nearby."""
    rng, hits, rounds = random.Random(3), 0, 20
    for _ in range(rounds):
        values = [v + 3 * (40 <= at < 80) for at, v in enumerate(noise(120, rng, r=r))]
        found = change_points(values, resamples=199) or ()
        hits += [round(at / 40) for at, _ in found] == [1, 2] and all((at + 3) % 40 <= 6 for at, _ in found)
    assert hits >= 0.9 * rounds


@pytest.mark.parametrize(("r", "at_most"), [(0.0, 0.08), (0.5, 0.10)])
def test_series_without_a_change_hardly_ever_show_one(r: float, at_most: float):
    """False alarms are about as rare as alpha says, also where successive values resemble each other."""
    rng, alarms, rounds = random.Random(17), 0, 60
    for _ in range(rounds):
        alarms += bool(change_points(noise(100, rng, r=r), resamples=99))
    assert alarms / rounds <= at_most


def test_dependence_is_an_alarm_where_it_is_not_minded():
    """Permuting single values of a dependent series finds changes that are not there: blocks are needed."""
    rng, alarms = random.Random(18), 0
    for _ in range(40):
        p = change_p(noise(100, rng, r=0.6), resamples=99)
        alarms += p is not None and p <= 0.05
    assert alarms > 10


def test_what_the_seams_of_blocks_lose_is_given_back():
    """With the dependence known, at most 5 of 100 p-values of dependent noise are below 0.05."""
    rng, alarms = random.Random(21), 0
    for _ in range(60):
        p = change_p(noise(120, rng, r=0.6), r=0.6, resamples=99)
        alarms += p is not None and p <= 0.05
    assert alarms <= 3


def test_wild_values_are_not_taken_for_changes():
    """Of series with one change and heavy tails most show one, also where the best split has more."""
    rng, split, found, rounds = random.Random(31), 0, 0, 20
    for _ in range(rounds):
        wild = [rng.gauss(0, 1) / math.sqrt(rng.gammavariate(1.5, 1) / 1.5) for _ in range(120)]
        values = [one + 4 * (at >= 60) for at, one in enumerate(wild)]
        split += len(segments(values, penalty=2 * level_noise(values) * math.log(120))) > 1
        found += len(change_points(values, resamples=99) or ()) == 1
    assert split >= 0.3 * rounds
    assert found >= 0.9 * rounds


def test_a_constant_shows_nothing():
    """Where nothing varies there is no change and no noise."""
    assert change_points([2.0] * 40) == ()
    assert level_noise([2.0] * 40) == 0
    assert level_noise([1.0]) == 0


def test_a_short_series_says_nothing():
    """Nine values, or a hundred that are one long wave, are too few to tell a change from chance."""
    assert change_points([0.0] * 4 + [9.0] * 5) is None
    assert change_points([]) is None
    assert change_points([math.sin(at / 30) for at in range(100)]) is None


def test_a_change_is_no_dependence():
    """A level that changed leaves the dependence of neighbours as it is."""
    rng = random.Random(4)
    stepped = [v + 5 * (at >= 100) for at, v in enumerate(noise(200, rng))]
    assert dependence(stepped) < 0.15
    assert dependence(noise(400, rng, r=0.6)) == pytest.approx(0.6, abs=0.12)
    assert [block_length(r, 100) for r in (0.05, 0.3, 0.6)] == [1, 5, 9]


def test_level_noise_is_the_variance_around_the_levels():
    """A change of level hardly moves it."""
    rng = random.Random(5)
    values = [2 * v + 50 * (at >= 500) for at, v in enumerate(noise(1_000, rng))]
    assert level_noise(values) == pytest.approx(4, rel=0.15)


def test_what_cannot_be_split_is_refused():
    """Values are finite, and stretches have at least one."""
    with pytest.raises(ValueError, match="finite"):
        segments([math.nan], penalty=1)
    with pytest.raises(ValueError, match="at least one"):
        segments([1.0], penalty=1, shortest=0)
