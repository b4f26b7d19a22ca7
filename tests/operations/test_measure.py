"""Objectives, error budgets and burn rates, against closed forms."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import RunFacts, StepFacts, VerdictValue
from agentops_eval.operations import Indicator, Objective, Reviewed, measure

NOW = 1_800_000_000.0
HOUR, DAY = 3_600.0, 86_400.0
SUCCESS = Objective(name="success", indicator=Indicator.TASK_SUCCESS, target=0.9)
PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN


def runs(good: int, bad: int, unknown: int = 0, *, ago_s: float = 10.0) -> list[RunFacts]:
    said = [True] * good + [False] * bad + [None] * unknown
    return [RunFacts(at_s=NOW - ago_s, succeeded=one) for one in said]


def status(objective: Objective, some: list[RunFacts], reviews: list[Reviewed] | None = None):
    (found,) = measure([objective], some, now_s=NOW, reviews=reviews or [])
    return found


def test_the_budget_is_what_the_target_leaves():
    """Of a hundred runs at 90 %, ten may fail: with four failed, 60 % of the budget is left."""
    found = status(SUCCESS, runs(96, 4))
    assert (found.verdict, found.good, found.events) == (PASS, 96, 100)
    assert found.budget_left == pytest.approx(0.6)
    assert status(SUCCESS, runs(85, 15)).budget_left == pytest.approx(-0.5)
    assert status(SUCCESS, runs(85, 15)).verdict is FAIL
    assert status(SUCCESS, runs(90, 10)).verdict is PASS


def test_what_is_unknown_never_passes():
    """A verdict stands where it would stand whatever the unknown runs were."""
    assert status(SUCCESS, runs(95, 0, 5)).verdict is PASS
    assert status(SUCCESS, runs(85, 5, 10)).verdict is UNKNOWN
    assert status(SUCCESS, runs(70, 20, 10)).verdict is FAIL
    assert status(SUCCESS, []).verdict is UNKNOWN
    few = status(SUCCESS, runs(9, 0))
    assert (few.verdict, few.n_needed) == (UNKNOWN, 1)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.sampled_from((0.5, 0.9, 0.99)))
def test_a_verdict_stands_whatever_the_unknown_were(good: int, bad: int, unknown: int, target: float):
    """Told the unknown, for better or worse, what passed still passes and what failed still fails."""
    objective = dataclasses.replace(SUCCESS, target=target, min_events=1)
    found = status(objective, runs(good, bad, unknown)).verdict
    if found is not UNKNOWN:
        for more in range(unknown + 1):
            assert status(objective, runs(good + more, bad + unknown - more)).verdict is found


@pytest.mark.parametrize(
    ("good", "bad", "fires"),
    [(984, 16, ["page", "page", "ticket"]), (991, 9, ["page", "ticket"]), (998, 2, ["ticket"]), (999, 1, [])],
)
def test_alerts_are_those_of_the_workbook(good: int, bad: int, fires: list[str]):
    """At 99.9 % over 30 days the rules fire above 14.4, 6 and 1 times the budget, as in the workbook."""
    objective = dataclasses.replace(SUCCESS, target=0.999)
    found = status(objective, runs(good, bad))
    assert [one.threshold for one in found.burns] == pytest.approx([14.4, 6, 1])
    assert [one.long for one in found.burns] == pytest.approx([bad] * 3)
    assert [one.severity for one in found.alerts] == fires


def test_an_alert_ends_when_its_short_window_is_clean():
    """Failures of half an hour ago still burn over an hour, and do not page any more."""
    some = [*runs(50, 50, ago_s=HOUR / 2), *runs(100, 0, ago_s=60.0)]
    page = status(dataclasses.replace(SUCCESS, target=0.99), some).burns[0]
    assert page.long == pytest.approx(25)
    assert page.short == 0
    assert not page.fires


def test_no_traffic_burns_nothing_that_is_known():
    """Without a run within five minutes the short burn rate is unknown, and no rule fires."""
    page, *_ = status(SUCCESS, runs(0, 100, ago_s=HOUR / 2)).burns
    assert (page.long, page.short, page.fires) == (pytest.approx(10), None, False)


def test_a_window_ends_now_and_begins_where_it_says():
    """What is older than the window or later than now is not counted."""
    some = [*runs(20, 0), *runs(0, 7, ago_s=30 * DAY), *runs(0, 7, ago_s=-1)]
    assert status(SUCCESS, some).events == 20
    cost = Objective(name="cost", indicator=Indicator.COST_PER_SUCCESS, target=1.0)
    assert status(cost, some).events == 20


def test_a_rule_needs_a_window_as_long_as_its_own():
    """Over a day there is no alert of three days; the rates of the others use up the same shares."""
    found = status(dataclasses.replace(SUCCESS, window_days=1.0), runs(100, 0))
    assert [one.threshold for one in found.burns] == pytest.approx([0.48, 0.2])


def test_what_the_infrastructure_broke_is_no_event():
    """A run that reached nobody says nothing of the agent; it is neither good, bad nor unknown."""
    broken = [RunFacts(at_s=NOW, infrastructure=True)] * 50
    found = status(SUCCESS, [*runs(20, 0), *broken])
    assert (found.verdict, found.events, found.unknown) == (PASS, 20, 0)


def steps(*some: StepFacts) -> list[RunFacts]:
    return [RunFacts(at_s=NOW, succeeded=True, steps=some)]


def test_latency_is_the_share_of_quick_steps_of_its_type():
    """Only steps of the type count, one that took just as long as it may is good, an untold one unknown."""
    objective = Objective(
        name="llm", indicator=Indicator.LATENCY, target=0.5, step="llm", below_s=2.0, min_events=1
    )
    found = status(
        objective,
        steps(
            StepFacts(kind="llm", took_s=2.0),
            StepFacts(kind="llm", took_s=2.1),
            StepFacts(kind="llm"),
            StepFacts(kind="tool", took_s=0.1),
        ),
    )
    assert (found.good, found.events, found.unknown) == (1, 2, 1)


def test_tools_answer_for_the_errors_that_count():
    """Transient and permanent errors count by default, refusals do not, the infrastructure's are left out."""
    calls = [
        StepFacts(kind="tool", name="get_order", error=error)
        for error in ("", "transient", "permanent", "policy", "infrastructure")
    ]
    objective = Objective(name="t", indicator=Indicator.TOOL_RELIABILITY, target=0.5, tool="get_*")
    assert (status(objective, steps(*calls)).good, status(objective, steps(*calls)).events) == (2, 4)
    lasting = dataclasses.replace(objective, errors=("permanent",))
    assert (status(lasting, steps(*calls)).good, status(lasting, steps(*calls)).events) == (3, 4)
    other = dataclasses.replace(objective, tool="issue_*")
    assert status(other, steps(*calls)).verdict is UNKNOWN


