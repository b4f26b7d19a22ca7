"""Game days in Markdown, JSON and HTML: whole, bounded, and deaf to what anybody wrote."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agentops_eval.domain import EntryKind, GamedayReport
from agentops_eval.reports import gameday_html, gameday_json, gameday_markdown, moments
from tests.reports._results import HOSTILE
from tests.reports.chaos._days import at, calm, day, day_of_agents, entry
from tests.reports.test_page import HARMLESS, LOADS, Page


def test_every_form_tells_finding_owner_and_remedy() -> None:
    """What was found, who answers for it and what to do stand in all three."""
    report = day()
    page = " ".join(Page(gameday_html(report)).said.split())
    for text in (page, gameday_markdown(report), json.dumps(gameday_json(report))):
        for words in ("the cache goes away", "role:on-call", "and more"):
            assert words in text
    assert "1 finding" in page
    assert "not begun" in page
    assert gameday_json(report)["findings"][0]["kind"] == "deviated"  # type: ignore[index,call-overload]


def test_markdown_can_be_read_as_it_is() -> None:
    """Values and names as agents give them stand there as they are: only what could be a mark is escaped."""
    text = 'it\'s a & b: {"get_order": (1, "x=2")} at 12.5 %!'
    told = gameday_markdown(day(text))
    assert f"<code>{text}</code>" in told
    assert told.startswith("### 1 finding\n")


def test_a_calm_day_says_so() -> None:
    """Steady, without findings."""
    assert "Steady: 1 experiment held" in Page(gameday_html(calm())).said
    assert gameday_markdown(calm()).startswith("### Steady")
    assert gameday_json(calm())["steady"] is True


def test_the_timeline_is_told_from_the_beginning() -> None:
    """Each moment with its seconds since the day began; what only machines need is left out."""
    told = [(one.at_s, one.tone) for one in moments(day())]
    assert told[0] == (1.0, "plain")
    assert (5.0, "bad") in told
    assert len(told) == 8


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_anybody_wrote_is_text(text: str) -> None:
    """Hostile titles, names, errors and notes are text to the page, and no Markdown."""
    report = day(text)
    page, plain = Page(gameday_html(report)), Page(gameday_html(day(HARMLESS)))
    for one in (page, plain):
        del one.tags["wbr"]  # ours: where a long name may go on in the next line
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert page.attributes & LOADS == set()
    html = gameday_html(report)
    assert html.count("<script") == 1
    assert "<svg onload" not in html
    assert "<img" not in html
    assert "<script" not in gameday_markdown(report)
    assert json.loads(json.dumps(gameday_json(report)))


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\ud800", "\x00\x1b[2J", "\u202eevil", "a\nb\r\nc"])
def test_odd_texts_are_kept_within_bounds(text: str) -> None:
    """Empty, enormous, unpaired and unprintable ones; the page stays small and can be written."""
    report = day(text)
    html = gameday_html(report)
    assert len(html.encode()) < 250_000
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert len(gameday_markdown(report)) < 70_000


def test_a_long_day_is_thinned_and_counted() -> None:
    """Thousands of activities make a page that can still be opened, and it says what is left out."""
    lines = list(day().timeline)
    for number in range(3_000):
        activity = {"name": f"act {number}"}
        lines.append(entry(9, EntryKind.START, "method", id=10 + number, activity=activity))
        lines.append(entry(9, EntryKind.END, "method", id=10 + number, status="succeeded"))
    html = gameday_html(replace(day(), timeline=tuple(lines)))
    assert len(html) < 600_000
    assert "more are not drawn" in html
    assert "and 2008 more" in html


def test_a_day_that_was_killed_is_reported_too() -> None:
    """Without an end, from what there is; and one of which nothing is known."""
    killed = replace(day(), ending=None, end="", weaknesses=())
    assert "whoever ran it was killed" in gameday_html(killed)
    assert gameday_html(GamedayReport(title=""))
    assert gameday_markdown(GamedayReport(title="", start=at(0)))


def test_the_same_day_gives_the_same_bytes() -> None:
    """In every form."""
    for form in (gameday_html, gameday_markdown, gameday_json):
        assert form(day()) == form(day())


def test_runs_of_agents_under_faults_show_how_far_these_reached() -> None:
    """A picture for each run that was judged; none on a day without agents, none from a broken journal."""
    html = gameday_html(day_of_agents())
    assert html.count('class="radius"') == 1
    assert "Not contained: it went 3 hops." in html
    assert 'class="radius"' not in gameday_html(day())
    (journal,) = day_of_agents().journals
    for output in ({"faults": "x", "blast_radius": "x"}, {"mode": 1, "faults": "x", "blast_radius": {}}, "x"):
        runs = tuple(replace(run, output=output) for run in journal.run)
        assert gameday_html(replace(day_of_agents(), journals=(replace(journal, run=runs),)))
