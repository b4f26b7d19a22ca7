"""The page as text: whole, self-contained, and made of nothing but its own markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Comparison
from agentops_eval.reports import CaseDiff, DiffRow, PromptDiff, Report, RowKind, results_html
from agentops_eval.reports._page_data import LEAST_TEXT, MOST_TEXT, split_row
from tests.reports._results import (
    HOSTILE,
    as_it_stands,
    failed,
    hostile,
    info,
    needs_recording,
    passed,
    report,
    suite,
)
from tests.reports.test_cases import TRIALS

HARMLESS = "a plain text"
LOADS = {"src", "srcset", "srcdoc", "action", "formaction", "data", "poster", "background", "style", "ping"}


class Page(HTMLParser):
    """What a page is made of: its elements, what its attributes are called, its texts and its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.policy, self.data, self.inner = "", "", list[str]()
        self._said: list[str] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        given_attributes = dict(attrs)
        self.tags[tag] += 1
        self.attributes |= set(given_attributes)
        self._open = tag if tag != "script" or given_attributes.get("type") is None else "data"
        if given_attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = given_attributes["content"]
        if "href" in given_attributes:
            self.links.append(given_attributes["href"])

    def handle_endtag(self, tag) -> None:
        self._open = ""

    def handle_data(self, text) -> None:
        if self._open == "data":
            self.data += text
        elif self._open in {"script", "style"}:
            self.inner.append(text)
        else:
            self._said.append(text)

    @property
    def said(self) -> str:
        """All that it says, in its order."""
        return "".join(self._said)


def words_of(page: str) -> str:
    """What a reader sees: the texts of all elements, with a space between any two."""
    without = re.sub(r"<(style|script)>.*?</\1>|<wbr>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", without)).split())


def page_of(given_report: Report) -> Page:
    return Page(results_html(given_report))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_add_no_element_and_no_attribute(text):
    """The page has exactly the elements that a harmless text gives it, in every place that takes a text."""
    page, plain = page_of(hostile(text)), page_of(hostile(HARMLESS))
    del page.tags["wbr"]  # ours: where a long name may go on in the next line
    assert page.tags - plain.tags == Counter()
    assert plain.tags - page.tags <= Counter({"option": 2, "del": 9, "ins": 9})
    assert page.attributes == plain.attributes
    assert page.inner == plain.inner
    assert page.attributes & LOADS == set()
    assert not {name for name in page.attributes if name.startswith("on")}
    assert all(re.fullmatch(r"#(?:cases|case-\d+)", link) for link in page.links)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_data_is_json_that_no_script_element_ends_in(text):
    """It can be read, holds the texts, and no character of it means anything to HTML."""
    page = page_of(hostile(text))
    assert not set("<>&\u2028\u2029") & set(page.data)
    document = json.loads(page.data)
    assert len(document["cases"]) == 2
    assert document["cases"][0]["t"][0]["o"]


@given(st.text(max_size=60))
def test_any_text_is_text(text):
    """Whatever an agent says, the elements are the same, and the page can be written as UTF-8."""
    told = Report(results=[failed(reason=text, output=text)], info=info(title=text, notes=(text,)))
    written = results_html(told)
    written.encode("utf-8")
    assert Page(written).inner == page_of(Report()).inner


def test_the_policy_admits_the_own_script_and_style_only():
    """Nothing is loaded, and what runs is known by its hash."""
    page = page_of(report())
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in page.inner)
    assert page.policy == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.tags["script"] == 2
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)


@given(TRIALS)
def test_every_case_is_in_the_data(results):
    """With its verdict, and how many of its trials passed."""
    document = json.loads(page_of(Report(results=results)).data)
    told = {one["n"]: (document["statuses"][one["s"]], one["p"]) for one in document["cases"]}
    assert set(told) == {f"refunds/{one.case}" for one in results}
    for name, (status, count) in told.items():
        trials = [one for one in results if f"refunds/{one.case}" == name]
        assert count == sum(bool(one.passed) for one in trials)
        assert (status == "passed") == (count == len(trials))


def test_without_scripts_it_shows_what_failed_first():
    """The headline, figures with intervals, regressions and the first hundred cases are in the page."""
    page = page_of(report(150))
    for text in ("83.3 %", "[74.6, 89.4]", "96 independent", "pass^3", "first diverging step"):
        assert text in page.said
    results = [*(passed(f"p{n}") for n in range(150)), failed("bad"), needs_recording("new")]
    said = page_of(Report(results=results)).said
    assert "refunds/bad" in said
    assert "refunds/new" in said
    assert "no recording covers this version" in said
    assert said.count("refunds/p") == 98
    assert "1 of 152 cases failed, 1 without a recording" in said


def test_charts_tell_their_figures_in_words():
    """Each line of a chart has a title and a description, and worse is a word beside a sign."""
    written = results_html(report())
    assert written.count("<title>") - 1 == written.count("<desc>") == written.count('role="img"') - 1 > 8
    assert "<title>language:fr: -15.6 pp [-28.1, -3.1]</title>" in written
    assert "\u25bc worse" in written


