"""Quality, cost and latency between two periods."""

from __future__ import annotations

import random

import pytest

from agentops_eval.domain import RunFacts, VerdictValue
from agentops_eval.operations import drift

DAY, START = 86_400.0, 1_790_000_000.0 // 86_400 * 86_400


def runs(days: int, *, success: float = 0.9, cost: float = 1.0, at: int = 0, seed: int = 0) -> list[RunFacts]:
    """Twenty runs a day."""
    rng = random.Random(seed + at)
    return [
        RunFacts(
            at_s=START + (at + day + rng.random()) * DAY,
            succeeded=rng.random() < success,
            cost_usd=cost * rng.uniform(0.5, 1.5),
            took_s=rng.uniform(1, 3),
        )
        for day in range(days)
        for _ in range(20)
    ]


def test_what_changed_is_told_with_its_day():
    """Runs that succeed less and cost more from day 30 on fail, with that day; latency stays and passes."""
    found = drift([*runs(30), *runs(30, success=0.6, cost=1.5, at=30)], split_s=START + 30 * DAY)
    quality, cost, latency = found
    assert [one.measure for one in found] == ["quality", "cost_usd", "latency_s"]
    assert (quality.verdict, cost.verdict, latency.verdict) == ("fail", "fail", "pass")
    assert quality.change.high < -0.2
    assert cost.change.low > 0.4
    assert [abs(one.at - 30) <= 1 for one in quality.points] == [True]
    assert [one.label for one in cost.points] == [_date(30)]
    assert latency.points == ()


def _date(day: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(START + day * DAY, UTC).date().isoformat()


def test_better_is_no_failure():
    """Runs that succeed more and cost less pass."""
    found = drift([*runs(30, success=0.6), *runs(30, success=0.9, cost=0.5, at=30)], split_s=START + 30 * DAY)
    assert [one.verdict for one in found] == [VerdictValue.PASS] * 3


def test_few_runs_say_nothing():
    """With 20 runs in a period the verdict is unknown, and ten more are asked for."""
    quality, *_ = drift([*runs(30), *runs(1, at=30)], split_s=START + 30 * DAY)
    assert (quality.verdict, quality.n_needed, quality.change.value) == (VerdictValue.UNKNOWN, 10, None)
    assert [one.n_needed for one in drift([], split_s=START)] == [60, 60, 60]


def test_what_is_not_sure_either_way_is_unknown():
    """Forty runs a side cannot tell a change of a few points from none."""
    quality, *_ = drift([*runs(2, success=0.8), *runs(2, success=0.8, at=2)], split_s=START + 2 * DAY)
    assert quality.verdict is VerdictValue.UNKNOWN
    assert "is tolerated" in quality.why


def test_what_a_run_does_not_tell_is_left_out():
    """Runs without a cost are in no mean of costs."""
    some = [*runs(30), *(RunFacts(at_s=START + 1, succeeded=True) for _ in range(500))]
    _, cost, _ = drift(some, split_s=START + 15 * DAY)
    assert cost.before == pytest.approx(1.0, abs=0.05)
