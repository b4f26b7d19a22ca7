"""What comes to be paid, and why."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import RunFacts, VerdictValue
from agentops_eval.operations import cost_drivers, forecast_cost

DAY, NOW = 86_400.0, 1_790_000_000.0 // (7 * 86_400) * 7 * 86_400  # a Thursday
WEEK = 7 * DAY


def history(
    weeks: int, *, growth: float = 0.0, weekend: float = 1.0, noise: float = 0.0, seed: int = 0
) -> list[RunFacts]:
    """A run of about a hundred dollars each day at noon; Saturdays and Sundays differ."""
    rng = random.Random(seed)
    return [
        RunFacts(
            at_s=NOW - weeks * WEEK + (day + 0.5) * DAY,
            cost_usd=(100 + growth * (day // 7) + rng.gauss(0, 1) * noise)
            * (weekend if day % 7 in (2, 3) else 1.0),
            succeeded=True,
        )
        for day in range(7 * weeks)
    ]


def test_a_line_goes_on():
    """Without noise the next quarter costs exactly what the line says, whatever the rhythm of the week."""
    found = forecast_cost(history(12, growth=1.0), now_s=NOW)
    expected = sum(7 * (100 + week) for week in range(12, 25))
    assert found.verdict is VerdictValue.PASS
    assert (found.cost.value, found.cost.low, found.cost.high) == pytest.approx((expected,) * 3)
    assert found.trend_usd.value == pytest.approx(7)
    weekly = forecast_cost(history(12, weekend=0.2), now_s=NOW)
    assert (weekly.cost.low, weekly.cost.high) == pytest.approx((13 * 540,) * 2)


def test_weekdays_weigh_what_they_cost():
    """Saturday and Sunday cost a fifth of other days, in weights whose mean is 1."""
    found = forecast_cost(history(12, weekend=0.2), now_s=NOW).weekdays
    assert found == pytest.approx([7 / 5.4] * 5 + [1.4 / 5.4] * 2)


def test_too_little_history_says_nothing():
    """Seven weeks are one too few; no run at all lacks them all."""
    found = forecast_cost(history(7), now_s=NOW)
    assert (found.verdict, found.n_needed, found.cost.value) == (VerdictValue.UNKNOWN, 1, None)
    assert forecast_cost([], now_s=NOW).n_needed == 8


def test_a_cost_that_is_not_known_is_not_zero():
    """One run without a price makes the forecast unknown."""
    some = [*history(12), RunFacts(at_s=NOW - DAY, succeeded=True)]
    found = forecast_cost(some, now_s=NOW)
    assert (found.verdict, "1 of 85" in found.why) == (VerdictValue.UNKNOWN, True)


def test_nothing_costs_less_than_nothing():
    """A line that falls below zero is cut off there."""
    found = forecast_cost(history(12, growth=-8.0), now_s=NOW)
    assert (found.cost.value, found.cost.low) == (0.0, 0.0)


def test_limits_hold_the_quarter_that_comes():
    """Of a hundred noisy histories with a trend and weekends, at least 90 hold the cost that came."""
    held = 0
    for seed in range(100):
        whole = history(39, growth=0.5, weekend=0.3, noise=20.0, seed=seed)
        then = NOW - 13 * WEEK
        found = forecast_cost(whole, now_s=then)
        came = sum(run.cost_usd or 0 for run in whole if run.at_s >= then)
        assert found.cost.low is not None
        assert found.cost.high is not None
        held += found.cost.low <= came <= found.cost.high
    assert held >= 90


GROUPS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from("abc"), st.floats(0, 100, allow_subnormal=False)), max_size=30
)


@given(GROUPS)
def test_the_drivers_add_up(some: list[tuple[float, str, float]]):
    """Volume and price of all groups add up to what the cost changed by."""
    runs = [RunFacts(at_s=NOW - (0.001 + ago * 1.99) * WEEK, group=g, cost_usd=usd) for ago, g, usd in some]
    found = cost_drivers(runs, now_s=NOW, weeks=1)
    after = sum(run.cost_usd or 0 for run in runs if run.at_s >= NOW - WEEK)
    before = sum(run.cost_usd or 0 for run in runs if run.at_s < NOW - WEEK)
    assert sum(one.volume_usd + one.price_usd for one in found) == pytest.approx(after - before, abs=1e-6)
    assert [abs(one.change_usd) for one in found] == sorted(
        (abs(one.change_usd) for one in found), reverse=True
    )


def test_a_new_group_is_volume_and_a_dearer_one_is_price():
    """A new group costs more by its volume, one that does the same for more money by its price."""
    old = [RunFacts(at_s=NOW - 1.5 * WEEK, group="old", cost_usd=1.0)] * 10
    dear = [RunFacts(at_s=NOW - 0.5 * WEEK, group="old", cost_usd=3.0)] * 10
    new = [RunFacts(at_s=NOW - 0.5 * WEEK, group="new", cost_usd=1.0)] * 5
    first, second = cost_drivers([*old, *dear, *new], now_s=NOW, weeks=1)
    assert (first.group, first.volume_usd, first.price_usd) == ("old", 0.0, 20.0)
    assert (second.group, second.volume_usd, second.price_usd) == ("new", 5.0, 0.0)
