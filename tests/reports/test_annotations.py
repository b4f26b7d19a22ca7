"""GitHub annotations: one command a line, at most as many as are shown, at the scenario's line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import CaseChange, ChangeKind, Comparison, Tally
from agentops_eval.reports import Report, results_annotations
from agentops_eval.reports._place import scenario_place
from tests.reports._results import HOSTILE, broken, failed, hostile, needs_recording, passed, report
from tests.reports.test_cases import TRIALS

COMMAND = re.compile(r"::(error|warning) ((?:file=[^,:]+,(?:line=[1-9]\d*,)?)?title=[^,:]+)::([^\r\n]*)")


def commands(given_report: Report) -> list[re.Match[str]]:
    written = results_annotations(given_report)
    assert written == "" or written.endswith("\n")
    found = [COMMAND.fullmatch(line) for line in written.split("\n")[:-1]]
    assert None not in found
    return [match for match in found if match is not None]


@given(TRIALS)
def test_only_what_did_not_pass_is_annotated(results):
    """Failures are errors, what nobody could judge is a warning, and what passed is silent."""
    levels = [match[1] for match in commands(Report(results=results))]
    bad = {one.case for one in results if not one.passed}
    failures = {one.case for one in results if one.passed is False}
    assert (levels.count("error"), len(levels)) == (len(failures), len(bad))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_begin_no_command_of_their_own(text):
    """Each line is a command of ours; colons, commas, per cent and line ends of agents are escaped."""
    found = commands(hostile(text))
    assert [match[1] for match in found] == ["error", "warning"]


@given(st.text(max_size=60))
def test_any_text_stays_in_its_line(text):
    """Whatever a case is called and whyever it failed."""
    found = commands(Report(results=[failed(text or "c", reason=text, where=text)]))
    assert len(found) == 1


def test_it_stands_at_the_line_of_the_scenario_and_says_why():
    """The message has the reason, the count of trials and the remedy."""
    result = failed(where="scenarios/a,b.yaml:14 scenarios[2].expect", remedy="50% off")
    (match,) = commands(Report(results=[result, passed(trial=2)]))
    assert match[2] == "file=scenarios/a%2Cb.yaml,line=14,title=failed%3A refunds/c"
    assert match[3] == "tools: amount is 5990, not 59.90%0A1 of 2 trials passed%0Aremedy: 50%25 off"


def test_of_many_ten_of_each_level_are_left_and_the_rest_is_counted():
    """Nine are told and the tenth counts the others."""
    results = [failed(f"f{n}") for n in range(25)] + [needs_recording(f"n{n}") for n in range(10)]
    found = commands(Report(results=results))
    assert [match[1] for match in found] == ["error"] * 10 + ["warning"] * 10
    assert found[9][3] == "and 16 more cases: see the report"


def test_a_regression_comes_first_with_its_first_diverging_step():
    """What failed before is only a warning; a case that is new and fails is an error."""
    results = [broken("error"), failed("old"), failed("new"), failed("worse")]
    kinds = {"old": ChangeKind.SAME, "new": ChangeKind.ADDED, "worse": ChangeKind.REGRESSION}
    cases = tuple(
        CaseChange(
            suite="refunds", case=case, kind=kind, baseline=Tally(), candidate=Tally(), diverges="step 3"
        )
        for case, kind in kinds.items()
    )
    found = commands(Report(results=results, comparison=Comparison(baseline="b", candidate="c", cases=cases)))
    told = [(match[1], match[2].partition("title=")[2]) for match in found]
    assert told == [
        ("error", "regression%3A refunds/worse"),
        ("error", "failed%3A refunds/new"),
        ("warning", "failed%3A refunds/old"),
        ("warning", "error%3A refunds/error"),
    ]
    assert "%0Afirst diverging step: step 3" in found[0][3]


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("", ("", None)),
        ("a.yaml", ("a.yaml", None)),
        ("a.yaml:7", ("a.yaml", 7)),
        ("a.yaml:7 scenarios[2].expect", ("a.yaml", 7)),
        ("a.yaml:7: scenarios[2]", ("a.yaml", 7)),
        ("a b.yaml: scenarios[2].expect", ("a b.yaml", None)),
        ("a.csv scenarios[1]", ("a.csv", None)),
        ("a.yaml:0", ("a.yaml:0", None)),
    ],
    ids=["none", "file", "line", "line-and-path", "colon", "path", "csv", "no-line"],
)
def test_places_of_scenarios_are_taken_apart(where, place):
    """File and line are told apart from the path within the file."""
    assert scenario_place(where) == place


def test_a_whole_report_is_annotated():
    """A plausible suite gives commands only."""
    assert commands(report())
