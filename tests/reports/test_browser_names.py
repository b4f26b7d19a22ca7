"""Names and titles on the page, in a real browser: each word of them in one line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.reports import Measure, Report, worst_first
from tests.reports._results import failed, info, verdict
from tests.reports.test_browser import CASES, WHOLE, written

if TYPE_CHECKING:
    from tests.reports._browser import Browser


def test_a_title_stands_beside_the_id(browser: Browser, tmp_path: Path) -> None:
    """In the row of each case, in the line of its name where there is room, and it is found by its words."""
    browser.open(written(tmp_path, WHOLE), width=1280)
    first = worst_first(CASES)[0]
    assert browser.run("return document.querySelector('#rows .title').textContent") == first.title
    name, title = (
        browser.run(f"return document.querySelector('#rows .{one}').getBoundingClientRect().bottom")
        for one in ("name", "title")
    )
    assert abs(name - title) < 5
    browser.press("/")
    browser.press(first.title)
    assert set(browser.names()) == {case.name for case in CASES if case.title == first.title}


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_word_of_an_evaluators_name_is_broken(browser: Browser, tmp_path: Path, width) -> None:
    """A name may go on in the next line after a sign, and each of its words stands in one line."""
    name = "shop.checks:answer_mentions_the_delivery_window"
    verdicts = (verdict(name, reason="the answer tells no delivery window " * 8), verdict("answer_contains"))
    told = Report(
        results=[failed("a", verdicts=verdicts)], info=info(evaluators=(Measure(name=name, value=1),))
    )
    browser.open(written(tmp_path, told), width=width, fragment="#case-0")
    pieces = browser.run(_PIECES)
    whole = "".join(text for text, _ in pieces)
    assert (whole.count(name), whole.count("answer_contains")) == (2, 1)
    assert [text for text, lines in pieces if lines > 1] == []


_PIECES = """
const found = [];
for (const cell of document.querySelectorAll('.chart th[scope=row], .verdicts tbody td:nth-child(3)')) {
  for (const node of cell.childNodes) if (node.nodeType === 3) {
    const range = document.createRange();
    range.selectNode(node);
    found.push([node.data, new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size]);
  }
}
return found;
"""
