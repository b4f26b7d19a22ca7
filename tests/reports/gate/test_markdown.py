"""A decision in Markdown: its value, a table, and nothing that anybody wrote breaks out of its place."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import decision_markdown
from tests.reports._results import HOSTILE
from tests.reports.gate._decisions import decision, effects, hostile, metric, promoted, rolled_back
from tests.reports.test_markdown import LINKED, outside_of_code, rendered


def test_it_says_the_value_the_figures_and_why():
    """The headline, one row a metric, the reason with its remedy; the worst cases are folded."""
    text = html.unescape(decision_markdown(decision()))
    assert text.startswith("### Hold at shadow, 212 more pairs needed\n")
    row = "| <code>passed</code> | **hold** | -1.2 pp [-6.1, +3.4] | -5.0 pp | 3.12 of 20 | 2.2 of 40 | 188 |"
    assert row in text
    assert "remedy: <code>agentops-eval eval run scenarios --repeat 3 --out candidate.jsonl</code>" in text
    assert text.index("<details><summary>Worst cases (3)") < text.index("<code>refunds/late-parcel-0</code>")
    assert "<code>runs/candidate/late-2.otlp.jsonl</code>" in text
    assert "Left out: 3 infrastructure, 2 no partner" in text


def test_good_news_is_short_and_bad_news_is_first():
    """A promotion has no reasons and no cases; a rollback says so in its first line."""
    text = decision_markdown(promoted())
    assert "Reasons" not in text
    assert "Worst cases" not in text
    assert decision_markdown(rolled_back()).startswith("### Roll back from shadow\n")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_code_and_nothing_else(text):
    """In every place that takes a text: no element, no link, no mention, no row of its own."""
    page = rendered(decision_markdown(hostile(text)))
    assert LINKED.search(outside_of_code(page)) is None


@given(st.text(max_size=80))
def test_any_text_keeps_the_tables_whole(text):
    """Rows have the cells of their heads, whatever cases and metrics are called."""
    rendered(decision_markdown(hostile(text)))


@pytest.mark.parametrize("limit", [1_500, 5_000, 65_536])
def test_it_is_bounded_and_counts_the_rest(limit):
    """Hundreds of metrics and cases fit a comment."""
    told = decision(metrics=[metric(f"m{at}") for at in range(300)], worst=effects(300))
    text = decision_markdown(told, limit=limit)
    assert len(text) <= limit
    assert "more, in the whole report" in text or "left out here" in text
