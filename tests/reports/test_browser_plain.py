"""The page at its largest, without its script, and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.reports import Report, cases_of, worst_first
from tests.reports._pages import worst_names, written
from tests.reports._results import info, suite

if TYPE_CHECKING:
    from tests.reports._browser import Browser


def test_ten_thousand_cases_are_shown_a_hundred_at_a_time(browser: Browser, tmp_path: Path) -> None:
    """The rest is pages away; searching and sorting still see all of them."""
    results = suite(10_000, trials=1, verdicts=5)
    page = written(tmp_path, Report(results=results, info=info()))
    browser.open(page)
    assert len(browser.names()) == 100
    assert browser.run("return document.getElementById('page').textContent") == "page 1 of 100"
    assert browser.run("return document.getElementById('before').disabled") is True
    browser.click("#after")
    assert browser.names() == [case.name for case in worst_first(cases_of(results))[100:200]]
    browser.choose("tag", "gift-card")
    count = len({one.case for one in results if "gift-card" in one.tags})
    assert browser.run("return document.getElementById('shown').textContent") == f"{count:,} of 10,000 cases"
    browser.click("#clear")
    browser.open(page, fragment="#case-9876")
    assert browser.run("return document.querySelector('button.name[aria-expanded=true]').textContent") == (
        results[9_876].suite + "/" + results[9_876].case
    )


def test_without_scripts_it_is_still_a_report(browser: Browser, page: Path) -> None:
    """Where an archive forbids scripts, the summary, the comparison and the worst cases are there."""
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(page)
        body = browser.driver.find_element("tag name", "body").text
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "13 of 40 cases failed" in body
    assert worst_names()[0] in body
    assert "own script, which did not run here" in body
    assert "Clear" not in body


def test_on_paper_the_controls_are_gone(browser: Browser, page: Path) -> None:
    """Printing leaves the cases and takes away what cannot be pressed."""
    browser.open(page, dark=True)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = "return document.querySelector('.tools').checkVisibility()"
    white = browser.run("return getComputedStyle(document.body).backgroundColor")
    try:
        assert browser.run(hidden) is False
        assert white == "rgb(255, 255, 255)"
        assert len(browser.names()) == 40
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
