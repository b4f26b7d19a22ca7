"""A scorecard in Markdown: short, bounded, and deaf to what anybody wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import scorecard_markdown
from tests.examples import examples
from tests.reports._results import HOSTILE
from tests.reports.scorecard._cards import calm, card, history, short


def test_it_says_whether_why_and_what_to_do_first():
    """The answer, the harm, the weakest dimensions, levels with what blocks them, and five steps."""
    told = unescape(scorecard_markdown(card()))
    assert told.startswith("### Not ready for production: 1 unsafe finding, and level 1 of 5\n")
    order = [
        "Unsafe, whatever",
        "#### Dimensions (8)",
        "#### What to do first (5)",
        "Further steps",
        "Not counted",
    ]
    places = [told.index(words) for words in order]
    assert places == sorted(places)
    assert "**held down to 1 from 3**" in told
    assert "8 of 40 criteria shown, 8 signed only. Weakest: <code>platform</code>" in told
    assert "1,234 items of evidence, as of" in told


def test_what_changed_since_the_last_scorecard_is_told():
    """Lost before gained; with one scorecard there is nothing to tell."""
    told = unescape(scorecard_markdown(short(), trend=history(count=2)))
    assert told.index("<code>finops.shown-2</code> | lost") < told.index(
        "<code>platform.shown-1</code> | gained"
    )
    assert "Since 2026-08-01 (level 0), by other criteria: levels do not compare" in told
    assert "Since" not in scorecard_markdown(short(), trend=history(count=1))


def test_a_ready_agent_needs_few_words():
    """Nothing unsafe, nothing to do."""
    told = unescape(scorecard_markdown(calm()))
    assert told.startswith("### Ready for production: level 3 of 5")
    assert "Unsafe" not in told
    assert "What to do" not in told


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_become_nothing(text):
    """No element, mention, link or image of theirs: what they say stands in code with its marks escaped."""
    told = scorecard_markdown(card(text), trend=history(text))
    assert set(re.findall(r"</?(\w+)", told)) <= {"code", "details", "summary", "br"}
    assert not re.search(r"@\w|https?://|!\[|\]\(", told)
    assert len(told) <= 65_536


@examples(40)
@given(st.text(max_size=80), st.integers(1_000, 20_000))
def test_it_keeps_its_limit(text, limit):
    """Whatever is told, no more characters are written than may be."""
    assert len(scorecard_markdown(card(text), trend=history(text), limit=limit)) <= limit


def test_long_lists_are_counted():
    """A scorecard with hundreds of steps fits a comment."""
    many = replace(card(), plan=card().plan * 40, refused=("x",) * 500)
    told = scorecard_markdown(many)
    assert len(told) <= 65_536
    assert "in the whole report" in told
