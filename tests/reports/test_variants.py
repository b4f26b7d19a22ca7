"""A candidate of a matrix is told with its own change, in every format."""

from __future__ import annotations

import json

from agentops_eval.domain import CaseChange, ChangeKind, Comparison, Tally
from agentops_eval.reports import Report, results_annotations, results_html, results_markdown
from tests.reports._results import failed, passed


def change(variant: str, kind: ChangeKind) -> CaseChange:
    after = Tally(passed=0 if kind is ChangeKind.REGRESSION else 1, judged=1)
    return CaseChange(
        suite="refunds",
        case="c",
        variant=variant,
        kind=kind,
        baseline=Tally(passed=1, judged=1),
        candidate=after,
    )


COMPARED = Comparison(
    baseline="before",
    candidate="after",
    cases=(change("small", ChangeKind.REGRESSION), change("large", ChangeKind.SAME)),
)
MATRIX = Report(results=[failed(variant="small"), passed(variant="large")], comparison=COMPARED)


def test_a_regression_is_that_of_its_variant():
    """The variant that got worse is named, and the other one is left alone."""
    told = results_annotations(MATRIX)
    assert told.count("::") == 2
    assert "regression%3A refunds/c [small]" in told
    assert "refunds/c &#91;small&#93;" in results_markdown(MATRIX)


def test_a_regressed_variant_does_not_hide_another_failure():
    """One that failed as before stands under the failures, beside the regression of the other."""
    cases = (change("small", ChangeKind.REGRESSION), change("large", ChangeKind.SAME))
    both = [failed(variant="small"), failed(variant="large")]
    text = results_markdown(
        Report(results=both, comparison=Comparison(baseline="b", candidate="c", cases=cases))
    )
    assert "Failed as before" in text
    assert "&#91;large&#93;" in text


def test_the_page_has_the_change_of_each_variant():
    """What became of a case is that of its own variant."""
    page = results_html(MATRIX)
    data = json.loads(
        page.partition('type="application/json"')[2].partition(">")[2].partition("</script>")[0]
    )
    kinds = {case["n"]: data["changes"][case["k"]] for case in data["cases"]}
    assert kinds == {"refunds/c [small]": "regression", "refunds/c [large]": "same"}


def test_one_variant_against_another_is_the_change_of_the_case():
    """Where each side is one variant throughout, the comparison names none, and is found all the same."""
    cases = (change("", ChangeKind.REGRESSION),)
    told = results_annotations(
        Report(
            results=[failed(variant="v2")], comparison=Comparison(baseline="b", candidate="c", cases=cases)
        )
    )
    assert "regression%3A refunds/c [v2]" in told
