"""Cohen's kappa: agreement beyond chance, with limits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import cohen_kappa

COUNTS = st.integers(0, 50)
TABLES = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.lists(COUNTS, min_size=size, max_size=size), min_size=size, max_size=size)
)


def kappa_of(table: list[list[int]]) -> float:
    n = sum(map(sum, table))
    seen = sum(table[at][at] for at in range(len(table))) / n
    chance = sum(sum(table[at]) / n * sum(row[at] for row in table) / n for at in range(len(table)))
    return (seen - chance) / (1 - chance)


@given(TABLES)
def test_kappa_is_agreement_beyond_chance(table: list[list[int]]):
    """The value is that of its definition, within its limits, and those within -1 and 1."""
    found = cohen_kappa(table)
    if found is None:
        return
    assert found.value == pytest.approx(kappa_of(table), abs=1e-12)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.001


@given(TABLES)
def test_who_is_asked_first_does_not_matter(table: list[list[int]]):
    """Exchanging the two raters changes nothing."""
    turned = [list(column) for column in zip(*table, strict=True)]
    found, other = cohen_kappa(table), cohen_kappa(turned)
    assert (found is None) == (other is None)
    if found is not None and other is not None:
        assert found.value == other.value
        assert found.limits == pytest.approx(other.limits)


@pytest.mark.parametrize(
    "table",
    [[[0, 0], [0, 0]], [[40, 0], [0, 0]], [[0, 0], [0, 7]], [[5]]],
    ids=["nothing", "only passes", "only failures", "one label"],
)
def test_agreement_on_one_label_shows_nothing(table: list[list[int]]):
    """Where everything passes by both, kappa is not defined, and is not called 1."""
    assert cohen_kappa(table) is None


def test_five_labels_that_agree_are_no_proof():
    """A kappa of 1 from five labels keeps a lower limit that is far below."""
    found = cohen_kappa([[3, 0], [0, 2]])
    assert found is not None
    assert found.value == 1
    assert 0 < found.low < 0.3


@pytest.mark.parametrize(("kappa", "n"), [(0.6, 100), (0.8, 60), (0.3, 200)])
def test_limits_hold_the_truth_as_often_as_they_say(kappa: float, n: int):
    """About 95 of 100 intervals hold the kappa that the labels were drawn with."""
    rng, held, rounds = random.Random(f"{kappa} {n}"), 0, 2000
    for _ in range(rounds):
        table = [[0, 0], [0, 0]]
        for _ in range(n):
            one = rng.random() < 0.5
            other = one if rng.random() < kappa else rng.random() < 0.5
            table[one][other] += 1
        found = cohen_kappa(table)
        held += found is not None and found.low <= kappa <= found.high
    assert 0.92 <= held / rounds <= 0.98


@pytest.mark.parametrize("table", [[[1, 2]], [[1], [2]], [[1, -1], [0, 3]]], ids=["flat", "tall", "negative"])
def test_what_is_no_table_is_refused(table: list[list[int]]):
    """A table that is not square, or holds less than nothing, is an error of its caller."""
    with pytest.raises(ValueError, match="square table"):
        cohen_kappa(table)
