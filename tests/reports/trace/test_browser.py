"""The page of a run in a real browser, from disk: fit for a phone, silent, deaf to texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_eval.domain import Verdict, VerdictValue
from agentops_eval.reports import Clock, Report, TraceStory, results_html, trace_html
from tests.reports._results import HOSTILE, failed
from tests.reports.test_browser import CONTRASTS
from tests.reports.trace._stories import many, story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports._browser import Browser

OPEN = "for (const one of document.querySelectorAll('details')) one.open = true"
OVERLAPS = """
const boxes = [...document.querySelectorAll('.lanes a rect')].map((one) => one.getBoundingClientRect());
return boxes.filter((one, at) => boxes.some((other, n) => n > at && one.left + 1 < other.right
  && other.left + 1 < one.right && one.top + 1 < other.bottom && other.top + 1 < one.bottom)).length;
"""


def opened(browser: Browser, folder: Path, told: TraceStory, **how: object) -> Path:
    """A page from disk, every fold open."""
    path = folder / "trace.html"
    path.write_text(trace_html(told), encoding="utf-8")
    browser.open(path, **how)  # type: ignore[arg-type]
    browser.run(OPEN)
    return path


def test_a_bar_leads_to_its_step_and_nothing_is_asked_for(browser: Browser, tmp_path: Path) -> None:
    """The console is silent, no request leaves the file, and a click in the drawing shows the step."""
    browser.troubles()
    browser.requests()
    opened(browser, tmp_path, story())
    assert browser.run("return performance.getEntriesByName('ready').length") == 1
    bar = "document.querySelector('.lanes a[href=\"#step-4\"]')"
    browser.run(f"{bar}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
    assert browser.run("return document.querySelector('.step:target').id") == "step-4"
    assert browser.run("return document.querySelector('.told a.to').hash") == "#step-1"
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_scrolls_sideways_and_no_bar_hides_another(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    """With names that are one long word, too, and on a phone in a run of thousands of steps."""
    for told in (story(), story("x" * 3_000), *([many(3_000)] if width == 360 else [])):
        opened(browser, tmp_path, told, width=width)
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(OVERLAPS) == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_all_text_stands_out(browser: Browser, tmp_path: Path, width: int, *, dark: bool) -> None:
    """At least 4.5 to 1 (WCAG AA), every fold open."""
    opened(browser, tmp_path, story(clock=Clock.ORDER), width=width, dark=dark)
    found = browser.run(CONTRASTS)
    assert len(found) > 100
    assert [one for one in found if one[0] < 4.5] == []


def chorus() -> TraceStory:
    """All hostile texts in one run, each wherever a text may stand in a step."""
    steps = [one for text in HOSTILE for one in story(text).steps]
    numbered = (replace(one, number=number) for number, one in enumerate(steps))
    return replace(story(HOSTILE[1]), steps=tuple(numbered))


def test_what_anybody_wrote_does_nothing(browser: Browser, tmp_path: Path) -> None:
    """In every place that takes a text: nothing runs, loads, navigates or appears."""
    browser.troubles()
    browser.requests()
    path = opened(browser, tmp_path, chorus())
    assert browser.run("return document.querySelectorAll('.step').length") > 10 * len(HOSTILE)
    assert browser.run("return typeof window.pwned") == "undefined"
    assert browser.run("return document.scripts.length") == 1
    foreign = "img, iframe, base, link, form, object, svg [onload]"
    assert browser.run("return document.querySelectorAll(arguments[0]).length", foreign) == 0
    assert browser.run("return location.pathname") == path.as_posix()
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


def test_a_verdict_leads_to_the_step_that_it_is_about(browser: Browser, tmp_path: Path) -> None:
    """From a trial's evidence in a report of results to the step on the page of its run."""
    told = story()
    (tmp_path / "run.html").write_text(trace_html(told), encoding="utf-8")
    span = told.steps[4].span_id
    late = Verdict(evaluator="answer", value=VerdictValue.FAIL, evidence=(span, "scenarios/a.yaml:3"))
    row = replace(failed("a"), verdicts=(late,), trace_file="a.json")
    path = tmp_path / "results.html"
    path.write_text(results_html(Report(results=[row]), told={"a.json": "run.html"}), encoding="utf-8")
    browser.open(path)
    browser.click("#rows button.name")
    links = browser.run(
        "return [...document.querySelectorAll('.inside a')].map((one) => one.getAttribute('href'))"
    )
    assert links == [f"run.html#span-{span}", "run.html"]
    browser.click(".inside .evidence a")
    assert browser.run("return document.querySelector('.step:has(:target)').id") == "step-4"
