"""Counted events that come in bursts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.stats import dispersion


def drawn(seed: int, *, size: int, units: int = 400, ratio: float = 1.0) -> Counter[tuple[float, int, int]]:
    """Units of one trial in either arm, whose events come so many at a time."""
    rng = np.random.default_rng(seed)
    before, after = rng.poisson(2, units), rng.poisson(2 * ratio, units)
    return Counter((0.5, int(b) * size, int(a) * size) for b, a in zip(before, after, strict=True))


@pytest.mark.parametrize("ratio", [1.0, 3.0])
def test_events_one_by_one_are_not_bursts(ratio: float):
    """Whatever the ratio of rates, independent events scatter as chance has it."""
    # 200 draws: the index is 1 on average, and its errors are the unit of z.
    found = [dispersion(drawn(seed, size=1, ratio=ratio)) for seed in range(200)]
    assert np.mean([one.index for one in found]) == pytest.approx(1, abs=0.02)
    assert np.std([one.z for one in found]) == pytest.approx(1, abs=0.2)
    assert not any(one.bursts() for one in found)


@pytest.mark.parametrize("size", [2, 5])
def test_events_that_come_together_scatter_as_many_times_more(size: int):
    """Five at a time have five times the variance that as many single ones have."""
    found = dispersion(drawn(1, size=size))
    assert found.index == pytest.approx(size, rel=0.2)
    assert found.bursts()


@given(
    st.dictionaries(st.tuples(st.floats(0.01, 0.99), st.just(0.0), st.sampled_from([0.0, 1.0])), st.just(3))
)
def test_single_events_tell_nothing(seen: dict[tuple[float, float, float], int]):
    """With one event a unit at most there is nothing to come together."""
    assert dispersion(seen).index == 1
    assert not dispersion(seen).bursts()


@given(
    st.dictionaries(
        st.tuples(st.floats(1e-6, 1 - 1e-6), st.integers(0, 10**9), st.integers(0, 10**9)),
        st.integers(1, 1000),
        max_size=5,
    )
)
def test_any_counts_have_a_finite_dispersion(seen: dict[tuple[float, int, int], int]):
    """However many events fall to whichever arm, there is an index that is no less than 0."""
    found = dispersion(seen)
    assert np.isfinite(found.z)
    assert 0 <= found.index < np.inf