def test_people_are_waited_for_within_their_time():
    """The wait of each question counts against the SLA."""
    objective = Objective(name="sla", indicator=Indicator.HUMAN_WAIT, target=0.5, below_s=900.0, min_events=1)
    found = status(objective, steps(StepFacts(kind="human", took_s=60), StepFacts(kind="human", took_s=9e3)))
    assert (found.good, found.events) == (1, 2)


def priced(success: int, failure: int, unpriced: int = 0) -> list[RunFacts]:
    return [
        *[RunFacts(at_s=NOW, succeeded=True, cost_usd=0.2)] * success,
        *[RunFacts(at_s=NOW, succeeded=False, cost_usd=0.4)] * failure,
        *[RunFacts(at_s=NOW, succeeded=False)] * unpriced,
    ]


def test_failed_runs_are_paid_by_those_that_succeeded():
    """Forty successes at 0.20 and twenty failures at 0.40 make 0.40 for each success."""
    objective = Objective(name="cost", indicator=Indicator.COST_PER_SUCCESS, target=0.5)
    found = status(objective, priced(40, 20))
    assert found.level.value == pytest.approx(0.4)
    assert found.level.low < 0.4 < found.level.high
    assert found.verdict is PASS
    assert status(dataclasses.replace(objective, target=0.3), priced(40, 20)).verdict is FAIL
    assert status(objective, priced(40, 20, unpriced=1)).verdict is UNKNOWN
    assert status(dataclasses.replace(objective, target=0.3), priced(40, 20, unpriced=1)).verdict is FAIL
    assert status(objective, priced(29, 0)).n_needed == 1
    assert status(objective, []).verdict is UNKNOWN


def reviews(alike: int, unlike: int) -> list[Reviewed]:
    both = [Reviewed(at_s=NOW, one=word, other=word) for word in ("pass", "fail") for _ in range(alike)]
    return [*both, *[Reviewed(at_s=NOW, one="pass", other="fail")] * unlike]


def test_agreement_is_held_against_its_limits():
    """Kappa passes where its lower limit does, fails where its upper one does not, else it is unknown."""
    objective = Objective(name="kappa", indicator=Indicator.AGREEMENT, target=0.6)
    assert status(objective, [], reviews(100, 10)).verdict is PASS
    close = status(objective, [], reviews(30, 12))
    assert (close.verdict, close.level.value > 0.6 > close.level.low) == (UNKNOWN, True)
    assert status(objective, [], reviews(30, 90)).verdict is FAIL
    assert status(objective, [], reviews(5, 0)).n_needed == 20
    alone = [Reviewed(at_s=NOW, one="pass", other="pass")] * 50
    assert status(objective, [], alone).verdict is UNKNOWN
    old = [Reviewed(at_s=NOW - 30 * DAY, one="pass", other="pass")]
    assert status(objective, [], old).events == 0


def test_degraded_runs_are_counted_where_they_are_told():
    """Runs of which nobody said whether they were degraded are unknown."""
    objective = Objective(name="whole", indicator=Indicator.DEGRADED_SHARE, target=0.8)
    told = [RunFacts(at_s=NOW, degraded=one) for one in (*[False] * 9, True)]
    assert status(objective, told).verdict is PASS
    assert status(objective, [*told, *runs(9, 0)]).verdict is UNKNOWN


def test_runs_that_failed_are_no_part_of_the_degraded_share():
    """That they failed counts in task success; here they are neither good, nor bad, nor unknown."""
    objective = Objective(name="whole", indicator=Indicator.DEGRADED_SHARE, target=0.8)
    told = [RunFacts(at_s=NOW, degraded=one) for one in (*[False] * 9, True)]
    found = status(objective, [*told, *runs(0, 50)])
    assert (found.verdict, found.events, found.unknown) == (PASS, 10, 0)
