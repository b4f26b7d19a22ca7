"""Percentiles: exact by nearest rank while there are few values, within a percent beyond."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces.levels import Quantiles, Values

COUNTS = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=200)


def gathered(values: list[int], *, exact: int = 65_536) -> Values:
    found = Values(exact=exact)
    for value in values:
        found.add(value)
    return found


def nearest_rank(values: list[int], percent: int) -> int:
    return sorted(values)[math.ceil(percent * len(values) / 100) - 1]


def shown(found: Quantiles) -> tuple[float | None, ...]:
    return found.p50, found.p95, found.p99


@given(COUNTS)
def test_few_values_have_exact_percentiles(values: list[int]):
    """Each percentile is a value that was seen: the one of its rank."""
    found = gathered(values).quantiles()
    assert shown(found) == tuple(float(nearest_rank(values, percent)) for percent in (50, 95, 99))
    assert (found.n, found.exact) == (len(values), True)


@given(COUNTS)
def test_many_values_have_percentiles_within_a_percent(values: list[int]):
    """Beyond the limit each percentile is off by at most one percent of itself."""
    found = gathered(values, exact=0).quantiles()
    assert not found.exact
    for told, percent in zip(shown(found), (50, 95, 99), strict=True):
        assert told == pytest.approx(nearest_rank(values, percent), rel=0.0100001)


@given(COUNTS, st.integers(0, 200), st.integers(0, 100), st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(values: list[int], cut: int, limit: int, mixed: random.Random):
    """Two parts merged tell what the whole tells, whatever the order."""
    other = values[:]
    mixed.shuffle(other)
    merged = gathered(other[:cut], exact=limit)
    merged.merge(gathered(other[cut:], exact=limit))
    assert merged.quantiles() == gathered(values, exact=limit).quantiles()


def test_what_is_unknown_is_counted_and_no_zero():
    """None and impossible values are in no percentile; without any value there is none."""
    found = Values()
    for value in (None, -1, 2**63, 2**100):
        found.add(value)
    assert found.quantiles() == Quantiles(n=0, unknown=4, p50=None, p95=None, p99=None)


def test_memory_is_bounded():
    """Values of every size fall into some two thousand buckets."""
    found = Values(exact=10)
    for power in range(63):
        for step in range(64):
            found.add((1 << power) + (step << power) // 64)
    assert len(found._buckets) < 2_300
