"""What a gate does to candidates of which the truth is known, held to bounds that were fixed beforehand.

A count of seeded rollouts passes where the promised rate explains it: it fails beyond the count that the
exact binomial distribution exceeds with a probability below one in a million. So a test that fails means a
broken promise and not bad luck, and other seeds would pass as well. `make bench` has long runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy.stats import binom

from agentops_eval.gate import Gate, Kind, MadeUp, Metric, Planned, Role, Stage, Truth, simulate
from agentops_eval.stats import clopper_pearson, pairs_to_detect, pairs_to_rule_out

if TYPE_CHECKING:
    from agentops_eval.gate import Characteristic
    from agentops_eval.stats import Interval

LUCK = 1e-6
PASSED = Metric(name="passed", margin=0.05)
NEVER = 10**9


def at_most(share: Interval, promised: float) -> bool:
    """Whether a count is explained by a rate of ``promised`` or less."""
    return bool(binom.sf(round(share.value * share.n) - 1, share.n, promised) >= LUCK)


def at_least(share: Interval, promised: float) -> bool:
    """Whether a count is explained by a rate of ``promised`` or more."""
    return bool(binom.cdf(round(share.value * share.n), share.n, promised) >= LUCK)


def found(
    gate: Gate, effect: float, *, repetitions: int = 400, n: int = 400, **more: object
) -> Characteristic:
    """What becomes of candidates of this effect, in the units of their metrics."""
    candidate = MadeUp(name="one", effect=effect, margins=False)
    asked = {"peeking": False, "seed": 11, **more}
    return simulate(gate, candidates=[candidate], repetitions=repetitions, n=n, **asked).candidates[0]


def test_bounds_are_exact_and_tell_right_from_wrong():
    """Of 400 rollouts 44 are still explained by 5 %, and 45 are not; 95 % explains 356 and not 355."""
    assert at_most(clopper_pearson(44, 400), 0.05)
    assert not at_most(clopper_pearson(45, 400), 0.05)
    assert at_least(clopper_pearson(356, 400), 0.95)
    assert not at_least(clopper_pearson(355, 400), 0.95)


def test_an_equal_candidate_is_hardly_ever_rolled_back_however_often_somebody_looks():
    """Looking after each of 500 pairs rolls back 5 % at most; a z-test read again and again, 20 %."""
    equal = found(Gate(metrics=(PASSED,), min_n=NEVER), 0.0, n=500, peeking=True)
    assert at_most(equal.rollback, 0.05)
    assert at_least(equal.peeking_rollback, 0.2)
    assert not at_most(equal.peeking_rollback, 0.1)


def test_a_candidate_at_the_margin_is_hardly_ever_promoted():
    """Exactly at the margin it is promoted in 5 % at most, also where nothing rolls it back."""
    goal = Gate(metrics=(Metric(name="passed", margin=0.05, role=Role.GOAL),))
    at = found(goal, -0.05, n=600, peeking=True)
    assert at_most(at.promote, 0.05)
    assert not at_most(at.peeking_promote, 0.1)


@pytest.mark.parametrize(("loss", "median"), [(0.1, 140), (0.2, 60)])
def test_harm_is_rolled_back_soon(loss: float, median: int):
    """Ten points at a discordance of .20 are found in 140 pairs, twenty in 60; 95 % within 400."""
    gate = Gate(metrics=(PASSED,))
    assert at_least(found(gate, -loss).rollback, 0.95)
    assert at_least(found(gate, -loss, n=median).rollback, 0.5)
    assert at_most(found(gate, -loss, repetitions=1_000).promote, 0.001)


@pytest.mark.parametrize("effect", [-0.1, -0.2, 0.0])
def test_power_of_four_in_five_takes_about_twice_a_single_test(effect: float):
    """2.1 times the pairs of a fixed test suffice, to roll back as to promote."""
    fixed = pairs_to_detect(effect, discordance=0.2) if effect else pairs_to_rule_out(0.05, discordance=0.2)
    role = Role.GUARDRAIL if effect else Role.GOAL
    gate = Gate(metrics=(Metric(name="passed", margin=0.05, role=role),), min_n=NEVER if effect else 20)
    one = found(gate, effect, n=int(2.1 * fixed), repetitions=300)
    assert at_least(one.rollback if effect else one.promote, 0.8)


def test_planned_looks_keep_their_level_and_nearly_all_power():
    """Five looks at 118 pairs roll back 5 % of equal candidates at most, and find ten points in 78 %."""
    gate = Gate(metrics=(PASSED,), planned=Planned(n=118), min_n=NEVER)
    assert at_most(found(gate, 0.0, n=118).rollback, 0.05)
    assert at_least(found(gate, -0.1, n=118).rollback, 0.78)


@pytest.mark.parametrize(("share", "requests"), [(0.05, 5_500), (0.5, 800)])
def test_doubled_failures_of_traffic_are_found(share: float, requests: int):
    """10 % in place of 5 % is found in 5,500 requests at a share of 5 %, in 800 at half of the traffic."""
    gate = Gate(metrics=(PASSED,), stages=(Stage(name="canary", share=share),), min_n=NEVER)
    truth = Truth(baseline=0.95)
    assert at_least(found(gate, -0.05, n=requests, repetitions=200, truth=truth).rollback, 0.5)
    assert at_most(found(gate, 0.0, n=4_000, repetitions=200, truth=truth).rollback, 0.05)


@pytest.mark.parametrize("together", [False, True])
def test_many_metrics_share_one_error(together: bool):
    """Twenty metrics roll back 5 % at most, all together, whether they move apart or as one."""
    gate = Gate(metrics=tuple(Metric(name=f"m{at}", margin=0.05) for at in range(20)), min_n=NEVER)
    equal = found(gate, 0.0, n=120, repetitions=200, truth=Truth(together=together), peeking=True)
    assert at_most(equal.rollback, 0.05)
    if not together:
        assert not at_most(equal.peeking_rollback, 0.3)


def test_cases_of_many_trials_count_once():
    """50 cases of 20 trials, each changed by chance: between 3.5 % and 6.5 % are rolled back."""
    gate = Gate(metrics=(PASSED,), planned=Planned(n=50), min_n=NEVER)
    truth = Truth(baseline=0.9, trials=20, case_spread=0.2)
    equal = found(gate, 0.0, n=50, repetitions=600, truth=truth)
    assert at_most(equal.rollback, 0.065)
    assert at_least(equal.rollback, 0.035)


@pytest.mark.parametrize(
    "metric",
    [
        Metric(name="score", kind=Kind.BOUNDED, range=(1.0, 5.0), margin=0.25),
        Metric(name="cost", kind=Kind.UNBOUNDED, margin=0.2),
        Metric(name="latency", kind=Kind.UNBOUNDED, margin=0.2, quantile=0.9),
        Metric(name="steps", kind=Kind.COUNT, margin=0.2),
        Metric(name="payments", kind=Kind.LIMIT, limit=0.02, margin=0.05),
    ],
    ids=lambda one: one.name,
)
def test_every_kind_keeps_both_errors(metric: Metric):
    """Costs with heavy tails, scores, tails, counts and limits: each error is 5 % at most."""
    truth = Truth(noise=1.5)
    equal = found(Gate(metrics=(metric,), min_n=NEVER), 0.0, n=200, repetitions=300, truth=truth)
    assert at_most(equal.rollback, 0.05)
    asked = MadeUp(name="at the margin", effect=-1.0)
    goal = Gate(metrics=(Metric(**{**_fields(metric), "role": Role.GOAL}),))
    (at,) = simulate(
        goal, candidates=[asked], truth=truth, repetitions=300, n=200, seed=11, peeking=False
    ).candidates
    assert at_most(at.promote, 0.05)


def _fields(metric: Metric) -> dict[str, object]:
    return {name: getattr(metric, name) for name in Metric.__slots__}
