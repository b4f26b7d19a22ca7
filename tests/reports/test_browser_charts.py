"""Pages with pictures in a real browser: readable anywhere, silent, deaf to what anybody wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.reports import (
    FindingView,
    calibration_html,
    decision_html,
    exploration_html,
    exploration_view,
    finding_html,
    findings_of,
    gameday_html,
)
from tests.reports._results import HOSTILE
from tests.reports.calibration._calibrations import calibration
from tests.reports.chaos._days import day_of_agents
from tests.reports.chaos._impacts import TEXT, exploration
from tests.reports.fleet._fleets import item
from tests.reports.gate._decisions import decision, metric, planned, unpaid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.reports._browser import Browser


def explored(text: str, **changes: Any) -> str:
    """The page of an exploration."""
    found = exploration_view(exploration(text, **changes))
    assert found is not None
    return exploration_html(found)


def finding(text: str) -> str:
    """The page of a finding."""
    impacts = tuple(findings_of(exploration(text)["findings"]))
    return finding_html(FindingView(item=item(text), page="f.html", details=(text,), impacts=impacts))


PAGES: dict[str, Callable[[str], str]] = {
    "exploration": explored,
    "finding": finding,
    "calibration": lambda text: calibration_html(calibration(text), title=text, note=text),
    "gate": lambda text: decision_html(decision(metrics=[metric(text), unpaid(), planned()])),
    "game day": lambda text: gameday_html(day_of_agents(text)),
}
HOSTILES: dict[str, Callable[[], str]] = {
    "exploration": lambda: explored(
        "x", findings=[one for text in HOSTILE for one in exploration(text)["findings"]], notes=HOSTILE
    ),
    "calibration": lambda: calibration_html(
        replace(
            calibration(), thresholds=tuple(one for text in HOSTILE for one in calibration(text).thresholds)
        )
    ),
    "gate": lambda: decision_html(decision(metrics=[metric(text) for text in HOSTILE])),
}
"""What all of the pages are made of: findings and days show impacts as explorations do."""

WORDS = """
return [...document.querySelectorAll('figure > svg text')].filter(one => one.checkVisibility()).map(one => {
  const at = one.getBoundingClientRect(), frame = one.ownerSVGElement.getBoundingClientRect();
  const size = parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a;
  return [one.textContent, size, at.left - frame.left, frame.right - at.right, at.top - frame.top];
})
"""


def opened(browser: Browser, folder: Path, html: str, **how: Any) -> Path:
    """The page on disk, with every fold open."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    browser.open(path, **how)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    return path


@pytest.mark.parametrize("name", PAGES)
def test_pictures_are_read_at_any_width(browser: Browser, tmp_path: Path, name: str) -> None:
    """On a phone nothing scrolls sideways; no word of a picture is small or cut off, however long."""
    for text, width in ((TEXT, 360), ("W" * 3_000, 390)):
        opened(browser, tmp_path, PAGES[name](text), width=width)
        assert browser.run("return document.documentElement.scrollWidth") <= width
        words = browser.run(WORDS)
        assert words
        assert [one for one in words if one[1] < 8.5] == []
        assert [one for one in words if min(one[2:]) < -1] == []


@pytest.mark.parametrize("name", HOSTILES)
def test_what_anybody_wrote_does_nothing(browser: Browser, tmp_path: Path, name: str) -> None:
    """All hostile texts in all places of one page: nothing runs, loads or appears, or asks the network."""
    browser.troubles()
    browser.requests()
    path = opened(browser, tmp_path, HOSTILES[name]())
    assert browser.run("return [typeof window.pwned, document.scripts.length]") == ["undefined", 1]
    foreign = "img, iframe, base, link, form, object, svg [onload]"
    assert browser.run("return document.querySelectorAll(arguments[0]).length", foreign) == 0
    assert browser.run("return location.pathname") == path.as_posix()
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


def test_links_to_findings_lead_to_their_pictures(browser: Browser, tmp_path: Path) -> None:
    """Each row of the table of an exploration has its picture on the page, with a name and a description."""
    opened(browser, tmp_path, explored(TEXT))
    script = """
    return [...document.querySelectorAll('.findings a')].map(one => {
      const there = document.querySelector(one.getAttribute('href'));
      const picture = there.querySelector('figure > svg');
      const ids = picture.getAttribute('aria-labelledby').split(' ');
      return ids.every(id => document.getElementById(id).textContent);
    })
    """
    assert browser.run(script) == [True]
