"""Runbooks and reviews in a real browser, from disk: silent, fit for a phone, read by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.domain import AgentMonth, FailureReach, FailureSeen, LlmUse, RunbookFacts, ShownBy, Spent
from agentops_eval.operations import ReviewFacts, review_month, review_sheet, runbooks_of
from agentops_eval.reports import sheets_html
from tests.reports import _axe
from tests.reports._results import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports._browser import Browser

LONG = "a_name_that_is_one_long_word_" * 12


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Runbooks with hostile texts in them, and a review with a name that is too long."""
    folder = tmp_path_factory.mktemp("sheets")
    seen = [
        FailureSeen(
            agent=text, by=ShownBy.CHECK, causes=("lost",), mode="failed-unsafe",
            harms=("duplicated-effect",), reasons=(text,), under=text, source=text,
            reach=FailureReach(steps=0.5, tools=(text, LONG)),
        )
        for text in HOSTILE[:8]
    ]  # fmt: skip
    spent = tuple(LlmUse(llm=text, spent=Spent(usd=1, calls=1), tokens=5) for text in (LONG, HOSTILE[0]))
    months = {"2026-10": [AgentMonth(agent=LONG, runs=3, llms=spent)]}
    review = review_sheet(review_month("2026-10", ReviewFacts(agents=months, traces=LONG)))
    sheets = {"runbooks": [one.sheet for one in runbooks_of(seen, RunbookFacts())], "review": [review]}
    paths = []
    for name, some in sheets.items():
        paths.append(folder / f"{name}.html")
        text = sheets_html(some, title=name, headline=f"{len(some)} shown", tone="bad")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def test_pages_are_silent_and_ask_for_nothing(browser: Browser, pages: list[Path]) -> None:
    """No error, no request beyond the file, nothing that a text brought along has run."""
    for page in pages:
        browser.troubles()
        browser.requests()
        browser.open(page)
        assert "shown" in browser.texts("h1")[0]
        assert browser.troubles() == []
        assert browser.requests() == {"file"}
        assert browser.run("return window.pwned === undefined")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_scrolls_sideways(browser: Browser, pages: list[Path], width: int) -> None:
    """Names that are one long word break."""
    for page in pages:
        browser.open(page, width=width)
        assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser: Browser, pages: list[Path], *, dark: bool) -> None:
    """Headings, tables, contrasts and names are as they should be."""
    for page in pages:
        browser.open(page, width=390, dark=dark)
        assert _axe.findings(browser) == []
