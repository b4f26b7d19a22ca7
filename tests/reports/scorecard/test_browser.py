"""The page of a scorecard in a real browser, from disk: silent, fit for phone, keyboard and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import scorecard_html
from tests.reports._results import HOSTILE
from tests.reports.scorecard._cards import agents, calm, card, history, short
from tests.reports.test_browser import CONTRASTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports._browser import Browser

OPENED = "for (const one of document.querySelectorAll('details')) one.open = true"


def written(folder: Path, text: str = "") -> Path:
    """A page with everything in it, on disk; ``text`` is wherever one may be."""
    path = folder / "scorecard.html"
    html = scorecard_html(card(text), trend=history(text), beside=agents(text, count=4))
    path.write_text(html, encoding="utf-8")
    return path


def test_it_opens_from_disk_without_asking_for_anything_else(browser: Browser, tmp_path: Path) -> None:
    """The answer stands first, the console is silent, and no request leaves the file."""
    browser.troubles()
    browser.requests()
    browser.open(written(tmp_path))
    assert "Not ready for production" in browser.texts("h1")[0]
    assert browser.run("return performance.getEntriesByName('ready').length") == 1
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_the_first_screen_answers(browser: Browser, tmp_path: Path, width: int) -> None:
    """Without scrolling: the answer, the harm with its file, the weakest dimension, and what it lacks."""
    browser.open(written(tmp_path), width=width)
    bottom = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom"
    for part in ("h1", ".harms a", ".weakest p", ".lacks li"):
        assert browser.run(bottom, part) <= 900


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
@pytest.mark.parametrize("text", ["", "x" * 3_000, "a-b " * 300], ids=["plain", "one word", "many words"])
def test_nothing_scrolls_sideways(browser: Browser, tmp_path: Path, text: str, width: int) -> None:
    """With names that are one long word, too, and every fold open."""
    browser.open(written(tmp_path, text), width=width)
    browser.run(OPENED)
    assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("given", [card, short, calm], ids=["unsafe", "short", "ready"])
def test_all_text_stands_out_from_what_is_behind_it(
    browser: Browser, tmp_path: Path, given, width: int, *, dark: bool
) -> None:
    """At least 4.5 to 1 (WCAG AA), every fold open; words in pictures stand on the page's own ground."""
    path = tmp_path / "page.html"
    path.write_text(scorecard_html(given(), trend=history(), beside=agents()), encoding="utf-8")
    browser.open(path, dark=dark, width=width)
    browser.run(OPENED)
    found = browser.run(CONTRASTS)
    assert len(found) > 100
    assert [one for one in found if one[0] < 4.5] == []
    fills = "return [...document.querySelectorAll('svg text')].map((one) => getComputedStyle(one).fill)"
    soft = "return getComputedStyle(document.querySelector('.note')).color"
    assert set(browser.run(fills)) == {browser.run(soft)}


def test_labels_of_the_radar_are_inside_it_and_apart(browser: Browser, tmp_path: Path) -> None:
    """No label leaves the picture, none lies over another, and a phone shows them at least 10 pixels high."""
    script = """
    const svg = document.querySelector('.radar svg').getBoundingClientRect();
    const boxes = [...document.querySelectorAll('.radar text')].map((one) => one.getBoundingClientRect());
    const out = boxes.filter((b) => b.left < svg.left || b.right > svg.right
      || b.top < svg.top || b.bottom > svg.bottom);
    const over = boxes.some((b, n) => boxes.some((c, m) => n < m && b.left < c.right && c.left < b.right
      && b.top < c.bottom && c.top < b.bottom));
    return [out.length, over, Math.min(...boxes.map((b) => b.height))];
    """
    for width in (360, 1280):
        browser.open(written(tmp_path), width=width)
        out, over, height = browser.run(script)
        assert (out, over) == (0, False)
        assert height >= 10


def test_a_link_opens_the_fold_that_its_criterion_is_in(browser: Browser, tmp_path: Path) -> None:
    """By keyboard: from what blocks a dimension to the criterion and its evidence."""
    from selenium.webdriver import Keys

    browser.open(written(tmp_path))
    assert browser.run("return document.querySelector('#d-7').open") is False
    browser.run("document.querySelector('.overall tr:last-child td:last-child a').focus()")
    browser.press(Keys.ENTER)
    assert browser.run("return document.querySelector('#d-7').open") is True
    shown = "return document.querySelector(':target').checkVisibility()"
    assert browser.run(shown) is True


def test_tab_reaches_everything_in_reading_order(browser: Browser, tmp_path: Path) -> None:
    """The skip link first, then the switch, then links from above to below; each is seen."""
    from selenium.webdriver import Keys

    browser.open(written(tmp_path))
    tops = []
    for _ in range(40):
        browser.press(Keys.TAB)
        assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") != "none"
        tops.append(
            browser.run("return document.activeElement.getBoundingClientRect().top + scrollY")
            if len(tops) > 1
            else 0
        )
    assert browser.texts("a")[0] == "to the dimensions"
    assert tops == sorted(tops)


def test_print_shows_what_is_folded_away(browser: Browser, tmp_path: Path) -> None:
    """On paper nobody can unfold: every criterion is there, the switch of colours is not."""
    browser.open(written(tmp_path))
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        rows = "return [...document.querySelectorAll('.criteria .row')].map((one) => one.checkVisibility())"
        assert set(browser.run(rows)) == {True}
        assert browser.run("return document.querySelector('.theme').checkVisibility()") is False
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_anybody_wrote_does_nothing(browser: Browser, tmp_path: Path, text: str) -> None:
    """In every place that takes a text: nothing runs, loads, navigates or appears."""
    browser.troubles()
    browser.requests()
    path = written(tmp_path, text)
    browser.open(path)
    browser.run(OPENED)
    assert browser.run("return typeof window.pwned") == "undefined"
    assert browser.run("return document.scripts.length") == 1
    foreign = "return document.querySelectorAll('img, iframe, base, link, form, object, svg [onload]').length"
    assert browser.run(foreign) == 0
    schemes = "return [...new Set([...document.links].map((one) => one.protocol))].join()"
    assert browser.run(schemes) == "file:"
    inside = "return [...document.links].every((one) => one.href.startsWith(arguments[0]))"
    assert browser.run(inside, path.parent.as_uri())
    assert browser.run("return location.pathname") == path.as_posix()
    assert browser.troubles() == []
    assert browser.requests() == {"file"}
