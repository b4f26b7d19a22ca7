"""Exit codes: what the results of a command come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Ending, Result, VerdictValue
from agentops_eval.evals import compare
from agentops_eval.harness.evaluating import rule, rule_comparison

PASS = Result(suite="s", case="c", value=VerdictValue.PASS)
FAIL = replace(PASS, value=VerdictValue.FAIL)
UNKNOWN = replace(PASS, value=VerdictValue.UNKNOWN)
ERROR = replace(UNKNOWN, ending=Ending.ERROR)
NEEDED = replace(UNKNOWN, ending=Ending.NEEDS_RECORDING)
ANY = st.sampled_from([PASS, FAIL, UNKNOWN, ERROR, NEEDED])


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([PASS], 0),
        ([PASS, FAIL], 1),
        ([PASS, UNKNOWN], 1),
        ([PASS, ERROR], 1),
        ([PASS, NEEDED], 3),
        ([FAIL, NEEDED], 1),
        ([], 2),
    ],
    ids=["pass", "fail", "unknown", "error", "needs recording", "fail before recording", "nothing"],
)
def test_exit_codes(results: list[Result], code: int) -> None:
    """Each ending has its code; a failure is told before a missing recording."""
    assert rule(results).exit_code == code


@given(st.lists(ANY, max_size=8))
def test_only_what_was_judged_and_passed_is_well(results: list[Result]) -> None:
    """Exit code 0 means that everything passed: missing data never does."""
    assert rule(results).passed == (bool(results) and all(one.passed for one in results))


@given(st.lists(ANY, max_size=8), st.integers(1, 3))
def test_a_file_that_cannot_be_used_is_always_told(results: list[Result], problems: int) -> None:
    """Whatever the others gave, the code is 2."""
    assert rule(results, problems=problems).exit_code == 2


@pytest.mark.parametrize(("passes", "code"), [(9, 0), (8, 1)], ids=["enough", "too few"])
def test_a_rate_is_compared_with_its_bound(passes: int, code: int) -> None:
    """Single failures are no finding then, too few passes are."""
    results = [PASS] * passes + [FAIL] * (10 - passes)
    assert rule(results, min_pass_rate=0.9).exit_code == code


def test_an_unknown_verdict_does_not_pass_under_a_rate() -> None:
    """It counts among the judged, and not among the passed."""
    assert rule([PASS, UNKNOWN], min_pass_rate=0.9).exit_code == 1


def test_a_run_that_was_stopped_is_no_success() -> None:
    """What was not run may have failed."""
    assert rule([PASS], stopped="the money is spent").exit_code == 1


OTHER = replace(PASS, case="d")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ([PASS], [PASS], 0),
        ([PASS], [FAIL], 1),
        ([FAIL], [PASS], 0),
        ([PASS], [NEEDED], 3),
        ([PASS], [ERROR], 1),
        ([PASS], [UNKNOWN], 1),
        ([ERROR], [PASS], 0),
        ([ERROR], [FAIL], 1),
        ([PASS, OTHER], [PASS], 1),
        ([PASS], [OTHER], 1),
        ([PASS], [], 1),
        ([], [PASS], 1),
        ([], [], 1),
    ],
    ids=[
        "same",
        "worse",
        "better",
        "needs recording",
        "error",
        "unknown",
        "baseline broke, candidate passes",
        "baseline broke, candidate fails",
        "one case less",
        "other cases",
        "no candidate",
        "no baseline",
        "nothing",
    ],
)
def test_exit_codes_of_a_comparison(before: list[Result], after: list[Result], code: int) -> None:
    """Nothing is well but what was compared: a candidate that nobody could judge is no success."""
    assert rule_comparison(compare(before, after), after).exit_code == code


def test_cases_that_were_deleted_are_no_finding_where_that_is_meant() -> None:
    """With ``allow_missing`` the candidate need not run what the baseline ran."""
    found = compare([PASS, OTHER], [PASS])
    assert rule_comparison(found, [PASS], allow_missing=True).passed


def test_a_comparison_with_half_a_file_is_no_success() -> None:
    """A candidate whose run was killed has not shown that nothing got worse."""
    ruling = rule_comparison(compare([PASS], [PASS]), [PASS], unfinished=("", "c holds 1 of 2"))
    assert (ruling.exit_code, ruling.reason) == (1, "not all was run: c holds 1 of 2")
