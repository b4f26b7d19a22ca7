"""Results gathered by case: all trials have to pass, and what nobody could judge is never green."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ErrorSource, Spend
from agentops_eval.reports import Status, cases_of, reasons_of, status_of, summary_of, worst_first
from tests.reports._results import KINDS, broken, failed, needs_recording, passed, suite, unknown

TRIALS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from("abc"), st.integers(1, 5)), max_size=12
).map(lambda drawn: [kind(case, trial=trial) for kind, case, trial in drawn])


@given(TRIALS)
def test_a_case_is_as_good_as_its_worst_trial(results):
    """It passed only if every trial did, and every trial is in exactly one case."""
    cases = cases_of(results)
    assert sorted(id(trial) for case in cases for trial in case.trials) == sorted(map(id, results))
    for case in cases:
        assert (case.status is Status.PASSED) == all(trial.passed for trial in case.trials)
        assert case.status.rank == min(status_of(trial).rank for trial in case.trials)
        assert [trial.trial for trial in case.trials] == sorted(trial.trial for trial in case.trials)
        assert bool(case.reason) == (case.status is not Status.PASSED)


@given(TRIALS)
def test_counts_add_up(results):
    """Cases and trials are counted once each, and green means that there are some and all passed."""
    cases = cases_of(results)
    summary = summary_of(cases)
    assert summary.all_cases == len(cases)
    assert summary.all_trials == len(results)
    assert summary.green == (bool(results) and all(result.passed for result in results))
    assert summary.headline


@given(TRIALS)
def test_the_worst_come_first_and_keep_their_order(results):
    """Sorting loses no case and moves none past another of its kind."""
    cases = cases_of(results)
    ranked = worst_first(cases)
    assert [case.status.rank for case in ranked] == sorted(case.status.rank for case in cases)
    for status in Status:
        assert [c for c in ranked if c.status is status] == [c for c in cases if c.status is status]


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([], "nothing ran"),
        ([passed()], "the only case passed"),
        ([passed("a"), passed("b")], "all 2 cases passed"),
        ([failed("a"), passed("b")], "1 of 2 cases failed"),
        ([failed("a"), needs_recording("b")], "1 of 2 cases failed, 1 without a recording"),
        ([broken("a"), unknown("b")], "1 of 2 cases ended in an error, 1 unknown"),
        ([needs_recording("a")], "1 of 1 case without a recording"),
    ],
    ids=["none", "one", "all", "failed", "two-kinds", "not-judged", "needs-recording"],
)
def test_the_headline_says_how_many_ended_how(results, said):
    """One sentence, what failed first."""
    assert summary_of(cases_of(results)).headline == said


def test_reasons_begin_with_who_is_to_blame():
    """An error names its source, a failing verdict its evaluator, and a passing one says nothing."""
    assert next(reasons_of(broken())) == "infrastructure: HTTPError: the llm's host said 503"
    assert list(reasons_of(failed())) == ["tools: amount is 5990, not 59.90"]
    assert next(reasons_of(needs_recording())) == "no recording covers this version"
    assert list(reasons_of(passed())) == []


def test_what_is_left_out_is_counted_by_who_is_to_blame():
    """Errors that are not the agent's are counted by source, once a trial."""
    results = [broken("a", trial=1), broken("a", ErrorSource.JUDGE, trial=2), failed("b")]
    summary = summary_of(cases_of(results))
    assert summary.left_out == {ErrorSource.JUDGE: 1, ErrorSource.INFRASTRUCTURE: 1}


def test_an_unknown_cost_is_told_beside_the_known():
    """The sum is of what is known; how many trials do not tell is said, and a case's sum is unknown."""
    results = [
        passed("a", spend=Spend(cost_usd=0.25)),
        passed("a", trial=2),
        passed("b", spend=Spend(cost_usd=0)),
    ]
    cases = cases_of(results)
    summary = summary_of(cases)
    assert (summary.cost_usd, summary.without_cost) == (0.25, 1)
    assert [case.cost_usd for case in cases] == [None, 0]


def test_the_same_case_of_two_variants_is_two_cases():
    """A variant is named behind the case."""
    cases = cases_of([passed(variant="small"), failed(variant="large"), passed()])
    assert [case.name for case in cases] == ["refunds/c [small]", "refunds/c [large]", "refunds/c"]


def test_made_up_suites_are_the_same_each_time():
    """Tests that draw results from a seed can be repeated."""
    assert suite(12) == suite(12)


def test_a_case_tells_its_title_and_what_was_asked_where_any_trial_does():
    """A trial that broke off before it began may tell neither."""
    (case,) = cases_of([broken(trial=1), passed(trial=2, title="Late", asked=("Where is it?", {"order": 7}))])
    assert (case.title, case.asked) == ("Late", ("Where is it?", {"order": 7}))
    (case,) = cases_of([passed()])
    assert (case.title, case.asked) == ("", ())