def test_worse_segments_are_named_although_the_mean_may_be_better():
    """They stand above the regressions."""
    said = page_of(report()).said
    assert said.index("worse beyond noise:") < said.index("Regressions")
    assert "language:fr (24/32, was 29/32)" in said


def test_segments_that_are_worse_only_as_they_stand_are_named_apart():
    """Their p-value is above alpha: nobody is told that it is beyond noise."""
    whole = report()
    both = replace(whole.comparison, parts=(*whole.comparison.parts, as_it_stands()))
    said = page_of(replace(whole, comparison=both)).said
    assert "worse as it stands: tag:new (16/32, was 32/32)" in " ".join(said.split())
    assert said.count("tag:new (16/32") == 1
    strict = replace(both, alpha=0.01)
    assert "beyond noise" not in page_of(replace(whole, comparison=strict)).said


def test_what_was_asked_is_in_the_data_of_each_case():
    """Turns as texts, other JSON spelled; of a talk without end the first turns, and how many more."""
    asked = ("Where is it?", {"order": 7}, *(f"turn {n}" for n in range(60)))
    document = json.loads(page_of(Report(results=[passed("a", title="Late", asked=asked), passed("b")])).data)
    talk, silent = sorted(document["cases"], key=lambda one: one["n"])
    assert (talk["h"], talk["u"][:2]) == ("Late", ["Where is it?", '{\n "order": 7\n}'])
    assert (len(talk["u"]), talk["u"][-1]) == (51, "and 12 more turns")
    assert not {"h", "u"} & silent.keys()


def test_a_title_is_shown_without_scripts_too():
    """It stands beside the name."""
    assert "Somebody asks about late parcels" in page_of(report()).said


@pytest.mark.parametrize(
    ("left", "right", "split"),
    [
        ("a b c", "a x c", ["a ", "b", "x", " c"]),
        ("same", "same", ["same", "", "", ""]),
        ("", "new", ["", "", "new", ""]),
        ("amount=59.90)", "amount=5990)", ["amount=", "59.90", "5990", ")"]),
        ("refund", "refunded", ["", "refund", "refunded", ""]),
        ("aaa", "aa", ["", "aaa", "aa", ""]),
    ],
    ids=["middle", "equal", "nothing-before", "number", "word", "overlap"],
)
def test_rows_are_split_at_words(left, right, split):
    """What differs is whole words, and both sides can be put together again."""
    kind, first, *parts = split_row(DiffRow(kind=RowKind.CHANGED, left=left, right=right))
    assert (kind, first, parts) == ("changed", 0, split)


@given(st.text(max_size=30), st.text(max_size=30))
def test_split_rows_lose_nothing(left, right):
    """Start, difference and end are the text again, with what cannot be seen spelled out."""
    _, _, start, before, after, end = split_row(DiffRow(kind=RowKind.CHANGED, left=left, right=right))
    for text, middle in ((left, before), (right, after)):
        whole = start + middle + end
        assert whole == text or not text.isprintable()


def test_texts_share_a_bounded_page():
    """Ten thousand talkative cases give each text its least share; a few give them room."""
    output = "x" * 50_000
    loud = [passed(f"c{n}", output=output) for n in range(10_000)]
    written = results_html(Report(results=loud))
    assert len(written) < 10_000 * (3 * LEAST_TEXT + 300)
    few = json.loads(page_of(Report(results=loud[:3])).data)
    assert [len(one["t"][0]["o"]) for one in few["cases"]] == [MOST_TEXT] * 3


def test_ten_thousand_cases_make_a_page_of_a_few_megabytes():
    """A plausible suite with five verdicts a case stays below ten megabytes."""
    results = suite(10_000, trials=1, verdicts=5)
    assert len(results_html(Report(results=results, info=info())).encode()) < 10_000_000


def test_long_diffs_are_counted():
    """Rows beyond the bound are a number, in traces and in prompts."""
    rows = tuple(DiffRow(kind=RowKind.SAME, left=str(n), right=str(n)) for n in range(1_500))
    diff, prompt = (
        CaseDiff(suite="refunds", case="c", rows=rows),
        PromptDiff(name="desk", baseline="1", candidate="2", rows=rows),
    )
    page = page_of(Report(results=[failed()], diffs=(diff,), prompts=(prompt,)))
    told = json.loads(page.data)["cases"][0]["d"]
    assert (len(told[2]), told[3]) == (400, 1_100)
    assert "500 more rows are not shown" in page.said


def test_an_empty_report_is_a_page_too():
    """Nothing ran is said, and nothing is called passed."""
    page = page_of(Report())
    assert "Nothing ran" in page.said
    empty = replace(report(), results=(), comparison=Comparison(baseline="a", candidate="b"))
    assert "Nothing ran" in page_of(empty).said
