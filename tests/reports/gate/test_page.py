"""The page of a decision as text: whole, self-contained, small, and made of nothing but its own markup."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import decision_html
from agentops_eval.reports.gate._page import address
from tests.reports._results import HOSTILE
from tests.reports.gate._decisions import (
    HOLD,
    decision,
    effects,
    hostile,
    metric,
    planned,
    promoted,
    rolled_back,
    walk,
)
from tests.reports.test_page import HARMLESS, LOADS, Page


def page_of(given_decision) -> Page:
    return Page(decision_html(given_decision))


def said(given_decision) -> str:
    return " ".join(page_of(given_decision).said.split())


def test_it_tells_all_of_a_decision():
    """Value, reasons with remedies, figures, evidence, cases, what was left out, seed and digest."""
    text = said(decision())
    for one in (
        "Hold at shadow, 212 more pairs needed",
        "passed is not shown to be within its margin of 5 points",
        "agentops-eval eval run scenarios --repeat 3 --out candidate.jsonl",
        "-1.2 pp [-6.1, +3.4]",
        "3.12 of 20",
        "needs 212 more pairs to promote",
        "refunds/late-parcel-2",
        "3 infrastructure, 2 no partner",
        "41d0" * 8,
        "9b1c" * 8,
    ):
        assert one in text
    assert "Promote from shadow to canary" in said(promoted())
    back = said(rolled_back())
    assert "Roll back from shadow" in back
    assert "more needed" not in said(decision(n_needed=0))
    assert "nothing is promoted while it holds" in text
    assert "nothing is promoted while it holds" not in back


def test_pictures_tell_their_figures_in_words():
    """Every picture has a title and a description, and the path has a table beside it."""
    written = decision_html(decision(metrics=[metric(), planned()]))
    assert written.count("<title") - 1 == written.count("<desc") == written.count('role="img"') == 4
    assert "e-values on a logarithmic scale over n: promote 3.12 of 20" in written
    assert "z-values over n: promote z 2.6 of 2.2, enough" in written
    assert written.count('<table class="plain figures">') == 2


def test_the_policy_admits_the_own_script_and_style_only():
    """Nothing is loaded, nothing is styled from outside, and what runs is known by its hash."""
    page = page_of(decision())
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in page.inner)
    assert page.policy == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.tags["script"] == 1
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert page.attributes & LOADS == set()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_add_no_element_and_no_attribute(text):
    """The page has the elements that a harmless text gives it, but for the links to traces."""
    page, plain = page_of(hostile(text)), page_of(hostile(HARMLESS))
    for one in (page, plain):
        for ours in ("wbr", "a", "code", "span"):  # a trace is a link or an id
            del one.tags[ours]
    assert page.tags == plain.tags
    assert page.attributes <= plain.attributes
    assert page.inner == plain.inner
    assert not {name for name in page.attributes if name.startswith("on")}
    assert not [link for link in page.links if re.match(r"(?!https?:|file:)[^#/?]*:", link)]


@given(st.text(max_size=60))
def test_any_text_is_text(text):
    """Whatever a case is called, the page can be written as UTF-8 and runs nothing else."""
    written = decision_html(hostile(text))
    written.encode("utf-8")
    assert Page(written).inner == page_of(promoted()).inner


@pytest.mark.parametrize(
    ("trace", "link"),
    [
        ("runs/a b.otlp.jsonl", "runs/a%20b.otlp.jsonl"),
        ("/runs/a.json", "file:///runs/a.json"),
        ("late.json", "late.json"),
        ("https://traces.example/t?id=1#s", "https://traces.example/t?id=1#s"),
        ('https://traces.example/"><b>', "https://traces.example/%22%3E%3Cb%3E"),
        ("4bf92f3577b34da6a3ce929d0e0e4736", ""),
        ("javascript:alert(1)", ""),
        ("javascript://x/%0Aalert(1)", "javascript%3A/x/%250Aalert%281%29"),
        ("data:text/html,<b>/", "data%3Atext/html%2C%3Cb%3E"),
        ("//evil.example/x", "file:////evil.example/x"),
        ("a/\0", ""),
        ("x" * 3_000 + "/", ""),
    ],
    ids=range(12),
)
def test_a_trace_leads_to_a_file_or_to_the_web(trace, link):
    """An id leads nowhere, and no text becomes a script."""
    assert address(trace) == link


@given(st.text(max_size=50))
def test_no_trace_becomes_another_scheme(text):
    """Only the web and files are ever meant."""
    assert re.match(r"(?:https?|file)://|[^:]*\Z", address(text)) is not None


def test_long_decisions_make_a_small_page():
    """Paths of ten thousand points are thinned, lists are cut, and all that is left out is counted."""
    path = walk(10_000)
    some = [metric(f"m{at}", path=path) for at in range(210)]
    written = decision_html(decision(HOLD, some, worst=effects(5_000)))
    assert len(written) < 4_000_000
    text = " ".join(Page(written).said.split())
    assert "and 4800 more" in text
    assert "and 160 more" in text
    assert "points between them are not listed" in text


def test_an_empty_decision_is_a_page_too():
    """Nothing was measured is said."""
    page = page_of(decision(metrics=[], worst=(), reasons=(), left_out=()))
    assert "Nothing was measured." in page.said
    assert page.tags["svg"] == 0
