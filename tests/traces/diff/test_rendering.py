"""How a diff reads: in a terminal, for scripts, and as a page."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.diff import (
    Change,
    Kind,
    Op,
    StepDiff,
    TraceDiff,
    diff,
    diff_html,
    diff_json,
    diff_text,
)
from tests.traces._traces import traces
from tests.traces.diff._trees import agent, chat, tool, trace_of

HOSTILE = (
    "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(2)></pre>{{ 7*7 }}{% x %}\x1b[31m\u202e\u200b"
)
VOID = {"meta", "br", "img", "link", "input"}


def between(one, other):
    return diff(trace_of(one), trace_of(other))


POLICY = "Answer politely, and look things up before you answer. " * 5
BEFORE = agent(
    "desk",
    chat([("system", POLICY + "Refund up to 50 euros. " + POLICY)], "Hello."),
    tool("lookup", order=1),
    tool("refund", order=1, amount=59.9),
    tool("mail", to="a"),
    tool("close"),
)
AFTER = agent(
    "desk",
    chat([("system", POLICY + "Refund up to 500 euros. " + POLICY)], "Hello.", tokens=(11, 5)),
    tool("close"),
    tool("lookup", order=1),
    tool("refund", order=1, amount=5990),
    tool("check", order=1),
)


def test_the_text_reads_like_this():
    """Signs, numbers, the places of changes, and equal parts elided."""
    assert diff_text(between(BEFORE, AFTER), baseline="golden", candidate="this run") == (
        "golden -> this run: 1 added, 1 removed, 1 moved, "
        "1 changed-arguments, 1 changed-text, 1 changed-tokens\n"
        "        ... 1 step equal\n"
        "~     1 llm gpt-a\n"
        "          input [0].parts[0].content\n"
        '            - "... Refund up to 50 euros. Answer politely, and ..."\n'
        '            + "... Refund up to 500 euros. Answer politely, and ..."\n'
        "          tokens in: 10 -> 11\n"
        ">     2 tool close  moved from 5\n"
        "        ... 1 step equal\n"
        "~     4 tool refund\n"
        "          arguments amount: 59.9 -> 5990\n"
        '-     4 tool mail(to="a")\n'
        "+     5 tool check(order=1)"
    )


def test_equal_traces_are_said_to_be_equal():
    """One line, with how much was compared."""
    assert diff_text(between(BEFORE, BEFORE)) == "baseline -> candidate: equal, 6 steps"
    assert "nothing differs" in diff_html(between(BEFORE, BEFORE))


def test_more_steps_than_anyone_reads_are_counted():
    """Text and page stop at their limit and say what they left out."""
    found = between(agent("d"), agent("d", *[tool(f"t{number}") for number in range(9)]))
    assert diff_text(found, limit=4).endswith("... 5 steps more that differ")
    assert "5 more steps that differ are not shown" in diff_html(found, limit=4)


def test_json_has_the_documented_keys():
    """Scripts find kinds, places and values; ids are those of the traces as they were given."""
    found = between(BEFORE, AFTER)
    document = diff_json(found)
    assert json.loads(json.dumps(document)) == document
    assert set(document) == {"equal", "baseline_steps", "candidate_steps", "counts", "steps"}
    assert document["counts"]["moved"] == 1
    refund = next(step for step in document["steps"] if step["title"] == "tool refund")
    assert refund == {
        "kinds": ["changed-arguments"],
        "title": "tool refund",
        "path": "/invoke_agent:desk#0/execute_tool:refund#0",
        "baseline_index": 3,
        "candidate_index": 4,
        "baseline_span_id": f"{3:016x}",
        "candidate_span_id": f"{4:016x}",
        "same_before": 1,
        "changes": [
            {
                "kind": "changed-arguments",
                "field": "arguments",
                "at": "amount",
                "op": "changed",
                "before": 59.9,
                "after": 5990,
            }
        ],
        "more": 0,
    }


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
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "div",
        "del",
        "ins",
        "span",
        "ul",
        "li",
        "main",
    ),
    *("article", "header", "code", "b", "pre", "details", "summary", "dl", "dt", "dd", "p"),
}


def check(page):
    """The page holds our tags only, closes them, and refers to nothing outside."""
    parsed = Page(page)
    assert parsed.tags <= ALLOWED
    assert parsed.open == []
    assert {name for name, _ in parsed.attributes} <= {
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
    } | {
        "aria-label",
        "aria-hidden",
    }
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
    page = diff_html(between(one, other), baseline=HOSTILE, candidate=HOSTILE)
    parsed = check(page)
    assert any("<script>alert(1)</script>" in text for text in parsed.texts)
    assert any("{{ 7*7 }}{% x %}" in text for text in parsed.texts)
    assert not {"\x1b", "\u202e", "\u200b"} & set(page)


@given(traces(), traces())
def test_any_diff_can_be_shown(one, other):
    """All three forms can be written whatever the traces hold, and text has whole, printable lines."""
    found = diff(one, other)
    check(diff_html(found))
    json.dumps(diff_json(found))
    assert all(line.isprintable() and len(line) < 700 for line in diff_text(found).split("\n"))


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
    page = check(diff_html(TraceDiff(steps=(step,), baseline_steps=1, candidate_steps=1)))
    if before.isprintable() and len(before) < 200:
        assert before in "".join(page.texts)


def test_the_page_stands_alone():
    """It allows nothing to be loaded or run, has no script, and names no other place."""
    page = diff_html(between(BEFORE, AFTER))
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
