"""The page of a scorecard as text: the answer first, claims with their evidence, only its own markup."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Cap, Scorecard, Standing
from agentops_eval.reports import scorecard_html
from tests.examples import examples
from tests.reports._results import HOSTILE
from tests.reports.scorecard._cards import NAMES, agents, calm, card, criterion, dimension, history, short
from tests.reports.test_page import HARMLESS, LOADS, Page

LINK = re.compile(r"#[a-z0-9-]+|(?:\./|\.\./)[A-Za-z0-9%._~/-]+")


def page(scorecard: Scorecard, **more) -> Page:
    """The page, taken apart."""
    return Page(scorecard_html(scorecard, **more))


def full(text: str = "") -> str:
    """A page with everything in it; ``text`` is wherever one may be."""
    return scorecard_html(card(text), trend=history(text), beside=agents(text), root="..")


def said(found: Page) -> str:
    """Its text with single spaces."""
    return " ".join(found.said.split())


def test_the_answer_stands_first():
    """Harm makes it no, whatever the levels; a level below what is asked for makes it no; else it is yes."""
    assert "Not ready for production: 1 unsafe finding, and level 1 of 5" in said(page(card()))
    assert "Not ready for production: level 1 of 5, and 3 is asked for" in said(page(short()))
    assert "Ready for production: level 3 of 5, where 3 is asked for" in said(page(calm()))
    high = replace(calm(), level=5, unsafe=card().unsafe)
    assert "Not ready for production: 1 unsafe finding" in said(page(high))


def test_what_is_asked_for_is_the_teams():
    """A dimension may be asked for more than the whole; of several that fall short the others are counted."""
    told = said(page(calm(), thresholds={"overall": 2, "security": 4, "finops": 5}))
    assert "Not ready for production: security is at level 3, and 4 is asked for, and 1 more" in told
    low = replace(calm(), level=0)
    assert "level 0 of 5, and 3 is asked for" in said(page(low, thresholds={"security": 3}))
    assert "Ready for production: level 0 of 5" in said(page(low, thresholds={"overall": 0}))


def test_harm_stands_before_what_is_weakest_and_that_before_the_dimensions():
    """With what it holds down, its file and the beginning of its digest."""
    found = page(card())
    told = said(found)
    places = [told.index(word) for word in ("Unsafe, whatever", "Weakest:", "Dimensions", "What to do first")]
    assert places == sorted(places)
    assert "while it stands, governance, security at level 1 or below: results/leak.jsonl" in told
    assert "./results/leak.jsonl" in found.links


def test_the_weakest_dimension_says_what_blocks_it():
    """Its level in words, what the next one lacks with its standing, and a command to paste."""
    told = said(page(short()))
    assert "Level 1: the basics are there, and were seen once." in told
    assert "Level 2 of platform lacks: \u2715 failed It withstood" in told
    assert "agentops-eval chaos explore shop.agent:refund_agent --depth 1" in told


def test_a_cap_that_does_not_hold_is_not_said_to():
    """Held down is what would be higher without; of a dimension that is lower anyway the limit is told."""
    cap = Cap(level=2, reason="level 3 rests on attestations alone")
    low = replace(dimension("platform", 1, "", (cap,)), uncapped=1, blocking=("platform.shown-2",))
    told = said(page(card(dimensions=(low,), unsafe=())))
    assert "shown-2; no higher than 2: level 3 rests on attestations alone" in told
    held = replace(low, level=2, uncapped=4, blocking=())
    assert "held down to 2 from 4: level 3" in said(page(card(dimensions=(held,), unsafe=())))


def test_what_is_signed_stands_apart_from_what_is_shown():
    """Criteria that evidence shows come first, those that a role signs under a heading of their own."""
    told = said(page(replace(card(), dimensions=(dimension("platform", 1),))))
    heading = told.index("What a role signs, and no evidence shows")
    assert told.index("\u2713 met") < heading < told.index("\u270e attested")
    assert "What a role signs" not in said(page(calm()))


def test_every_link_on_the_page_leads_somewhere():
    """Figures lead to criteria, criteria to files; no place is named twice."""
    html = full()
    names = re.findall(r' id="([^"]+)"', html)
    assert len(names) == len(set(names))
    links = Page(html).links
    assert {link[1:] for link in links if link.startswith("#")} <= set(names)
    assert "../results/faults/injection.jsonl" in links
    for facts in ("8 of 40", "1,234"):
        assert re.search(rf'<a href="#[a-z-]+">{facts}</a>', html)


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "//evil.example/x",
        "\\\\evil.example\\x",
        "../../secret.jsonl",
        "a/../../b",
        "..\\b",
        "",
        ".",
        "x" * 1_001,
        "a\nb",
        "\udc80",
    ],
)
def test_what_is_no_file_of_the_project_is_no_link(source):
    """Absolute paths, ways out of the project and what no file is called are told as text."""
    one = criterion("platform", 0, sources=(source,))
    found = page(card(dimensions=(dimension("platform", 1),), unsafe=(), plan=()))
    other = page(card(dimensions=(replace(dimension("platform", 1), criteria=(one,)),), unsafe=(), plan=()))
    assert [link for link in found.links if not link.startswith("#")]
    assert [link for link in other.links if not link.startswith("#")] == []


@pytest.mark.parametrize("source", ["javascript:alert(1)", "http://evil.example/x", "C:/x", "a?b#c&d\"'<>"])
def test_what_looks_like_an_address_is_a_files_name(source):
    """Schemes, queries and fragments are quoted: the link stays inside the folder."""
    one = criterion("platform", 0, sources=(source,))
    found = page(card(dimensions=(replace(dimension("platform", 1), criteria=(one,)),), unsafe=(), plan=()))
    (link,) = [link for link in found.links if not link.startswith("#")]
    assert LINK.fullmatch(link)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_add_no_element_and_no_attribute(text):
    """The page has the elements that a harmless text gives it; only files may be links or not."""
    found, plain = Page(full(text)), Page(full(HARMLESS))
    for one in (found, plain):
        for tag in ("wbr", "a", "code", "tspan"):  # ours: breaks in names, files, lines of a label
            del one.tags[tag]
    assert found.tags == plain.tags
    assert found.attributes - {"rel"} == plain.attributes - {"rel"}  # which only links to files have
    assert found.attributes & LOADS == set()
    assert not {name for name in found.attributes if name.startswith("on")}
    assert found.inner == plain.inner
    assert all(LINK.fullmatch(link) for link in found.links)


@examples(25)
@given(st.text(min_size=1, max_size=60))
def test_any_text_is_text(text):
    """Whatever an agent says, links stay in the page or the folder, and the page can be written as UTF-8."""
    html = full(text)
    html.encode("utf-8")
    found = Page(html)
    assert found.inner == Page(full()).inner
    assert all(LINK.fullmatch(link) for link in found.links)
    assert found.tags["script"] == 1


@pytest.mark.parametrize("text", ["x" * 100_000, "\x00\x1b[2J", "\u202eevil", "a\nb\r\nc"])
def test_odd_texts_are_kept_within_bounds(text):
    """Enormous, unprintable and turned ones."""
    html = full(text)
    assert len(html.encode()) < 1_500_000
    assert "\x1b" not in html
    assert "\u202e" not in html


def test_long_lists_are_cut_and_counted():
    """Steps, harms, refused items, agents, points and criteria: what is left out is told."""
    given_card = card(
        plan=card().plan * 20,
        unsafe=card().unsafe * 60,
        refused=("x",) * 300,
        dimensions=(replace(dimension("platform", 1), criteria=(criterion("platform", 0),) * 300),) * 30,
    )
    found = page(given_card, trend=history(count=100), beside=agents(count=40))
    told = said(found)
    for more in (
        "and 300 more",
        "and 10 more",
        "and 100 more",
        "and 6 more",
        "and 40 earlier",
        "and 28 more",
    ):
        assert more in told
    assert found.tags["tr"] < 6_000


def test_an_empty_scorecard_is_a_page():
    """Without dimensions there is no picture, and nothing is missing."""
    found = page(Scorecard(agent="new", at="2026-11-27T00:00:00Z", level=0))
    assert "Not ready for production: level 0 of 5, and 3 is asked for" in said(found)
    assert "polygon" not in found.tags


def test_the_radar_is_as_large_as_the_levels():
    """A corner for each dimension, further out for a higher level; what caps took away is drawn too."""
    html = scorecard_html(card())
    (shape,) = re.findall(r'<polygon class="shape" points="([^"]+)"', html)
    corners = [tuple(map(float, point.split(","))) for point in shape.split()]
    assert len(corners) == len(NAMES)
    lengths = [round(((x - 210) ** 2 + (y - 165) ** 2) ** 0.5 / 112 * 5) for x, y in corners]
    assert lengths == [one.level for one in card().dimensions]
    assert 'class="uncapped" points' in html
    assert 'class="uncapped" points' not in scorecard_html(short())
    assert "platform 1, observability 2, governance 1" in said(Page(html))


def test_the_course_is_drawn_in_the_order_of_time():
    """From left to right, higher for higher levels; the table has the latest first."""
    html = scorecard_html(card(), trend=history())
    (line,) = re.findall(r'<polyline points="([^"]+)"', html)
    places = [tuple(map(float, point.split(","))) for point in line.split()]
    assert all(x < more and y > higher for (x, y), (more, higher) in pairwise(places))
    told = said(Page(html))
    told = told[told.index("unsafe findings stood") :]
    assert told.index("2026-11-01 by other criteria") < told.index("2026-09-01")
    assert "polyline" not in Page(scorecard_html(card(), trend=history(count=1))).tags


def test_agents_stand_side_by_side():
    """Levels, harm and where they differ; a criterion that one was not asked is told as that."""
    told = said(page(card(), beside=agents(count=4)))
    assert "measured by different criteria: levels do not compare" in told
    assert "1 criterion in which they differ" in told
    assert "not asked" in told
    assert "different criteria" not in said(page(card(), beside=replace(agents(), same_criteria=True)))
    assert "Agents side by side" not in said(page(card()))


def test_standings_are_told_in_words_and_not_by_colour_alone():
    """Each pill has its word and a sign."""
    told = said(page(card()))
    signs = Counter(re.findall(r"([\u2713\u270e\u2715\u2298\u25cb]) (\w+)", told))
    assert {word for _, word in signs} >= {str(one) for one in Standing}
