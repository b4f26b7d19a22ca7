"""A decision for a terminal: its value first, within 80 columns, and nothing hidden in it."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Reason
from agentops_eval.reports import decision_text
from agentops_eval.reports.gate._words import evidence, strength
from tests.reports._results import HOSTILE
from tests.reports.gate._decisions import (
    cost,
    decision,
    effects,
    hostile,
    metric,
    planned,
    promoted,
    rolled_back,
    unpaid,
)


def told(given_decision, width=80):
    return [line for line, _ in decision_text(given_decision, width=width)]


@pytest.mark.parametrize(
    ("given_decision", "first", "style"),
    [
        (decision(), "hold at shadow, 212 more pairs needed", "bold yellow"),
        (decision(n_needed=1), "hold at shadow, 1 more pair needed", "bold yellow"),
        (decision(n_needed=None, stage=""), "hold", "bold yellow"),
        (decision(n_needed=None, stage="offline", next_stage=""), "hold", "bold yellow"),
        (decision(n_needed=None, stage="offline"), "hold at offline", "bold yellow"),
        (promoted(), "promote from shadow to canary", "bold green"),
        (rolled_back(), "roll back from shadow", "bold red"),
    ],
    ids=["hold", "one", "bare", "offline", "first", "promote", "rollback"],
)
def test_the_value_stands_first_with_its_stage(given_decision, first, style):
    """Whoever reads one line knows what to do."""
    assert decision_text(given_decision)[0] == (first, style)


def test_a_metric_shows_estimate_evidence_and_what_is_missing():
    """Name, change with unit and interval, margin, n; evidence now of what is needed; how many more."""
    text = "\n".join(told(decision(), width=200))
    assert "hold      passed -1.2 pp [-6.1, +3.4], margin -5.0 pp, n 188" in text
    assert "promote 3.12 of 20; rollback 2.2 of 40; needs 212 more pairs to promote" in text
    assert "promote   cost_usd +3.1 % [-4.0, +11.0], margin +20.0 %, n 188" in text
    assert "promote 88 of 20, enough; rollback 1 of 40" in text


def test_nothing_missing_is_not_told():
    """Zero more pairs are no need."""
    assert "needs" not in "\n".join(told(decision(metrics=[metric(n_needed=0), cost()], reasons=())))


def test_limits_plans_and_tails_are_told_in_their_own_words():
    """A rate with one end, z-values with their bounds, and a margin that is of the tail's size."""
    tail = cost(scale="share beyond", estimate=0.01, low=-0.02, high=0.03, n_needed=40, needed_for="look")
    text = "\n".join(told(decision(metrics=[unpaid(), planned(), tail]), width=200))
    assert "unapproved_payments 0.532 %, at least 0.04 %, margin 2 %" in text
    assert "rollback infinite of 40, enough" in text
    assert "promote z 2.6 of 2.2, enough; rollback z -1.2 of 2.5" in text
    assert "needs 40 more pairs to the next look" in text
    assert "cost_usd +1.0 pp [-2.0, +3.0], margin +20.0 % of the tail" in text


def test_reasons_have_their_remedy_whole_and_worst_cases_their_traces():
    """What may be pasted stands in one line of its own, however long."""
    long = "agentops-eval eval run " + "x" * 200
    lines = told(decision(reasons=(Reason(code="few", message="too few", metric="passed", remedy=long),)))
    assert "- passed: too few" in lines
    assert f"  remedy:  {long}" in lines
    assert "  refunds/late-parcel-0  passed 100 % -> 0 %" in lines
    assert "    candidate  runs/candidate/late-0.otlp.jsonl" in lines
    assert "left out: 3 infrastructure, 2 no partner" in lines


def test_long_lists_are_counted():
    """Sixty metrics and thirty cases end in how many more there are."""
    lines = told(decision(metrics=[metric(f"m{at}") for at in range(60)], worst=effects(30)))
    assert "and 10 more metrics (--json lists all)" in lines
    assert "and 20 more cases (--json lists all)" in lines


@given(st.integers(40, 200), st.text(max_size=200))
def test_sentences_keep_to_the_width_and_hide_nothing(width, text):
    """No line of figures is wider, and no control character or turned direction reaches a terminal."""
    given_decision = decision(gate=text, metrics=[metric(text), cost()], worst=(), reasons=())
    for line in told(given_decision, width=width):
        assert len(line) <= width
        assert all(unicodedata.category(one) not in {"Cc", "Cs"} for one in line)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_stay_in_their_lines(text):
    """In every place that takes a text, one line stays one line."""
    lines = told(hostile(text))
    assert all(line.isprintable() for line in lines)
    assert len(lines) < 80


@given(st.floats(min_value=1e-3, max_value=1e9), st.floats(min_value=1e-3, max_value=1e9))
def test_nothing_seems_reached_that_is_not(value, asked):
    """Evidence is rounded down, and only what suffices is called enough."""
    said = evidence(metric(e_promote=value, promote_at=asked), "promote")
    assert said.endswith("enough") == (value >= asked)
    assert float(strength(value).replace(",", "")) <= value * (1 + 1e-8)


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "?"), (math.nan, "?"), (math.inf, "infinite"), (-math.inf, "none"), (0.0, "0"), (19.99, "19.9"),
     (1234.5, "1,230"), (5e-324, "0.00e"), (1.5e300, "1.50e300"), (0.00042, "0.00042")],
)  # fmt: skip
def test_strengths_are_told_at_any_size(value, said):
    """From nothing left to more than a number holds."""
    assert strength(value).startswith(said.removesuffix("0.00e"))
