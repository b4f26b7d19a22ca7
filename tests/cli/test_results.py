"""Results at a terminal: what failed first, in the width that is there, and nothing hidden in it."""

from __future__ import annotations

import re

import pytest

from agentops_eval.cli._results import say_results
from agentops_eval.domain import Comparison
from agentops_eval.reports import Report
from tests.reports._results import (
    HOSTILE,
    as_it_stands,
    broken,
    comparison,
    failed,
    hostile,
    info,
    needs_recording,
    passed,
    report,
    suite,
    unknown,
)

HIDES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """What a report says in a terminal of a width, or in a pipe where none is given."""

    def printed(given: Report, columns: int | None = None) -> str:
        if columns is None:
            monkeypatch.delenv("COLUMNS", raising=False)
        else:
            monkeypatch.setenv("COLUMNS", str(columns))
        say_results(given)
        return capsys.readouterr().out

    return printed


@pytest.mark.parametrize("columns", [80, 120])
def test_lines_fit_and_what_failed_is_first(said, columns) -> None:
    """Cases are in the order of their verdicts; only commands to paste are longer than a line."""
    lines = said(report(), columns).splitlines()
    assert [one for one in lines if len(one) > columns and not one.startswith("remedy:")] == []
    verdicts = ("failed", "needs recording", "error", "unknown")
    shown = [one for line in lines for one in verdicts if re.match(rf"{one} +(\d+/\d|refunds/)", line)]
    assert shown == sorted(shown, key=verdicts.index)
    assert set(shown) == set(verdicts)


def test_a_pipe_gets_one_line_a_case_without_colours(said) -> None:
    """Each line has the verdict, the whole name, the count and the reason."""
    name = f"case-{'x' * 40}"
    out = said(Report(results=[failed(name), passed("b")]))
    (line,) = [one for one in out.splitlines() if name in one]
    assert line.split(maxsplit=3) == ["failed", f"refunds/{name}", "0/1", "tools: amount is 5990, not 59.90"]
    assert "\x1b" not in out


def test_long_names_are_elided_in_the_middle(said) -> None:
    """Names of one suite begin alike, and end in what tells them apart."""
    name = f"{'a' * 80}-the-end"
    out = said(Report(results=[failed(name)]), 80)
    assert re.search(r"refunds/a+\.\.\.a+-the-end", out)


def test_figures_are_told_with_their_interval_and_what_stands_behind(said) -> None:
    """The rate, its interval, independent trials, pass^k, and what is in no rate."""
    out = said(Report(results=suite(40), info=info()))
    assert "pass rate 83.3 % [74.6, 89.4], 96 independent of 120 trials, pass^3 74.3 %" in out
    assert "left out of the rate: 3 infrastructure" in out
    assert "cost: $" in out


def test_a_missing_recording_comes_with_its_command_once(said) -> None:
    """The remedy can be pasted; of the same for many cases one is shown."""
    results = [needs_recording("a", trial=n) for n in range(3)] + [
        needs_recording(f"b{n}", remedy="agentops-eval eval run --record") for n in range(4)
    ]
    out = said(Report(results=results), 60)
    assert out.count("remedy:") == 2
    assert "remedy:  agentops-eval eval run scenarios/refunds.yaml --case a --record\n" in out


def test_few_cases_are_all_listed_and_many_only_where_something_is_wrong(said) -> None:
    """Those that passed are counted where there are more than twenty cases."""
    few = said(Report(results=[passed(f"p{n}") for n in range(20)]))
    assert "refunds/p19" in few
    many = said(Report(results=[passed(f"p{n}") for n in range(30)] + [unknown("u"), broken("e")]))
    assert "refunds/p1" not in many
    assert "30 cases passed (--json lists all)" in many
    assert "refunds/u" in many


def test_of_very_many_failures_the_rest_is_counted(said) -> None:
    """Fifty are listed."""
    out = said(Report(results=[failed(f"f{n}") for n in range(80)]))
    assert out.count("refunds/f") == 50
    assert "and 30 more that did not pass (--json lists all)" in out


def test_a_comparison_names_what_got_worse_and_where(said) -> None:
    """Regressions with their first diverging step, worse segments, and measures with intervals."""
    out = said(report())
    assert "1.4.0 against 1.3.0: 2 regressions, 1 worse segment, 1 improvement, 2 within noise" in out
    assert "pass rate -5.2 pp [-11.0, +0.5], p = 0.0734; 120 more cases would settle it" in out
    assert "first diverging step: step 3: tool issue_refund(order=1042, amount=5990)" in out
    assert "worse beyond noise  language:fr: -15.6 pp [-28.1, -3.1] in 11 cases" in out
    assert re.search(r"cost_usd +\$0\.0021 +\$0\.0027 +\+\$0\.0006 \[\+\$0\.0003, \+\$0\.0009\] +worse", out)


def test_a_segment_whose_cases_prove_nothing_is_worse_as_it_stands(said) -> None:
    """Only what a test shows is said to be beyond noise."""
    found = Comparison(baseline="a", candidate="b", parts=(as_it_stands(),))
    assert "worse as it stands  tag:new: -50.0 pp" in said(Report(comparison=found))


def test_a_comparison_alone_does_not_say_that_nothing_ran(said) -> None:
    """Where only two results are compared, there is no summary of one."""
    assert "nothing ran" not in said(Report(comparison=comparison()))
    assert "0 regressions" in said(Report(comparison=Comparison(baseline="a", candidate="b")))
    assert said(Report()) == "nothing ran\n"


@pytest.mark.parametrize("columns", [None, 80], ids=["pipe", "narrow"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_agents_wrote_is_printed_as_plain_text(said, text, columns) -> None:
    """No control character, no markup of ours and no unbounded line comes of it."""
    out = said(hostile(text), columns)
    assert HIDES.search(out) is None
    assert len(out) < 30_000
    assert "1 of 2 cases failed, 1 without a recording" in " ".join(out.split())
