"""The pages of a project in a real browser, from disk: fit for a phone, silent, deaf to texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import evidence_html, finding_html, fleet_html
from tests.reports._results import HOSTILE
from tests.reports.fleet._fleets import fleet
from tests.reports.test_browser import CONTRASTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports._browser import Browser

PAGES = {
    "index": lambda text: fleet_html(fleet(text)),
    "finding": lambda text: finding_html(fleet(text).findings[0]),
    "evidence": lambda text: evidence_html(fleet(text)),
}


def opened(
    browser: Browser, folder: Path, name: str, text: str = "the cache goes away", **how: object
) -> Path:
    """A page from disk, every fold open."""
    path = folder / "page.html"
    path.write_text(PAGES[name](text), encoding="utf-8")
    browser.open(path, **how)  # type: ignore[arg-type]
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    return path


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_scrolls_sideways(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    """With names that are one long word, too."""
    for text in ("the cache goes away", "x" * 3_000):
        opened(browser, tmp_path, name, text, width=width)
        assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_stands_out(browser: Browser, tmp_path: Path, name: str, width: int, *, dark: bool) -> None:
    """At least 4.5 to 1 (WCAG AA)."""
    opened(browser, tmp_path, name, width=width, dark=dark)
    found = browser.run(CONTRASTS)
    assert len(found) > 15
    assert [one for one in found if one[0] < 4.5] == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_agents_wrote_does_nothing(browser: Browser, tmp_path: Path, text: str) -> None:
    """In every place that takes a text: nothing runs, loads, navigates or appears."""
    for name in PAGES:
        browser.troubles()
        browser.requests()
        path = opened(browser, tmp_path, name, text)
        assert browser.run("return typeof window.pwned") == "undefined"
        assert browser.run("return document.scripts.length") == 1
        foreign = "return document.querySelectorAll('img, iframe, base, link, form, object, svg').length"
        assert browser.run(foreign) == 0
        assert browser.run("return location.pathname") == path.as_posix()
        assert browser.troubles() == []
        assert browser.requests() == {"file"}
