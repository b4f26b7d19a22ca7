"""Sample-ratio tests: whether traffic was split as it was meant to be."""

from __future__ import annotations

import math
import random

import pytest
from scipy import special

from agentops_eval.stats import log_assignment_evidence


@pytest.mark.parametrize(
    ("candidate", "n", "share"), [(0, 0, 0.5), (7, 100, 0.05), (510, 1000, 0.5), (90, 100, 0.9)]
)
def test_it_is_the_beta_mixture(candidate: int, n: int, share: float):
    """The evidence is that of a Beta prior of the weight of 200 units, as scipy computes it."""
    a, b = 200 * share, 200 * (1 - share)
    expected = special.betaln(a + candidate, b + n - candidate) - special.betaln(a, b)
    expected -= special.xlogy(candidate, share) + special.xlog1py(n - candidate, -share)
    assert log_assignment_evidence(candidate, n, share=share) == pytest.approx(expected, abs=1e-9)


def test_a_fair_split_is_rarely_suspected_at_any_time():
    """Of 400 fair splits read up to 2,000 units, few ever reach 1,000 to 1."""
    # At most one in a thousand may; 5 of 400 or more has a chance below 1e-3.
    draw, suspected = random.Random(2), 0
    for _ in range(400):
        mine = 0
        worst = 0.0
        for n in range(1, 2_001):
            mine += draw.random() < 0.05
            if n % 20 == 0:
                worst = max(worst, log_assignment_evidence(mine, n, share=0.05))
        suspected += worst >= math.log(1_000)
    assert suspected < 5


def test_a_lost_tenth_of_an_arm_is_found():
    """Losing a tenth of the candidate's sessions shows within some ten thousand."""
    assert log_assignment_evidence(4_737, 10_000, share=0.5) > math.log(1_000)


def test_a_share_of_all_allows_none_of_the_other():
    """With all traffic meant for the candidate, one session of the baseline settles it."""
    assert log_assignment_evidence(10, 10, share=1.0) == 0
    assert log_assignment_evidence(9, 10, share=1.0) == math.inf
