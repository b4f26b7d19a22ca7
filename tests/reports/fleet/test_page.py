"""The index page, findings and evidence: what stands first, what is said to be unknown, and hostile texts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import (
    FindingView,
    Fleet,
    Health,
    evidence_html,
    finding_html,
    fleet_html,
    fleet_json,
    fleet_markdown,
)
from tests.reports._results import HOSTILE
from tests.reports.fleet._fleets import agent, fleet, item, well

PLAIN = "plain"


class _Shape(HTMLParser):
    """Elements and attributes, without texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "wbr":
            self.found.append((tag, tuple(name for name, _ in attrs)))


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """What a page is built of."""
    found = _Shape()
    found.feed(re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL))
    return found.found


def pages(text: str, *, live: bool = False) -> list[str]:
    """Every page, with a text wherever one may stand."""
    one = FindingView(item=item(text), page="findings/a.html", details=(text,))
    return [fleet_html(fleet(text), live=live), finding_html(one), evidence_html(fleet(text))]


def texts(page: str) -> str:
    """What a reader sees, roughly."""
    return re.sub(r"\s+", " ", re.sub(r"<wbr>|<(style|script)>.*?</\1>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_changes_what_a_page_is_built_of(text: str) -> None:
    """Elements and attributes are those of a page with plain texts."""
    for page, plain in zip(pages(text, live=True), pages(PLAIN, live=True), strict=True):
        assert shape(page) == shape(plain)
        page.encode()


@given(st.text(alphabet=st.sampled_from("<>&\"'/=`{}%\x00\u202e\ud800 a-!;\n"), min_size=1, max_size=40))
def test_no_text_at_all_changes_it(text: str) -> None:
    """Whatever is made of the signs that mean something to somebody."""
    if not text.split():
        return
    for page, plain in zip(pages(f"x{text}"), pages(PLAIN), strict=True):
        assert shape(page) == shape(plain)


@given(st.text(min_size=0, max_size=30))
def test_markdown_has_no_text_of_anybody_outside_of_code(text: str) -> None:
    """No link, mention, image or HTML comes of it, and it keeps within its limit."""
    told = fleet_markdown(fleet(f"x{text}"))
    outside = re.sub(r"<code>.*?</code>", "", told)
    assert not re.search(r"[@\[]|<(?!/?details|/?summary)|://", outside)
    assert len(fleet_markdown(fleet("x" * 300), limit=2_000)) <= 2_000


def test_an_agent_that_no_inventory_names_is_marked() -> None:
    """In words, on the page and in Markdown; one that is named is not."""
    assert texts(fleet_html(fleet())).count("no inventory names it") == 1
    assert "no inventory names it" not in texts(fleet_html(well()))
    assert "**unknown**: no inventory names it" in fleet_markdown(fleet())


def test_what_nobody_knows_is_no_figure() -> None:
    """No level, no rate and no cost is a question mark, never nought."""
    quiet = agent(level=None, page="", objectives=(), cost_usd=None, cost_address="", last="", findings=0)
    page = texts(fleet_html(Fleet(project="p", at="", agents=(quiet,))))
    row = page[page.index('id="a-1"') :]
    row = row[: row.index("</tr>")]
    assert "none measured" in row
    assert "never" in row
    assert row.count(">?<") == 3
    assert "$0" not in row


@pytest.mark.parametrize(
    ("found", "tone", "said"),
    [
        (fleet(), "unsafe", "1 unsafe finding"),
        (
            fleet(findings=(FindingView(item=item(harms=()), page="f"),), agents=()),
            "short",
            "1 open finding, none",
        ),
        (
            fleet(findings=(), agents=(agent(health=Health.UNKNOWN),)),
            "unknown",
            "nothing is in force of 1 of 1 agent",
        ),
        (well(), "ready", "1 agent, and no open finding"),
        (Fleet(project="p", at=""), "unknown", "no agent is known here"),
    ],
)
def test_how_it_is_stands_first(found: Fleet, tone: str, said: str) -> None:
    """Harm before findings, findings before silence; an empty project is not a good one."""
    banner = re.search(r'<h1 class="banner (\w+)">.*?</span> (.*?)</h1>', fleet_html(found))
    assert banner is not None
    assert banner[1] == tone
    assert said in banner[2].lower()


def test_only_the_live_page_may_ask_its_server() -> None:
    """The page on disk loads nothing; the served one asks its own server alone."""
    still, live = fleet_html(fleet()), fleet_html(fleet(), live=True)
    assert "connect-src" not in still
    assert re.search(r"connect-src &#39;self&#39;|connect-src 'self'", live)
    assert "fetch(" not in still


def test_long_lists_are_cut_and_counted() -> None:
    """What is beyond is a number."""
    many = fleet(refused=tuple(f"line {n}" for n in range(500)), left_out={"refused": 20})
    page = texts(fleet_html(many))
    assert "and 420 more" in page
    assert "line 450" not in page


def test_json_has_everything_and_no_number_for_what_is_unknown() -> None:
    """Agents with objectives, findings with their evidence, what is missing."""
    told = fleet_json(fleet())
    assert told["agents"][0]["objectives"][0]["burn_rate"] == 14.4  # type: ignore[index,call-overload]
    assert told["agents"][1]["level"] is None  # type: ignore[index,call-overload]
    assert told["findings"][0]["evidence"] == "evidence.html#e-1"  # type: ignore[index,call-overload]
