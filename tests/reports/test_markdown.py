"""Results in Markdown: bounded, worst first, and nothing that an agent wrote breaks out of its place."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agentops_eval.domain import Comparison
from agentops_eval.reports import Report, results_markdown
from tests.reports._results import (
    HOSTILE,
    as_it_stands,
    broken,
    failed,
    hostile,
    info,
    needs_recording,
    passed,
    report,
    suite,
)
from tests.reports.test_cases import TRIALS

OURS = re.compile(r"</?(?:code|details|summary)>|<br>")
TOKENS = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "html_block",
    "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open",
    "html_inline", "tr_close", "th_open", "th_close", "td_open", "td_close", "text", "softbreak",
    "strong_open", "strong_close", "bullet_list_open", "bullet_list_close", "list_item_open",
    "list_item_close", "text_special",
}  # fmt: skip
# What GitHub makes links of in rendered text, outside of code.
LINKED = re.compile(r"@\w|(?<!&)#\d|\bGH-\d|://|\bwww\.|\w#\d")


def rendered(text: str) -> str:
    """The HTML that a renderer of GitHub's kind makes, after a check that it holds nothing but ours."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    for token in [inner for one in tokens for inner in (one, *(one.children or ()))]:
        assert token.type in TOKENS, token
        if token.type in {"html_inline", "html_block"}:
            assert "<" not in OURS.sub("", token.content), token
    for row in re.split(r"<table>", parser.render(text))[1:]:
        widths = {len(re.findall(r"<t[hd]", line)) for line in row.partition("</table>")[0].split("<tr>")[1:]}
        assert len(widths) == 1
    return parser.render(text)


def outside_of_code(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_code_and_nothing_else(text):
    """No link, image, mention, heading, list, table or HTML comes of them, and no cell is added."""
    page = rendered(results_markdown(hostile(text)))
    assert LINKED.search(outside_of_code(page)) is None
    assert page.count("<code>") == page.count("</code>")


@given(st.text(alphabet=st.sampled_from("`|<>[]()!*_~#@:/\\&;$-+. \nwax1"), max_size=40))
def test_any_mix_of_marks_is_text(text):
    """Random strings of everything that Markdown knows cannot leave their place."""
    page = rendered(
        results_markdown(Report(results=[failed(reason=text)], info=info(title=text, notes=(text,))))
    )
    assert LINKED.search(outside_of_code(page)) is None


@pytest.mark.parametrize("limit", [65_536, 5_000, 1_200])
def test_it_keeps_within_the_bound(limit):
    """Ten thousand failing cases of a talkative agent fit, every section is there, the rest is counted."""
    whole = report(600)
    loud = [failed(f"{'|' * 200}{n}", reason="|@`" * 500) for n in range(3_000)]
    results = [*whole.results, *loud, needs_recording("n"), broken("b")]
    text = results_markdown(replace(whole, results=results), limit=limit)
    assert len(text) <= limit
    page = rendered(text)
    assert page.count("<details>") == page.count("</details>")
    if limit == 65_536:
        assert "more, in the whole report" in text
        for title in ("Regressions", "Worse tags and segments", "Needs a recording", "Within noise"):
            assert title in text


def test_regressions_come_first_then_worse_segments_and_noise_is_folded():
    """A reviewer sees what got worse before anything else."""
    text = results_markdown(report())
    places = [
        text.index(title) for title in ("#### Regressions", "#### Worse tags", "Improvements", "Within noise")
    ]
    assert places == sorted(places)
    assert "<details><summary>Improvements" in text
    assert "<details><summary>Within noise" in text
    assert text.index("first diverging step") < places[1]
    assert "2 regressions, 1 worse segment" in text


def test_a_segment_is_worse_beyond_noise_only_where_its_test_shows_it():
    """One whose p-value is 0.5 is worse as it stands, and the table says so."""
    whole = report()
    both = replace(whole.comparison, parts=(*whole.comparison.parts, as_it_stands()))
    rows = html.unescape(results_markdown(replace(whole, comparison=both))).splitlines()
    (proven,) = (row for row in rows if "<code>language:fr</code>" in row and "-28.1" in row)
    (standing,) = (row for row in rows if "<code>tag:new</code>" in row)
    assert "beyond noise" in proven
    assert "as it stands" in standing


def test_a_regression_is_told_once():
    """A case in the table of regressions is in no other."""
    whole = report()
    text = results_markdown(whole)
    for change in whole.comparison.regressions:
        assert text.count(f"<code>{change.suite}/{change.case}</code>") == 1


def test_a_missing_recording_shows_the_command():
    """Whoever reads the comment can paste it."""
    page = rendered(results_markdown(Report(results=[needs_recording("a")])))
    assert "<code>agentops-eval eval run scenarios/refunds.yaml --case a --record</code>" in html.unescape(
        page
    )
    assert "1 of 1 case without a recording" in page


@given(TRIALS)
def test_every_case_that_did_not_pass_is_named(results):
    """Nothing that needs a person is left out of a short report."""
    page = rendered(results_markdown(Report(results=results)))
    for result in results:
        if not result.passed:
            assert f"refunds/{result.case}" in page


def test_figures_have_their_interval_and_the_independent_count():
    """The rate is never told without what stands behind it."""
    text = results_markdown(Report(results=suite(40), info=info()))
    assert "pass rate **83.3 % [74.6, 89.4]** · 96 independent trials of 120 · pass^3 0.744" in text


def test_nothing_ran_and_nothing_changed_are_said():
    """An empty report and an empty comparison are sentences, too."""
    assert "nothing ran" in results_markdown(Report())
    text = results_markdown(Report(comparison=Comparison(baseline="a", candidate="b")))
    assert "0 regressions" in text
    assert "nothing ran" not in text


def test_all_passed_is_one_line_and_no_table():
    """Good news is short."""
    text = results_markdown(Report(results=[passed("a"), passed("b")]))
    assert "all 2 cases passed" in text
    assert "|" not in text
