"""What becomes of a case: a change, noise, or nothing that can be compared."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ChangeKind, ErrorSource, Result, ResultsInvalid, RunError, VerdictValue
from agentops_eval.evals import compare
from tests.evals.comparing._kit import live, side, trial

LETTERS = st.text("pf?i", max_size=4)


def kind(baseline: str, candidate: str) -> ChangeKind:
    (case,) = compare(side({"a": baseline}), side({"a": candidate})).cases
    return case.kind


@pytest.mark.parametrize(
    ("baseline", "candidate", "expected"),
    [
        ("p", "f", "regression"),
        ("f", "p", "improvement"),
        ("p", "p", "same"),
        ("f", "f", "same"),
        ("ppp", "fff", "regression"),
        ("pppppppp", "ppffffff", "regression"),
        ("ppffffff", "pppppppp", "improvement"),
        ("pppff", "ppfff", "noise"),
        ("ppppp", "ppppf", "noise"),
        ("ppffp", "fpfpp", "same"),
        ("pf", "f", "noise"),
        ("", "p", "added"),
        ("p", "", "removed"),
        ("p", "n", "unknown"),
        ("p", "i", "unknown"),
        ("i", "f", "unknown"),
        ("p", "p?", "unknown"),
        ("f", "p?", "unknown"),
        ("p", "f?", "regression"),
        ("p", "pi", "same"),
        ("p?", "p", "same"),
    ],
)
def test_each_kind_has_its_conditions(baseline: str, candidate: str, expected: str):
    """Unanimous flips are changes, disagreeing trials need a test, and missing data is never a pass."""
    assert kind(baseline, candidate) == expected


def test_replays_of_one_recording_have_no_noise():
    """Five replays of a recording that fails are one failure: a regression, on one independent trial."""
    replayed = side({"a": "fffff"}, recording="one")
    (case,) = compare(side({"a": "ppppp"}, recording="other"), replayed).cases
    assert (case.kind, case.candidate.judged, case.p_value) == (ChangeKind.REGRESSION, 1, None)


def test_flaky_cases_are_corrected_for_their_number():
    """What would be a change alone is noise as one of forty flaky cases."""
    alone, before, after = {"a": "ppppp"}, "pppfp", "ppfpp"
    others = {f"x{at}": before for at in range(40)}
    one = compare(side(alone), side({"a": "pffff"}))
    many = compare(side(alone | others), side({"a": "pffff"} | dict.fromkeys(others, after)))
    assert [case.kind for case in one.cases] == [ChangeKind.REGRESSION]
    assert many.cases[0].kind is ChangeKind.NOISE
    assert many.cases[0].p_value > one.cases[0].p_value


def test_equal_versions_seldom_regress():
    """Of comparisons of a version with itself, on 30 flaky cases, fewer than 5 of 100 name a regression."""
    rng, alarms, rounds = random.Random(30), 0, 150
    chances = [0.3 + 0.4 * at / 29 for at in range(30)]
    for _ in range(rounds):
        drawn = [
            {f"c{at}": "".join("p" if rng.random() < chance else "f" for _ in range(8))
             for at, chance in enumerate(chances)}
            for _ in range(2)
        ]  # fmt: skip
        alarms += bool(compare(side(drawn[0]), side(drawn[1])).regressions)
    assert alarms / rounds < 0.05


def test_a_live_flip_is_a_regression_that_asks_to_be_repeated():
    """One live trial a side cannot tell a change from noise: it is named, and the note says so."""
    found = compare(live({"a": "p", "b": "p"}), live({"a": "f", "b": "p"}))
    assert [case.case for case in found.regressions] == ["a"]
    assert any("1 case changed on one live trial" in note for note in found.notes)
    assert not any("live" in note for note in compare(side({"a": "p"}), side({"a": "f"})).notes)


def test_a_regression_says_where_it_diverges_and_why():
    """A passing run of the baseline is compared with a failing one of the candidate, for regressions only."""
    asked = []

    def diverges(before: Result, after: Result) -> str:
        asked.append((before.passed, after.passed, before.trace_file, after.trace_file))
        return "step 3: refund(amount=5990)"

    before, after = side({"a": "pppp", "b": "f", "c": "p"}), side({"a": "ffff", "b": "p", "c": "p"})
    first, second, third = compare(before, after, diverges=diverges).cases
    assert asked == [(True, False, "a.1.jsonl", "a.1.jsonl")]
    assert (first.diverges, first.reasons) == ("step 3: refund(amount=5990)", ("equals: said so",))
    assert (second.diverges, second.reasons, third.diverges) == ("", (), "")
    assert (first.baseline_trace, first.candidate_trace) == ("a.1.jsonl", "a.1.jsonl")


def test_an_agent_that_raised_says_so_as_reason():
    """The agent's own error is its failure, and the reason."""
    error = RunError(source=ErrorSource.AGENT, kind="KeyError", message="'order'")
    raised = trial("a", 1, "f", error=error)
    (case,) = compare(side({"a": "p"}), [raised]).cases
    assert (case.kind, case.reasons[0]) == (ChangeKind.REGRESSION, "KeyError: 'order'")


def test_suites_and_variants_are_told_apart():
    """A name in two suites or two variants is two cases; a single variant a side is compared across."""
    two = [*side({"a": "p"}), *side({"a": "p"}, suite="bank")]
    assert [case.suite for case in compare(two, two).cases] == ["shop", "bank"]
    both = [*side({"a": "p"}, variant="v1"), *side({"a": "f"}, variant="v2")]
    assert [case.variant for case in compare(both, both).cases] == ["v1", "v2"]
    (across,) = compare(side({"a": "p"}, variant="v1"), side({"a": "f"}, variant="v2")).cases
    assert (across.kind, across.variant) == (ChangeKind.REGRESSION, "")


def test_a_trial_that_is_there_twice_is_refused():
    """A side that holds a trial twice would count it twice."""
    with pytest.raises(ResultsInvalid, match="trial 1 of case 'a' is there twice"):
        compare(side({"a": "p"}), [*side({"a": "p"}), *side({"a": "p"})])


@given(st.dictionaries(st.sampled_from("abcd"), st.tuples(LETTERS, LETTERS), min_size=1))
def test_sides_mirror(cases: dict[str, tuple[str, str]]):
    """Exchanging baseline and candidate exchanges regressions and improvements, where all was judged."""
    judged = {case: (b.replace("?", "f"), c.replace("?", "f")) for case, (b, c) in cases.items()}
    one, other = (side({case: pair[at] for case, pair in judged.items()}) for at in (0, 1))
    turned = {
        "regression": "improvement",
        "improvement": "regression",
        "added": "removed",
        "removed": "added",
    }
    forth = {case.case: turned.get(case.kind, case.kind) for case in compare(one, other).cases}
    assert forth == {case.case: case.kind for case in compare(other, one).cases}


@given(st.dictionaries(st.sampled_from("abcd"), LETTERS, min_size=1))
def test_a_version_does_not_differ_from_itself(cases: dict[str, str]):
    """Compared with itself, a run has no regression, no improvement and no noise."""
    run = side(cases)
    assert {case.kind for case in compare(run, run).cases} <= {ChangeKind.SAME, ChangeKind.UNKNOWN}


def test_what_was_not_judged_is_never_better():
    """A candidate that turns failures into unknowns has not improved anything."""
    found = compare(side({"a": "f", "b": "f"}), side({"a": "?", "b": "n"}))
    assert {case.kind for case in found.cases} == {ChangeKind.UNKNOWN}
    assert found.overall.value is None
    assert all(result.value is VerdictValue.UNKNOWN for result in side({"b": "n"}))
