"""Numbers for people: rounded honestly, with their unit, and whatever a caller hands over can be shown."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.cli._results import say_results
from agentops_eval.domain import ChangeKind, Comparison, Estimate, MetricChange, PartChange, Spend, Tally
from agentops_eval.reports import (
    Measure,
    Report,
    ReportInfo,
    figure,
    percent,
    points,
    results_annotations,
    results_html,
    results_json,
    results_junit,
    results_markdown,
    unit_of,
    within,
)
from tests.reports._results import passed, verdict

NUMBERS = st.none() | st.floats() | st.sampled_from([0.0, 1e308, -1e308, 5e-324, 1e15])
UNITS = st.sampled_from(["share", "score", "USD", "s", "tokens", ""])


@given(NUMBERS, NUMBERS, NUMBERS, UNITS)
def test_any_number_can_be_shown_in_every_format(value, low, high, unit):
    """No format fails on what is infinite, no number, huge or tiny, and none shows it as a figure."""
    results = [
        passed(spend=Spend(cost_usd=value, latency_s=low), verdicts=(verdict(score=high),)),
        passed(trial=2, spend=Spend(cost_usd=high, latency_s=value)),
    ]
    measure = Measure(name="m", value=value, low=low, high=high, unit=unit)
    estimate = Estimate(value=value, low=low, high=high)
    part = PartChange(
        name="p", kind=ChangeKind.REGRESSION, baseline=Tally(), candidate=Tally(), difference=estimate
    )
    metric = MetricChange(
        name="cost_usd", baseline=low, candidate=high, difference=estimate, kind=ChangeKind.NOISE
    )
    compared = Comparison(baseline="b", candidate="c", parts=(part,), metrics=(metric,), overall=estimate)
    info = ReportInfo(pass_rate=measure, parts=(measure,), evaluators=(measure,), spends=(measure,))
    report = Report(results=results, info=info, comparison=compared)
    json.dumps(results_json(report), allow_nan=False)
    assert re.search(r'time="\d+\.\d{3}"', results_junit(report).decode())
    for text in (results_html(report), results_markdown(report), results_annotations(report)):
        assert re.search(r"(?<![a-z])[-+$]?(?:nan|inf)(?![a-z])", text) is None
    say_results(report)


@pytest.mark.parametrize(
    ("share", "said"),
    [(1, "100 %"), (0.9999, "99.9 %"), (0.0, "0.0 %"), (0.29, "29.0 %"), (0.8333, "83.3 %"), (None, "?")],
)
def test_only_what_never_failed_is_a_hundred_per_cent(share, said):
    """Shares are rounded down."""
    assert percent(share) == said


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_share_is_never_shown_higher_than_it_is(passes, trials):
    """And never lower by more than a tenth of a per cent."""
    share = min(passes, trials) / trials
    shown = float(percent(share).removesuffix(" %"))
    assert shown <= share * 100 + 1e-6
    assert shown > share * 100 - 0.1 - 1e-6


@pytest.mark.parametrize(
    ("value", "unit", "signed", "said"),
    [
        (0.00123, "USD", False, "$0.0012"),
        (-0.5, "USD", True, "-$0.5000"),
        (1234.5, "USD", True, "+$1234.50"),
        (0.914, "score", False, "0.91"),
        (2.346, "s", False, "2.35 s"),
        (-0.7, "s", True, "-0.7 s"),
        (12345.6, "tokens", False, "12,346 tokens"),
        (0.05, "share", True, "+5.0 pp"),
        (3, "", False, "3"),
    ],
)
def test_figures_have_their_unit_and_sign(value, unit, signed, said):
    """As precise as they are worth reading."""
    assert figure(value, unit, signed=signed) == said


def test_an_interval_has_the_unit_of_its_figure_and_is_silent_where_an_end_is_unknown():
    """Both ends in brackets, or nothing."""
    assert within(0.5, 0.75, "share") == "[50.0, 75.0]"
    assert within(-0.1, 0.1, "share", signed=True) == "[-10.0, +10.0]"
    assert within(None, 0.75, "share") == ""
    assert points(-0.052) == "-5.2 pp"


@pytest.mark.parametrize(
    ("name", "unit"),
    [("cost_usd", "USD"), ("latency_s", "s"), ("input_tokens", "tokens"), ("steps", ""), ("cost", "USD")],
)
def test_a_measures_name_tells_its_unit(name, unit):
    """The names are those of what a run spends."""
    assert unit_of(name) == unit
