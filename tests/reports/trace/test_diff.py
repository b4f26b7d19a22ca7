"""The page of two runs beside each other: what it shows, and that nothing in a trace is more than text."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import trace_diff_html
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.diff import Change, Kind, Op, StepDiff, TraceDiff, diff
from tests.examples import examples
from tests.traces._traces import traces
from tests.traces.diff._trees import agent, tool, trace_of

HOSTILE = (
    "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(2)></pre>{{ 7*7 }}{% x %}\x1b[31m\u202e\u200b"
)
VOID = {"meta", "br", "img", "link", "input", "wbr"}
BEFORE = agent("desk", tool("lookup", order=1), tool("refund", order=1, amount=59.9), tool("close"))
AFTER = agent("desk", tool("lookup", order=1), tool("refund", order=1, amount=5990), tool("check"))


def between(one, other):
    return diff(trace_of(one), trace_of(other))


def test_equal_runs_are_said_to_be_equal():
    """Nothing else is on the page."""
    assert "nothing differs" in trace_diff_html(between(BEFORE, BEFORE))


def test_more_steps_than_anyone_reads_are_counted():
    """The page stops at its limit and says what it left out."""
    found = between(agent("d"), agent("d", *[tool(f"t{number}") for number in range(9)]))
    assert "5 more steps that differ are not shown" in trace_diff_html(found, limit=4)


class Page(HTMLParser):
    """Which tags a page has, what they hold, and whether they are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts, self.attributes = set(), [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "a", "main", "script", "label", "select", "option"),
    *("h1", "h2", "div", "del", "ins", "span", "ul", "li", "article", "header", "code", "b", "pre", "wbr"),
    *("details", "summary", "dl", "dt", "dd", "p"),
}
NAMES = {
    *("lang", "charset", "name", "content", "http-equiv", "class", "aria-label", "aria-hidden"),
    *("id", "href", "value"),
}


def check(page):
    """The page holds our tags only, closes them, and refers to nothing outside."""
    parsed = Page(page)
    assert parsed.tags <= ALLOWED
    assert parsed.open == []
    assert {name for name, _ in parsed.attributes} <= NAMES
    assert {value for name, value in parsed.attributes if name == "href"} == {"#steps"}
    return parsed


@pytest.mark.parametrize("side", ["added", "removed", "changed", "moved"])
def test_hostile_text_stays_text_on_the_page(side):
    """Markup, template syntax, escape sequences and hidden characters are shown, never obeyed."""
    bad = tool(HOSTILE, x=HOSTILE, extra={HOSTILE: HOSTILE, sc.TOOL_CALL_RESULT: HOSTILE})
    worse = tool(HOSTILE, x=HOSTILE + "!", extra={HOSTILE: HOSTILE * 2, sc.TOOL_CALL_RESULT: HOSTILE + "?"})
    calm = agent("d", tool("a"), tool("b"))
    one, other = {
        "added": (calm, agent("d", tool("a"), bad, tool("b"))),
        "removed": (agent("d", tool("a"), bad, tool("b")), calm),
        "changed": (agent("d", bad), agent("d", worse)),
        "moved": (agent("d", bad, tool("a"), tool("b")), agent("d", tool("a"), tool("b"), bad)),
    }[side]
    page = trace_diff_html(between(one, other), baseline=HOSTILE, candidate=HOSTILE)
    parsed = check(page)
    assert any("<script>alert(1)</script>" in text for text in parsed.texts)
    assert any("{{ 7*7 }}{% x %}" in text for text in parsed.texts)
    assert not {"\x1b", "\u202e", "\u200b"} & set(page)


@examples(50)
@given(st.text(), st.text())
def test_both_sides_of_a_change_can_be_read_whole(before, after):
    """Short texts are on the page as they were, on their own side."""
    change = Change(kind=Kind.TEXT, field="answer", at="", op=Op.CHANGED, before=before, after=after)
    span = trace_of(tool("a")).spans[0]
    step = StepDiff(
        kinds=(Kind.TEXT,),
        title="tool a",
        path="/a",
        baseline=span,
        candidate=span,
        baseline_index=0,
        candidate_index=0,
        changes=(change,),
    )
    page = check(trace_diff_html(TraceDiff(steps=(step,), baseline_steps=1, candidate_steps=1)))
    if before.isprintable() and len(before) < 200:
        assert before in "".join(page.texts)


@examples(25)
@given(traces(), traces())
def test_any_diff_can_be_shown(one, other):
    """Whatever the traces hold, the page has our tags alone, and all of them closed."""
    check(trace_diff_html(diff(one, other)))


def test_the_page_stands_alone():
    """It allows nothing to be loaded, runs its own script alone, and names no other place."""
    page = trace_diff_html(between(BEFORE, AFTER))
    assert "default-src 'none'" in unescape(page)
    assert page.count("<script") == 1
    assert "http://" not in page
    assert "https://" not in page
    assert 'name="viewport"' in page
