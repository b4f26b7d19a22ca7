"""The page of a decision in a real browser, from disk: fit for a phone, silent, deaf to names of cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import decision_html
from tests.reports._results import HOSTILE
from tests.reports.gate._decisions import cost, decision, hostile, metric, planned, unpaid
from tests.reports.test_browser import CONTRASTS

if TYPE_CHECKING:
    from tests.reports._browser import Browser


def written(folder: Path, given) -> Path:
    path = folder / "gate.html"
    path.write_text(decision_html(given), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decision with a metric of each kind."""
    some = [metric(), cost(), unpaid(), planned(), metric(low=-0.2, high=-0.1)]
    return written(tmp_path_factory.mktemp("gate"), decision(metrics=some))


def test_it_opens_from_disk_without_asking_for_anything_else(browser: Browser, gate: Path) -> None:
    """The value stands first, the console is silent, and no request leaves the file."""
    browser.troubles()
    browser.requests()
    browser.open(gate)
    assert "Hold at shadow, 212 more pairs needed" in browser.texts("h1")[0]
    assert browser.run("return performance.getEntriesByName('ready').length") == 1
    assert browser.troubles() == []
    assert browser.requests() == {"file"}


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_scrolls_sideways(browser: Browser, gate: Path, tmp_path: Path, width) -> None:
    """Every fold open, with figures and with names that are one long word."""
    loud = written(tmp_path, hostile("x" * 3_000))
    for path in (gate, loud):
        browser.open(path, width=width)
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
        assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_all_text_stands_out_from_what_is_behind_it(browser: Browser, gate: Path, dark, width) -> None:
    """At least 4.5 to 1 (WCAG AA), every fold open."""
    browser.open(gate, dark=dark, width=width)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    found = browser.run(CONTRASTS)
    assert len(found) > 100
    assert [one for one in found if one[0] < 4.5] == []


def test_words_in_pictures_do_not_lie_over_each_other(browser: Browser, gate: Path) -> None:
    """No two texts of a picture share a place, on a phone as on a desk."""
    script = """
    const found = [];
    for (const svg of document.querySelectorAll('figure svg')) {
      const some = [...svg.querySelectorAll('text')].map((one) => [one.textContent, one.getBBox()]);
      some.forEach(([a, p], at) => some.slice(at + 1).forEach(([b, q]) => {
        const wide = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
        const high = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
        if (wide > 0 && high > 3) found.push([a, b]);
      }));
    }
    return found;
    """
    for width in (390, 1280):
        browser.open(gate, width=width)
        assert browser.run(script) == []


def test_the_keyboard_reaches_figures_and_the_switch_of_colours(browser: Browser, gate: Path) -> None:
    """The first stop leads past the head; a fold opens by Enter; the switch wins over the system."""
    from selenium.webdriver import Keys

    browser.open(gate)
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.textContent") == "to the metrics"
    browser.run("document.querySelector('figure summary').focus()")
    browser.press(Keys.ENTER)
    assert browser.run("return document.querySelector('figure details').open") is True
    back = "return getComputedStyle(document.body).backgroundColor"
    light = browser.run(back)
    browser.choose("theme", "dark")
    assert browser.run(back) != light
    browser.choose("theme", "")
    assert browser.run(back) == light


def test_screen_readers_get_a_name_for_every_picture(browser: Browser, gate: Path) -> None:
    """Title and description of a picture are there under the ids that it names."""
    script = """
    return [...document.querySelectorAll('figure svg')].map((svg) =>
      svg.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id).textContent));
    """
    browser.open(gate)
    names = browser.run(script)
    assert len(names) == 5
    assert names[0][0] == "Evidence about passed"
    assert all(name and told for name, told in names)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_anybody_wrote_does_nothing(browser: Browser, tmp_path: Path, text) -> None:
    """In every place that takes a text: nothing runs, loads, navigates or appears."""
    browser.troubles()
    browser.requests()
    path = written(tmp_path, hostile(text))
    browser.open(path)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return typeof window.pwned") == "undefined"
    assert browser.run("return document.scripts.length") == 1
    foreign = "return document.querySelectorAll('img, iframe, base, link, form, object, svg [onload]').length"
    assert browser.run(foreign) == 0
    assert browser.run("return location.pathname") == path.as_posix()
    assert browser.troubles() == []
    assert browser.requests() == {"file"}
