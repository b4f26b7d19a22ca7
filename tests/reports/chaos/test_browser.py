"""The page of a game day in a real browser, from disk: fit for a phone, silent, deaf to texts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import gameday_html
from tests.reports._results import HOSTILE
from tests.reports.chaos._days import day
from tests.reports.test_browser import CONTRASTS

TEXTS = """
return [...document.querySelectorAll('.day text')].filter(one => getComputedStyle(one).display != 'none').map(
  one => { const at = one.getBoundingClientRect();
           const size = parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a;
           return [one.textContent, at.left, at.right, size + 'px']; })
"""

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_eval.domain import GamedayReport
    from tests.reports._browser import Browser


def written(folder: Path, report: GamedayReport) -> Path:
    """The page on disk."""
    path = folder / "gameday.html"
    path.write_text(gameday_html(report), encoding="utf-8")
    return path


def opened(browser: Browser) -> None:
    """Every fold open."""
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")


def test_it_opens_from_disk_without_asking_for_anything_else(browser: Browser, tmp_path: Path) -> None:
    """What came of the day stands first, the console is silent, and no request leaves the file."""
    browser.troubles()
    browser.requests()
    browser.open(written(tmp_path, day()))
    assert "1 finding" in browser.texts("h1")[0]
    assert browser.run("return performance.getEntriesByName('ready').length") == 1
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_scrolls_sideways(browser: Browser, tmp_path: Path, width: int) -> None:
    """With names that are one long word, too."""
    for text in ("the cache goes away", "x" * 3_000):
        browser.open(written(tmp_path, day(text)), width=width)
        opened(browser)
        assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_the_line_of_the_day_is_read_at_any_width(browser: Browser, tmp_path: Path, width: int) -> None:
    """Its times and names are as large on a phone as elsewhere, none is cut off or over another."""
    browser.open(written(tmp_path, day("a name that is rather longer than most names are")), width=width)
    found = browser.run(TEXTS)
    assert {size for *_, size in found} == {"12px"}
    assert all(left >= 0 and right <= width for _, left, right, _ in found)
    ticks = sorted((left, right) for text, left, right, _ in found if text.startswith("0:"))
    assert len(ticks) == (3 if width < 480 else 5)
    assert all(one[1] < other[0] for one, other in pairwise(ticks))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_all_text_stands_out_from_what_is_behind_it(
    browser: Browser, tmp_path: Path, width: int, *, dark: bool
) -> None:
    """At least 4.5 to 1 (WCAG AA), every fold open."""
    browser.open(written(tmp_path, day()), dark=dark, width=width)
    opened(browser)
    found = browser.run(CONTRASTS)
    assert len(found) > 30
    assert [one for one in found if one[0] < 4.5] == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_anybody_wrote_does_nothing(browser: Browser, tmp_path: Path, text: str) -> None:
    """In every place that takes a text: nothing runs, loads, navigates or appears."""
    browser.troubles()
    browser.requests()
    path = written(tmp_path, day(text))
    browser.open(path)
    opened(browser)
    assert browser.run("return typeof window.pwned") == "undefined"
    assert browser.run("return document.scripts.length") == 1
    foreign = "return document.querySelectorAll('img, iframe, base, link, form, object, svg [onload]').length"
    assert browser.run(foreign) == 0
    assert browser.run("return location.pathname") == path.as_posix()
    assert browser.troubles() == []
    assert browser.requests() == {"file"}
