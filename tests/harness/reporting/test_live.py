"""The served page in a real browser: it follows what happens, keeps the focus, runs nothing of agents."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.reporting._kit import FAIL, fact, keep, results, whole
from tests.harness.reporting.test_serve import serving
from tests.reports._browser import Browser, started
from tests.reports._results import HOSTILE, suite


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium with a fresh profile."""
    yield from started(tmp_path_factory.mktemp("profile"))


def until(holds: Callable[[], bool]) -> None:
    """Wait for the page to look again, which it does every two seconds."""
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("the page did not follow")


def shown(browser: Browser) -> str:
    """What the page says."""
    return str(browser.run("return document.querySelector('main').innerText"))


def test_it_follows_and_the_focus_and_the_folds_stay(browser: Browser, tmp_path: Path) -> None:
    """A suite goes on and a finding opens while somebody reads: no reload, no fold shut, no focus lost."""
    whole(tmp_path, at=None)
    with serving(tmp_path) as server:
        browser.driver.get(server.url)
        browser.run("window.here = 1; document.querySelector('details').open = true")
        browser.run("document.querySelector('.findings a').focus(); window.at = document.activeElement")
        results(tmp_path, suite(2, trials=2), planned=10, name="more.jsonl")
        keep(tmp_path, fact(verdict=FAIL, subject="saga", agent="newcomer"), at=None)
        until(lambda: "4 of 10 planned trials" in shown(browser) and "newcomer" in shown(browser))
        assert browser.run("return window.here") == 1
        assert browser.run("return document.activeElement === window.at && window.at.isConnected") is True
        assert browser.run("return document.querySelector('details').open") is True
        assert browser.texts("#live")[0].startswith("live, changed at")
    until(lambda: browser.texts("#live")[0].startswith("no answer"))
    browser.troubles()


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 10))
def test_what_agents_wrote_runs_neither_at_first_nor_later(
    browser: Browser, tmp_path: Path, start: int
) -> None:
    """Stored in evidence, results, journals, decisions and traces, and again while the page is open."""
    texts = [text[:5_000] for text in HOSTILE[start : start + 10]]  # an item has its limit
    whole(tmp_path, texts[0], at=None)
    with serving(tmp_path) as server:
        browser.troubles()
        browser.driver.get(server.url)
        for number, text in enumerate(texts[1:]):
            subject = f"{number} {text}"
            keep(tmp_path, fact(agent=text, subject=subject, says=text, verdict=FAIL, harms=(text,)), at=None)
        until(lambda: len(browser.texts(".findings tbody tr")) >= len(texts) - 1)
        assert browser.run("return typeof window.pwned") == "undefined"
        assert browser.run("return document.scripts.length") == 1
        foreign = "return document.querySelectorAll('img, iframe, base, link, form, object, svg').length"
        assert browser.run(foreign) == 0
        assert browser.driver.current_url == server.url
        for page in server._now().pages:
            if page.endswith(".html"):
                browser.driver.get(f"{server.url}{page}")
                assert browser.run("return typeof window.pwned") == "undefined"
        assert [one for one in browser.troubles() if "favicon" not in one] == []
