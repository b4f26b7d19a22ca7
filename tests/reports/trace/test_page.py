"""The page of a run as text: a story in plain sentences, bounded, and deaf to what anybody wrote."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from agentops_eval.reports import Clock, Question, StepKind, TraceStory, Wish, trace_html, trace_markdown
from agentops_eval.reports.trace._line import MOST_ROWS, drawn
from agentops_eval.reports.trace._values import dollars, in_words, lasted
from tests.reports._results import HOSTILE
from tests.reports.test_page import LOADS, Page
from tests.reports.trace._stories import PLAIN, many, step, story


def said(told: TraceStory) -> str:
    """The words of the page."""
    return " ".join(Page(trace_html(told).replace("</dt>", "</dt> ")).said.split())


def one(*steps: object, clock: Clock = Clock.REAL) -> TraceStory:
    """A run of these steps, below the one that is the run itself."""
    run = step(0, StepKind.AGENT, depth=0, name="desk")
    return TraceStory(title="desk", source="x", trace_id="ab", steps=(run, *steps), clock=clock)  # type: ignore[arg-type]


def test_it_tells_who_decided_saw_did_allowed_and_what_it_cost() -> None:
    """Each question that a reader has is answered in a sentence, and leads to the step that shows it."""
    asked = Question(action="pay", status="approved", step=2, waited_ms=3_000.0)
    wish = step(1, StepKind.LLM, wishes=(Wish(tool="pay", arguments={"order": 7}),), input_tokens=5)
    person = step(2, StepKind.HUMAN, name="pay", asked=asked)
    paid = step(3, StepKind.TOOL, name="pay", given={"order": 7}, came_back="ok", acts=True, asked=asked)
    end = step(4, StepKind.LLM, said="It is paid.")
    text = said(one(wish, person, paid, end))
    assert "desk asked its llm twice, used tools once and asked a person once." in text
    assert "It changed something once, with a person's permission. Nothing failed." in text
    assert "desk decided to use pay, with order: 7." in text
    assert "The person allowed it after 3 s." in text
    assert "desk changed something with pay: order: 7." in text
    assert "allowed by a person, after 3 s step 2" in text
    assert "tokens: 5 read · cost unknown" in text
    assert "answered It is paid. step 4" in text


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("rejected", "a person was asked and said no; it was done all the same"),
        ("timeout", "a person was asked and did not answer in time; it was done all the same"),
        (None, "nobody: no person was asked about it in this run"),
        ("mail: rejected", "nobody: the question before it was about mail; the person said no"),
    ],
)
def test_what_nobody_allowed_is_said_plainly(status: str | None, told: str) -> None:
    """An action against a no, or without a question about it, is told as such in the step and at the top."""
    about, _, word = (status or "").rpartition(": ")
    asked = None if status is None else Question(action=about or "pay", status=word)
    text = said(one(step(1, StepKind.TOOL, name="pay", acts=True, effect="write", asked=asked)))
    assert text.count(told) == 2


def test_what_is_not_told_is_not_made_up() -> None:
    """Unknown money is unknown, tools without an effect are not called look-ups, no clock is no duration."""
    steps = step(1, StepKind.LLM), step(2, StepKind.TOOL, name="look"), step(3, StepKind.HUMAN, name="x")
    text = said(one(*steps, clock=Clock.ORDER))
    assert "Whether its tools changed anything is not told." in text
    assert "the trace does not tell what came back" in text
    assert "took not told" in text
    assert "cost unknown" in text
    assert "What was answered is not told." in text
    assert "desk used look." in text
    assert "$0" not in text


def test_lanes_hold_everybody_and_no_bar_hides_another() -> None:
    """A lane for each agent and one for people; bars of a row never overlap; the others are counted."""
    told = story()
    found = drawn(told.steps, told.clock, of=len(told.steps))
    assert [lane.name for lane in found.lanes] == [PLAIN, "desk", "billing", "people who were asked"]
    assert [bar.number for bar in found.bars] == [1, 2, 3, 5, 9, 10, 7, 8, 4]
    assert found.more == 1  # the last one tells no time
    large = many(3_000)
    found = drawn(large.steps, large.clock, of=len(large.steps))
    assert found.more == 3_000 - len(found.bars) > 0
    rows: dict[float, list[tuple[float, float]]] = {}
    for bar in found.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 100.01
        rows.setdefault(bar.y, []).append((bar.x, bar.x + bar.width))
    assert len(rows) <= 2 * MOST_ROWS
    for row in rows.values():
        assert all(before[1] < after[0] for before, after in pairwise(sorted(row)))


def test_only_wrappers_are_left_out() -> None:
    """A step that tells nothing itself is counted and not shown; those below it move up."""
    told = one(step(1, StepKind.STEP, name="node"), step(2, StepKind.LLM, depth=2, said="yes"))
    html = trace_html(told)
    assert "1 step that only holds others is not shown" in Page(html).said
    assert 'class="step llm d0" id="step-2"' in html
    failed = one(step(1, StepKind.STEP, name="node", error="ValueError"))
    assert "ValueError" in Page(trace_html(failed)).said


def test_a_very_long_run_stays_readable_and_says_what_is_missing() -> None:
    """Of 5,000 steps with large details everything grave is there, and every gap is counted."""
    told = many(5_000)
    html = trace_html(told)
    assert len(html) < 3_000_000
    shown = {int(number) for number in re.findall(r'id="step-(\d+)"', html)}
    grave = {row.number for row in told.steps if row.acts or row.error or row.kind is StepKind.HUMAN}
    assert grave <= shown
    assert {0, 1, 5_000} <= shown
    gaps = re.findall(r'class="gap">([\d,]+) steps? left out', html)
    assert len(shown) + sum(int(gap.replace(",", "")) for gap in gaps) == 5_001
    links = {int(number) for number in re.findall(r'href="#step-(\d+)"', html)}
    assert links <= shown
    assert len(trace_markdown(told)) <= 65_536
    assert "more, in the whole report" in trace_markdown(told)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_anybody_wrote_is_text(text: str) -> None:
    """Hostile names, arguments, answers and errors add no element and no attribute."""
    page, plain = Page(trace_html(story(text))), Page(trace_html(story()))
    for found in (page, plain):
        del found.tags["wbr"]  # ours: where a long name may go on in the next line
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert page.attributes & LOADS == set()
    assert trace_html(story(text)).count("<script") == 1
    told = trace_markdown(story(text))
    allowed = r"</?(?:code|details|summary)>|<br>"
    assert re.findall(r"<[a-z/!][^>]*>", re.sub(allowed, "", told), re.IGNORECASE) == []
    assert "](" not in told


@pytest.mark.parametrize(
    "text", ["", "x" * 2_000_000, "\ud800", "\x00\x1b[2J", "\u202eevil\u2066", "a\nb\r\nc"]
)
def test_odd_texts_are_kept_within_bounds(text: str) -> None:
    """Empty, enormous, unpaired and unprintable ones; the page stays small and hides nothing."""
    html = trace_html(story(text))
    assert len(html.encode()) < 500_000
    told = trace_markdown(story(text))
    assert len(told) <= 65_536
    assert not {"\x00", "\x1b", "\u202e", "\u2066"} & {*html, *told}


def test_numbers_that_are_none_do_no_harm() -> None:
    """Waits that are infinite, negative or no number are unknown."""
    for odd in (float("nan"), float("inf"), -1.0, 1e300):
        assert lasted(odd) == "?"
        asked = Question(action="pay", status="approved", waited_ms=odd, deadline_s=odd)
        assert "after ? (the limit was ?)" in said(one(step(1, StepKind.HUMAN, asked=asked, took_ms=odd)))


def test_values_read_like_words() -> None:
    """Time, money and arguments are spelt for people."""
    assert [lasted(ms) for ms in (0.2, 340, 1_240, 59_960, 125_000, 3_600_000)] == [
        "less than 1 ms",
        "340 ms",
        "1.2 s",
        "1 min",
        "2 min 5 s",
        "1 h",
    ]
    assert in_words({"order": 7, "paid": True, "lines": [1, 2]}, 100) == "order: 7, paid: yes, lines: [1, 2]"
    assert in_words([], 100) == in_words(None, 100) == "nothing"
    assert dollars(None) == "unknown"


def test_the_same_run_gives_the_same_bytes() -> None:
    """Nothing of the moment or the machine is in the page."""
    for form in (trace_html, trace_markdown):
        assert form(story()) == form(story())
